"""The questions that can be measured, as a list of cards: what each answers, and when it was answered last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.specs import StudySpec, TaskSpec
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.recent_projects import when_in_words
from ftstudio.gui.widgets.card import ClickCard
from ftstudio.gui.widgets.labels import caption, label


class StudyList(QWidget):
    """Emits `chosen(str)` with the study's key."""

    chosen = Signal(str)

    def __init__(self, studies: Sequence[StudySpec]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        self.cards: dict[str, _StudyCard] = {}
        for spec in studies:
            card = _StudyCard(spec)
            card.clicked.connect(lambda key=spec.key: self.chosen.emit(key))
            self.cards[spec.key] = card
            column.addWidget(card)

    @property
    def first(self) -> str:
        """The key of the study shown on top, empty without any."""
        return next(iter(self.cards), "")

    def show_choice(self, key: str) -> None:
        """Mark the study that is shown."""
        for one, card in self.cards.items():
            card.set_selected(one == key)

    def show_task(self, task: TaskSpec) -> None:
        """Leave out the studies that make no sense for this kind of data, or of answer."""
        for card in self.cards.values():
            card.setVisible(task.modality in card.spec.modalities and task.answer in card.spec.answers)

    def show_made(self, made: Mapping[str, str]) -> None:
        """Say when each study was last made; `made` maps keys to ISO times."""
        for key, card in self.cards.items():
            card.show_made(made.get(key, ""))


class _StudyCard(ClickCard):
    def __init__(self, spec: StudySpec) -> None:
        super().__init__(tr(spec.question))
        self.spec = spec
        self.body.setSpacing(2)
        self.add(label(tr(spec.title), "strong", wrap=True))
        self.add(caption(tr(spec.question), wrap=True))
        self._made = caption()
        self.add(self._made)

    def show_made(self, made: str) -> None:
        """Say when it was last made."""
        self._made.setText(tr("measured {when}").format(when=_when(made)) if made else "")
        self._made.setVisible(bool(made))


def _when(made: str) -> str:
    moment = datetime.fromisoformat(made)
    return when_in_words(moment.astimezone().replace(tzinfo=None))
