"""One row, large: its text or picture, the truth, and what a model said about it. Used by Data, Results and Try."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from ftstudio.core.samples import Shown
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.samples.probability_bars import ProbabilityBars
from ftstudio.gui.tables.thumbnails import read_picture
from ftstudio.gui.widgets.labels import StatusDot, caption, chip, label

LARGE = 1024


class TextContent(QPlainTextEdit):
    """The text of a row, to be read and copied, not changed."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setProperty("role", "reading")
        self.setAccessibleName(tr("Text"))
        self.setFont(theme.font(theme.SECTION))

    def show_sample(self, shown: Shown, folder: Path) -> None:
        """Show the text."""
        self.setPlainText(shown.text)


class PictureContent(QWidget):
    """The picture of a row, as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QPixmap()
        self.setMinimumHeight(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Picture"))

    def sizeHint(self) -> QSize:
        """Ask for a square."""
        return QSize(260, 260)

    def show_sample(self, shown: Shown, folder: Path) -> None:
        """Show the picture; it is read here, at a size that fits a screen."""
        self._picture = QPixmap.fromImage(read_picture(folder / shown.picture, LARGE)) if shown.picture else QPixmap()
        self.setAccessibleDescription(shown.picture)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it, whole and upright, in the middle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._picture.isNull():
            painter.setPen(theme.current().color("danger"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("This picture cannot be read."))
        else:
            size = self._picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
            painter.drawPixmap(left, top, size.width(), size.height(), self._picture)
        painter.end()


CONTENTS: dict[str, Callable[[], TextContent | PictureContent]] = {"text": TextContent, "image": PictureContent}


class SampleView(QWidget):
    """Shows a `Shown`; `view` is the task's `sample_view` (`text`, `image`)."""

    def __init__(self, view: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = CONTENTS.get(view, TextContent)()
        self._place = caption("")
        self._truth = chip("")
        self._prediction = StatusDot()
        self._answer = label("", "section", wrap=True)
        self.bars = ProbabilityBars()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self._place)
        head.addStretch(1)
        head.addWidget(self._truth)
        column.addLayout(head)
        column.addWidget(self.content, 1)
        column.addWidget(self._prediction)
        column.addWidget(self._answer)
        column.addWidget(self.bars)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Say that no row is chosen."""
        self._place.setText(tr("Select a row to see it whole."))
        self.content.hide()
        for widget in (self._truth, self._prediction, self._answer, self.bars):
            widget.hide()

    def show_sample(self, shown: Shown, folder: Path = Path()) -> None:
        """Show one row; pictures are looked for below `folder` (an absolute path stays as it is)."""
        self.content.show()
        self.content.show_sample(shown, folder)
        self._place.setText(tr("Row {number}").format(number=number(shown.row)) if shown.row else "")
        self._truth.setText(shown.truth)
        self._truth.setVisible(bool(shown.truth))
        self._show_prediction(shown)
        self.bars.show_probabilities(shown.probabilities, shown.truth)

    def _show_prediction(self, shown: Shown) -> None:
        self._prediction.setVisible(bool(shown.prediction and shown.truth))
        self._answer.setVisible(bool(shown.prediction))
        self._answer.setText(shown.prediction)
        if shown.prediction == shown.truth:
            self._prediction.show_state(tr("Right"), "success")
        else:
            self._prediction.show_state(tr("Wrong, it is “{truth}”").format(truth=shown.truth), "danger")
