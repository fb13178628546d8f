"""One row, large: its text or picture, the truth, and what a model said about it. Used by Data, Results and Try."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.row_words import name_rows
from ftstudio.core.samples import Explanation, Shown
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.samples.boxed_picture import BoxedContent
from ftstudio.gui.samples.heat_overlay import HeatOverlay
from ftstudio.gui.samples.marked_text import AnswerContent, MarkedContent
from ftstudio.gui.samples.probability_bars import ProbabilityBars
from ftstudio.gui.samples.word_weights import WordWeights
from ftstudio.gui.widgets.labels import StatusDot, caption, chip, label


class Content(Protocol):
    """How one kind of sample is drawn: a widget that a task names by its `sample_view`."""

    def show_sample(self, shown: Shown, folder: Path) -> None:
        """Show a row; pictures are looked for below `folder`."""

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Draw what speaks for an answer onto it; None takes that away."""


class TextContent(WordWeights):
    """The text of a row, to be read and copied, not changed."""

    def show_sample(self, shown: Shown, folder: Path) -> None:
        """Show the text."""
        self.show_text(shown.text)


class WrittenContent(TextContent):
    """A text, and below it the answer that a model learns to write, which may be long."""

    def show_sample(self, shown: Shown, folder: Path) -> None:
        """Show both."""
        answer = tr("Answer: {words}").format(words=shown.truth)
        self.show_text(f"{shown.text}\n\n{answer}" if shown.truth else shown.text)


class PictureContent(HeatOverlay):
    """The picture of a row, as large as there is room."""

    def show_sample(self, shown: Shown, folder: Path) -> None:
        """Show the picture."""
        self.show_picture(folder / shown.picture if shown.picture else None)


WIDE = 560
CONTENTS: dict[str, Callable[[], TextContent | PictureContent | MarkedContent | BoxedContent]] = {
    "text": TextContent,
    "written": WrittenContent,
    "image": PictureContent,
    "spans": MarkedContent,
    "extract": AnswerContent,
    "boxes": BoxedContent,
}


class SampleView(QWidget):
    """Shows a `Shown`; `view` is the task's `sample_view` (`text`, `written`, `image`, `spans`, `extract`,
    `boxes`).
    """

    def __init__(self, view: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = CONTENTS.get(view, TextContent)()
        self._place = caption("")
        self._truth = chip("")
        self._prediction = StatusDot()
        self._answer = label("", "section")
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
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(theme.S)
        self._body.addWidget(self.content, 1)
        self._body.addLayout(self._said(), 0)
        column.addLayout(self._body, 1)
        self.show_nothing()

    def _said(self) -> QVBoxLayout:
        self._below = QVBoxLayout()
        self._below.setSpacing(theme.S)
        answer = QHBoxLayout()
        answer.setSpacing(theme.M)
        answer.addWidget(self._answer)
        answer.addWidget(self._prediction, 1)
        self._below.addLayout(answer)
        self._below.addWidget(self.bars)
        return self._below

    def add_below(self, widget: QWidget) -> None:
        """Put something below what the model said."""
        self._below.addWidget(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is room, what the model said stands beside a picture, so that the picture stays large."""
        super().resizeEvent(event)
        beside = isinstance(self.content, HeatOverlay) and event.size().width() >= WIDE
        directions = QBoxLayout.Direction
        if beside == (self._body.direction() is directions.LeftToRight):
            return
        self._body.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        self._body.setSpacing(theme.L if beside else theme.S)
        self._body.setStretchFactor(self._below, 1 if beside else 0)
        if beside:
            self._below.addStretch(1)
        else:
            self._below.takeAt(self._below.count() - 1)

    def show_nothing(self) -> None:
        """Say that no row is chosen."""
        self._place.setText(name_rows(tr("Select a row to see it whole.")))
        self.content.hide()
        for widget in (self._truth, self._prediction, self._answer, self.bars):
            widget.hide()

    def show_sample(self, shown: Shown, folder: Path = Path()) -> None:
        """Show one row; pictures are looked for below `folder` (an absolute path stays as it is)."""
        self.content.show()
        self.content.show_sample(shown, folder)
        self._place.setText(name_rows(tr("Row {number}")).format(number=number(shown.row)) if shown.row else "")
        self._truth.setText(shown.truth)
        self._truth.setVisible(
            bool(shown.truth) and not isinstance(self.content, MarkedContent | WrittenContent | BoxedContent)
        )
        self._show_prediction(shown)
        self.bars.show_probabilities(shown.probabilities, shown.truth)

    def _show_prediction(self, shown: Shown) -> None:
        self._prediction.setVisible(bool(shown.prediction and shown.truth))
        self._answer.setVisible(bool(shown.prediction))
        self._answer.setText(shown.prediction if shown.known else tr("Does not know"))
        if not shown.known:
            words = tr("Its best guess is “{guess}”, true is “{truth}”")
            self._prediction.show_state(words.format(guess=shown.prediction, truth=shown.truth), "muted")
        elif shown.prediction == shown.truth:
            self._prediction.show_state(tr("Right"), "success")
        else:
            self._prediction.show_state(tr("Wrong, it is “{truth}”").format(truth=shown.truth), "danger")
