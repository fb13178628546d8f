"""A piece of advice as a card: icon and sentence first, the evidence below, the remedies as buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from ftstudio.core.advice import Advice, Remedy
from ftstudio.core.translation import N_, tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import IconLabel, label, muted
from ftstudio.gui.widgets.wrapping import WrappingRow

MOODS = {
    "good": ("done", "success", N_("Good")),
    "note": ("info", "accent", N_("Note")),
    "warning": ("warning", "warning", N_("Warning")),
    "error": ("error", "danger", N_("Problem")),
}


class AdviceCard(Card):
    """Emits `chosen(Remedy)` when one of its remedies is pressed.

    Outdated advice does not change data: it names rows that may no longer be the ones it meant.
    """

    chosen = Signal(object)

    def __init__(self, advice: Advice, *, may_act: bool = True, is_outdated: bool = False) -> None:
        super().__init__()
        icon, role, word = MOODS[advice.mood]
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(IconLabel(icon, role), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(theme.XS)
        sentence = label(advice.sentence.render(), "strong", wrap=True, selectable=True)
        words.addWidget(sentence)
        for one in advice.evidence:
            words.addWidget(muted(one.render()))
        row.addLayout(words, 1)
        self.body.addLayout(row)
        self.buttons = [
            self._button(remedy, at, may_act and not (is_outdated and remedy.action == "data"))
            for at, remedy in enumerate(advice.remedies)
        ]
        if self.buttons:
            actions = WrappingRow(indent=theme.XXL)
            for made in self.buttons:
                actions.add(made)
            self.body.addWidget(actions)
        self.setAccessibleName(f"{tr(word)}: {sentence.text()}")

    def _button(self, remedy: Remedy, at: int, may_act: bool) -> QPushButton:
        made = button(remedy.label.render(), "primary" if at == 0 else "", clicked=lambda: self.chosen.emit(remedy))
        made.setEnabled(may_act)
        return made
