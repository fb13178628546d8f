"""The three presets as cards: what each is for, and what it will cost on this computer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QWidget

from ftstudio.core.quantities import byte_size, duration
from ftstudio.core.settings import PRESETS
from ftstudio.core.translation import N_, tr
from ftstudio.gui import theme
from ftstudio.gui.panels.estimate import Estimate
from ftstudio.gui.widgets.card import ClickCard
from ftstudio.gui.widgets.labels import caption, muted, section

TITLES = {"quick": N_("Quick"), "balanced": N_("Balanced"), "thorough": N_("Thorough")}
SUMMARIES = {
    "quick": N_("A first answer: does this data teach anything?"),
    "balanced": N_("The best score for a sensible wait. Start here."),
    "thorough": N_("More passes and more checks, for the last points."),
}


class PresetCards(QWidget):
    """Emits `chosen(str)` with the preset's key."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.M)
        self.cards: dict[str, PresetCard] = {}
        for key in PRESETS:
            card = PresetCard(tr(TITLES[key]), tr(SUMMARIES[key]))
            card.clicked.connect(lambda key=key: self.chosen.emit(key))
            self.cards[key] = card
            self._layout.addWidget(card)
        self._layout.addStretch(1)

    def lay_out(self, upright: bool) -> None:
        """Put the cards below each other, or side by side where the window is narrow."""
        direction = QBoxLayout.Direction.TopToBottom if upright else QBoxLayout.Direction.LeftToRight
        self._layout.setDirection(direction)
        for at, card in enumerate(self.cards.values()):
            self._layout.setStretch(at, 0 if upright else 1)
            card.summary.setVisible(upright)
        self._layout.setStretch(self._layout.count() - 1, 1 if upright else 0)

    def show_choice(self, preset: str) -> None:
        """Mark the preset in force."""
        for key, card in self.cards.items():
            card.show_chosen(key == preset)

    def show_estimates(self, estimates: dict[str, Estimate]) -> None:
        """Show what each preset would cost; nothing where it is not known yet."""
        for key, card in self.cards.items():
            card.show_estimate(estimates.get(key))


class PresetCard(ClickCard):
    """One preset."""

    def __init__(self, title: str, summary: str) -> None:
        super().__init__(title)
        self.setMinimumWidth(120)
        self._title, self._summary = title, summary
        self.cost = caption("", wrap=True)
        self.body.setSpacing(theme.XS)
        self.body.addWidget(section(title))
        self.summary = muted(summary)
        self.setToolTip(summary)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.cost)

    def show_chosen(self, chosen: bool) -> None:
        """Show whether this preset is in force."""
        self.set_selected(chosen)
        state = tr("chosen") if chosen else tr("not chosen")
        self.setAccessibleName(f"{self._title}: {self._summary} {self.cost.text()} ({state})")

    def show_estimate(self, estimate: Estimate | None) -> None:
        """Show the cost of a run."""
        words = ""
        if estimate is not None:
            words = tr("about {time}, {memory}").format(
                time=about(estimate.seconds), memory=byte_size(rounded_bytes(estimate.memory_bytes))
            )
        self.cost.setText(words)
        self.cost.setVisible(bool(words))


def about(seconds: float) -> str:
    """Write an estimated time as roughly as it is known: `35 s`, `5 min`, `1 h 20 min`."""
    return duration(rounded(seconds)).removesuffix(" 0 s").removesuffix(" 0 min").replace(".0 s", " s")


def rounded(seconds: float) -> float:
    """Round a time as roughly as an estimate is known: to 5 s, 30 s, 1 min, 5 min."""
    for limit, step in ((60, 5), (300, 30), (1800, 60)):
        if seconds < limit:
            return max(step, round(seconds / step) * step)
    return round(seconds / 300) * 300


def rounded_bytes(count: int) -> int:
    """Round a memory as roughly as an estimate is known: to 50 MB, above 1 GB to 100 MB."""
    step = 50_000_000 if count < 1_000_000_000 else 100_000_000
    return max(step, round(count / step) * step)
