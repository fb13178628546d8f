"""What the doctor says of a run, as a banner: its sentence, what can be done as buttons, and why at a click.

A remedy that is taken is noted with the run that it was offered for.
"""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ftstudio.core import catalog
from ftstudio.core.advice import Advice, Remedy
from ftstudio.core.messages import Diagnosed
from ftstudio.core.translation import number, tr
from ftstudio.gui import icons, remedies, theme
from ftstudio.gui.panels.advice_card import MOODS
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.labels import IconLabel, label, muted

_STATES = {"good": "success", "note": "note", "warning": "warning", "error": "danger"}


class DoctorBanner(QFrame):
    """Hidden while there is no verdict. `run_id` is the run that is spoken of."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.run_id = ""
        self.advice: Advice | None = None
        self._taken: set[str] = set()
        self.setProperty("role", "banner")
        words = QVBoxLayout(self)
        words.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        words.setSpacing(theme.XS)
        words.addLayout(self._headline())
        self._evidence, self._actions = QWidget(), QWidget()
        self._reasons, self._buttons = QVBoxLayout(self._evidence), QHBoxLayout(self._actions)
        for holder, spacing in ((self._evidence, 2), (self._actions, theme.S)):
            inner = holder.layout()
            assert inner is not None
            inner.setContentsMargins(icons.SIZE + theme.M, 0, 0, theme.XS)
            inner.setSpacing(spacing)
            words.addWidget(holder)
        self.hide()

    def _headline(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        self._icon = IconLabel()
        row.addWidget(self._icon)
        self.sentence = label("", "strong", wrap=True, selectable=True)
        self.why = button(tr("Why?"), "link", clicked=self._open_evidence)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.why)
        return row

    def show_verdict(self, told: Diagnosed | None, run_id: str = "", *, active: bool = False) -> None:
        """Show a verdict, or nothing; `active` says whether the run is still at work, so that it can be stopped."""
        before = (self.run_id, self.advice.code if self.advice is not None else "")
        advice = told.advice[0] if told is not None and told.advice else None
        self.advice, self.run_id = advice, run_id
        self.setVisible(advice is not None)
        if told is None or advice is None:
            return
        icon, role, word = MOODS[advice.mood]
        self._icon.show_icon(icon, role)
        theme.restyle(self, state=_STATES[advice.mood])
        self.sentence.setText(advice.sentence.render())
        self.setAccessibleName(f"{tr(word)}: {self.sentence.text()}")
        if before != (run_id, advice.code):
            self._evidence.hide()
            self._taken.clear()
        self._show_evidence(advice, told.step)
        self._offer(advice, active=active)

    def _show_evidence(self, advice: Advice, step: int) -> None:
        empty(self._reasons)
        self._reasons.addWidget(muted(tr("Measured at step {step}:").format(step=number(step))))
        for one in advice.evidence:
            self._reasons.addWidget(muted(f"· {one.render()}"))
        self.why.setVisible(bool(advice.evidence))

    def _open_evidence(self) -> None:
        self._evidence.setVisible(self._evidence.isHidden())

    def _offer(self, advice: Advice, *, active: bool) -> None:
        empty(self._buttons)
        offered = [remedy for remedy in advice.remedies if _possible(remedy, active=active)]
        for at, remedy in enumerate(offered):
            self._buttons.addWidget(self._button(remedy, "primary" if at == 0 and remedy.action == "stop" else ""))
        self._buttons.addStretch(1)
        self._actions.setVisible(bool(offered) and not self._session.only_looking)

    def _button(self, remedy: Remedy, kind: str) -> QPushButton:
        made = button(remedy.label.render(), kind, tip=_tip(remedy))
        made.setEnabled(remedy.name not in self._taken)
        made.clicked.connect(lambda: self._take(remedy, made))
        return made

    def _take(self, remedy: Remedy, pressed: QPushButton) -> None:
        pressed.setEnabled(False)
        self._taken.add(remedy.name)
        if self.advice is not None:
            self._session.note_remedy(self.run_id, self.advice, remedy)
        remedies.apply(self._session, remedy)


def _tip(remedy: Remedy) -> str:
    return tr("Changes the settings of the next run.") if remedy.action == "settings" else ""


def _possible(remedy: Remedy, *, active: bool) -> bool:
    if remedy.action == "stop":
        return active
    return remedy.action != "study" or remedy.values.get("study") in catalog.studies()
