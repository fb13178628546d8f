"""What every chart has around its picture: a title, a reading, an empty state, a context menu, a description."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ftstudio.core.errors import StudioError
from ftstudio.core.table_cells import safe_row
from ftstudio.core.translation import tr
from ftstudio.gui import notifications, theme
from ftstudio.gui.save_names import with_ending
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import muted, section
from ftstudio.project import atomic, disk_errors

Row = tuple[object, ...]


class Reading(QLabel):
    """What the crosshair says. Where there is too little room its end is cut, and the tip has all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "caption")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        fitting = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if fitting != self.text() else "")
        self.style().drawItemText(
            painter, self.rect(), int(self.alignment()), self.palette(), True, fitting, self.foregroundRole()
        )


class ChartFrame(Card):
    """Base of charts. A subclass puts its picture into `picture`, calls `set_empty`, and answers `rows` (for CSV)
    and `describe` (its message in words, for screen readers).
    """

    def __init__(self, title: str, empty_text: str, *, margin: int = theme.L) -> None:
        super().__init__(margin=margin)
        self.chart_title = title
        head = QHBoxLayout()
        self._title, self.reading = section(title), Reading()
        self.reading.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._title)
        head.addWidget(self.reading, 1)
        self.body.addLayout(head)
        self._stack = QStackedLayout()
        self.picture = QWidget()
        self.picture_layout = QVBoxLayout(self.picture)
        self.picture_layout.setContentsMargins(0, 0, 0, 0)
        self._empty = muted(empty_text)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addLayout(self._stack, 1)  # before anything is in it: what it shows would be a window of its own
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.picture)
        self.setAccessibleName(title)
        self.setAccessibleDescription(empty_text)

    def set_title(self, title: str) -> None:
        """Change what the chart says it shows."""
        self.chart_title = title
        self._title.setText(title)
        self.setAccessibleName(title)

    def set_empty(self, empty: bool) -> None:
        """Show the empty state or the picture, and renew the description."""
        self._stack.setCurrentIndex(0 if empty else 1)
        self.setAccessibleDescription(self._empty.text() if empty else self.describe())

    @property
    def is_empty(self) -> bool:
        """Whether the empty state is shown."""
        return self._stack.currentIndex() == 0

    def describe(self) -> str:
        """Return the chart's message in words."""
        return self.chart_title

    def rows(self) -> list[Row]:
        """Return the data behind the picture, the header first."""
        return []

    def fit(self) -> None:
        """Show everything; charts that cannot be moved have nothing to do."""

    # Getting it out

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy, save and fit."""
        self.menu().exec(event.globalPos())

    def menu(self) -> QMenu:
        """Return the context menu."""
        menu = QMenu(self)
        entries = (
            (tr("Copy image"), self.copy_image),
            (tr("Save as PNG…"), lambda: self._ask_and_save(".png")),
            (tr("Save as SVG…"), lambda: self._ask_and_save(".svg")),
            (tr("Save as CSV…"), lambda: self._ask_and_save(".csv")),
            (tr("Fit"), self.fit),
        )
        for words, act in entries:
            action = QAction(words, menu)
            action.triggered.connect(lambda _=False, act=act: act())
            menu.addAction(action)
        return menu

    def copy_image(self) -> None:
        """Put a picture of the chart on the clipboard."""
        QApplication.clipboard().setPixmap(self._pixmap())

    def save(self, path: Path) -> None:
        """Write the chart as `.png`, `.svg` or `.csv`, whole or not at all; raises `StudioError` if it cannot be."""
        drawn = {".png": self._as_png, ".svg": self._as_svg, ".csv": self._as_csv}[path.suffix.lower()]()
        try:
            atomic.write_bytes(path, drawn)
        except OSError as error:
            raise disk_errors.explain(error, path) from error

    def _ask_and_save(self, suffix: str) -> None:
        suggestion = "-".join(self.chart_title.lower().split()) + suffix
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Save chart"), suggestion, f"*{suffix}")
        if chosen:
            try:
                self.save(with_ending(Path(chosen), suffix))
            except StudioError as error:
                notifications.centre().error(error)

    def _pixmap(self, scale: int = 2) -> QPixmap:
        made = QPixmap(self.size() * scale)
        made.setDevicePixelRatio(scale)
        made.fill(theme.current().color("surface"))
        self.render(made)
        return made

    def _as_png(self) -> bytes:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._pixmap().save(buffer, "PNG")
        return bytes(buffer.data().data())

    def _as_svg(self) -> bytes:
        buffer, generator, painter = QBuffer(), QSvgGenerator(), QPainter()
        generator.setOutputDevice(buffer)
        generator.setSize(QSize(self.width(), self.height()))
        generator.setViewBox(QRectF(0, 0, self.width(), self.height()))
        generator.setTitle(self.chart_title)
        generator.setDescription(self.accessibleDescription())
        painter.begin(generator)
        self.render(painter, QPoint(0, 0))
        painter.end()
        return bytes(buffer.data().data())

    def _as_csv(self) -> bytes:
        written = io.StringIO(newline="")
        csv.writer(written).writerows(map(safe_row, self.rows()))
        return written.getvalue().encode("utf-8")
