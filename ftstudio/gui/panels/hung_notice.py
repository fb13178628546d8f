"""Offers to end a run that has stopped answering: nothing is ended unasked, because a slow disk can look the same."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.quantities import duration
from ftstudio.core.translation import tr
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.feedback import Banner

LOOK_MS = 1000


class HungNotice(QWidget):
    """Takes no room while the run answers. After “Wait” it is quiet until the silence has lasted twice as long."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._trainer = session, session.trainer
        self._quiet_until = 0.0
        self.banner: Banner | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self._trainer.state_changed.connect(self.look)

    def look(self) -> None:
        """Show, renew or take away the notice, as things are now."""
        if not self._trainer.seems_hung:
            self._quiet_until = 0.0
            self._take_away()
        elif self._trainer.silence >= self._quiet_until:
            self._say(tr("The training has not answered for {time}.").format(time=duration(self._trainer.silence)))

    def _say(self, words: str) -> None:
        if self.banner is not None:
            self.banner.text_label.setText(words)
            return
        hint = tr("It may be waiting for a busy disk or graphics card, or it may be stuck.")
        self.banner = Banner(words, "warning", hint)
        self.banner.add_button(tr("Wait"), self.wait)
        end = tr("End it (the last checkpoint is kept)") if self._has_checkpoint() else tr("End it")
        self.banner.add_button(end, self._trainer.kill)
        self._column.addWidget(self.banner)
        self.show()

    def _has_checkpoint(self) -> bool:
        return any(run.id == self._trainer.run_id and run.layout.last.exists() for run in self._session.runs)

    def wait(self) -> None:
        """Be quiet for as long again as it has been silent."""
        self._quiet_until = 2 * self._trainer.silence
        self._take_away()

    def _take_away(self) -> None:
        if self.banner is not None:
            self.banner = None
            empty(self._column)
            self.hide()
