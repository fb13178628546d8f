"""What was asked since the project was opened, newest first, to be brought back; it is never written to disk."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem

from ftstudio.core.quantities import percent
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.trying.questions import Question, in_words

MOST = 100
_QUESTION = Qt.ItemDataRole.UserRole


class History(QListWidget):
    """A list of questions with their answers; `chosen` carries the question that was picked."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Asked before"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setProperty("role", "plain")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemActivated.connect(self._choose)
        self.itemClicked.connect(self._choose)

    def note(self, question: Question, answers: list[dict[str, Any]], *, writes: bool = False) -> None:
        """Remember a question, and whether its answer is a text that the model `writes`.

        One that goes on from the newest (typing) takes its place.
        """
        if self.count() and _goes_on(self.item(0).data(_QUESTION), question):
            self.takeItem(0)
        item = QListWidgetItem(f"{_in_words(answers, writes=writes)}  ·  {in_words(question)}")
        item.setData(_QUESTION, question)
        item.setToolTip(in_words(question))
        item.setSizeHint(QSize(0, theme.TARGET))
        self.insertItem(0, item)
        while self.count() > MOST:
            self.takeItem(self.count() - 1)

    def questions(self) -> list[Question]:
        """Return what was asked, newest first."""
        return [self.item(at).data(_QUESTION) for at in range(self.count())]

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(_QUESTION))


def _in_words(answers: list[dict[str, Any]], *, writes: bool) -> str:
    nothing = tr("The model wrote nothing.") if writes else tr("nothing found")
    told = []
    for answer in answers:
        label = str(answer.get("label", ""))
        if not answer.get("probabilities"):
            told.append(label or nothing)
            continue
        if answer.get("number") is not None or answer.get("labels"):
            told.append(label)
            continue
        share = float((answer.get("probabilities") or {}).get(label, 0.0))
        shown = label if answer.get("known", True) else tr("don't know")
        told.append(f"{shown} {percent(share)}")
    return " | ".join(told)


def _goes_on(before: Question, now: Question) -> bool:
    """Whether `now` is `before` typed on (or shortened): one entry for a text, not one for each letter."""
    if "text" not in before or "text" not in now or before.get("text_pair") != now.get("text_pair"):
        return before == now
    return str(now["text"]).startswith(str(before["text"])) or str(before["text"]).startswith(str(now["text"]))
