"""What is looked for among the runs: words, how they stand, and whether they have a star."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from ftstudio.core.states import RunState
from ftstudio.core.translation import tr
from ftstudio.gui import icons, theme
from ftstudio.gui.widgets.buttons import Segmented, button

_STATES: dict[str, tuple[str, ...]] = {
    "all": (),
    "result": tuple(state.value for state in RunState if state.has_result),
    "work": (RunState.PENDING.value, RunState.RUNNING.value, RunState.PAUSED.value),
    "broken": (RunState.FAILED.value, RunState.INTERRUPTED.value),
}


class RunFilters(QWidget):
    """Emits `changed` when something else is looked for; `words`, `states` and `starred` say what."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Name, method, model or notes"))
        self.search.setAccessibleName(tr("Search the runs"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(280)
        titles = {
            "all": tr("All"),
            "result": tr("With result"),
            "work": tr("At work"),
            "broken": tr("Ended badly"),
        }
        self.choice = Segmented(titles, "all", tr("Runs to show"))
        self.star = button(tr("Starred"), icon="star")
        self.star.setCheckable(True)
        row.addWidget(self.search, 1)
        row.addWidget(self.choice)
        row.addWidget(self.star)
        self.search.textChanged.connect(lambda _: self.changed.emit())
        self.choice.changed.connect(lambda _: self.changed.emit())
        self.star.toggled.connect(self._show_star)

    @property
    def words(self) -> str:
        """The words that must occur."""
        return self.search.text()

    @property
    def states(self) -> tuple[str, ...]:
        """The states looked for; empty means any."""
        return _STATES[self.choice.value() or "all"]

    @property
    def starred(self) -> bool:
        """Whether only runs with a star are looked for."""
        return self.star.isChecked()

    def clear(self) -> None:
        """Look for nothing in particular."""
        self.search.clear()
        self.choice.choose("all")
        self.star.setChecked(False)
        self.changed.emit()

    def _show_star(self, checked: bool) -> None:
        self.star.setIcon(icons.icon("star-filled" if checked else "star", "warning" if checked else "text"))
        self.changed.emit()
