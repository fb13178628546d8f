"""The one line under the charts: step, speed, time left, best. Renewed a few times a second, whatever the events."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout

from ftstudio.core.quantities import duration, rate, score
from ftstudio.core.states import RunState
from ftstudio.core.translation import N_, number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.curves import RunCurves
from ftstudio.gui.charts.turns import turns
from ftstudio.gui.trainer import Trainer
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import label, muted

REFRESH_S = 0.2
STATE_WORDS = {
    RunState.PENDING: N_("Starting the worker…"),
    RunState.RUNNING: N_("Training"),
    RunState.PAUSED: N_("Paused"),
    RunState.FINISHED: N_("Finished"),
    RunState.STOPPED: N_("Stopped; the best model is kept"),
    RunState.INTERRUPTED: N_("Interrupted"),
    RunState.FAILED: N_("Failed"),
}


class RunStatusLine(Card):
    """Figures of the run at work."""

    def __init__(self, trainer: Trainer) -> None:
        super().__init__(margin=theme.M)
        self._trainer = trainer
        self.curves = RunCurves()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(tr("Progress of the run"))
        self.state = label("", "strong")
        self.figures = muted("", wrap=False)
        self.figures.setFont(theme.font())
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.state)
        row.addWidget(self.figures, 1)
        column = QVBoxLayout()
        column.setSpacing(theme.S)
        column.addWidget(self.bar)
        column.addLayout(row)
        self.body.addLayout(column)
        self._renewed = 0.0
        turns().join(self._refresh_if_due)
        trainer.state_changed.connect(self.refresh)

    def _refresh_if_due(self) -> bool:
        now = time.monotonic()
        if not self._trainer.is_active or not self.isVisible() or now - self._renewed < REFRESH_S:
            return False
        self._renewed = now
        self.refresh()
        return True

    def refresh(self) -> None:
        """Show the figures as they are now."""
        trainer = self._trainer
        words = tr("Stopping after this step…") if trainer.is_stopping else tr(STATE_WORDS.get(trainer.state, ""))  # type: ignore[arg-type]  # None gives no words
        if trainer.phase is not None and trainer.is_active:
            words = trainer.phase.phase.render()
        self.state.setText(words)
        self.figures.setText("  ·  ".join(self._figures()))
        if trainer.is_active and not trainer.step:
            phase = trainer.phase
            self.bar.setRange(0, (phase.total if phase else 0) or 0)
            self.bar.setValue(phase.done if phase else 0)
        else:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * trainer.share_done()))

    def _figures(self) -> list[str]:
        trainer, parts = self._trainer, []
        if trainer.step:
            step = tr("step {step}/{total}").format(step=number(trainer.step), total=number(trainer.total_steps))
            parts.append(step if trainer.total_steps else tr("step {step}").format(step=number(trainer.step)))
        speed = self.curves.series("train", "samples_per_second").last("step")
        if speed is not None and trainer.is_active:
            parts.append(rate(speed[1]))
        left = trainer.seconds_left()
        if left is not None and trainer.is_active:
            parts.append(tr("{time} left").format(time=duration(left)))
        best = self.curves.best
        if best is not None and best.value is not None:
            parts.append(tr("best {value}").format(value=score(best.value)))
        return parts
