"""Writes down a run while it goes: its request, its events, how it stands, its end. Only the main process writes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil

from ftstudio.core.errors import CancelledError, ErrorDocument, StudioError
from ftstudio.core.messages import Changed, Event, Kept, Measured, Recorded, Remark
from ftstudio.core.states import RunState
from ftstudio.core.text import text
from ftstudio.engine.learning.state import TrainingState
from ftstudio.project import runs
from ftstudio.project.journal import Journal
from ftstudio.project.layout import RunLayout
from ftstudio.project.schema import now

SECONDS_BETWEEN = 5.0


class Recorder:
    """The run's own memory: `emit` passes events on and keeps those that belong to the record."""

    def __init__(self, run: RunLayout, emit: Callable[[Event], None]) -> None:
        self.run, self._emit = run, emit
        self._status = runs.read_status(run)
        self._journal = Journal(run.metrics, self._journal_failed)
        self._written = 0.0
        self._before: list[Recorded] | None = []

    def begin(self, state: TrainingState) -> None:
        """Note that this process is at work on the run from `state` on."""
        # What will be measured again is forgotten: without a checkpoint everything, the check before step 1 too.
        self._journal.drop_after(state.step or -1)
        self._write_down()
        self._change(
            state=RunState.RUNNING,
            pid=os.getpid(),
            process_started=psutil.Process().create_time(),
            step=state.step,
            total_steps=state.total_steps,
            started=self._status.started or now(),
            ended=None,
            message=None,
            hint=None,
        )

    def emit(self, event: Event) -> None:
        """Pass an event on; record it if it belongs to the run."""
        self._emit(event)
        if isinstance(event, Recorded) and self._before is not None:
            self._before.append(event)
        elif isinstance(event, Recorded):
            self._journal.append(event)
        if isinstance(event, Measured) and event.split == "train":
            self._stand(event)
        elif isinstance(event, Changed):
            self._change(state=event.state, step=event.step)
        elif isinstance(event, Kept) and event.which == "best" and event.value is not None:
            best = runs.BestValue(step=event.step, metric=event.metric, value=event.value)
            self._change(best=best, step=event.step)

    def finish(self, document: dict[str, Any]) -> None:
        """Store the result and that the run has ended well."""
        runs.write_report(self.run, runs.RunReport(document=document))
        state = RunState(document["state"])
        self._emit(Changed(state=state, step=document["steps"]))
        self._change(state=state, step=document["steps"], seconds=document["seconds"], pid=None, ended=now())

    def fail(self, error: BaseException) -> None:
        """Store that and why the run has failed (or was cancelled); what was kept before stays.

        A run that had a result and could not go on stays what it was: its model can still be used.
        """
        if self._status.state.has_result:
            return
        told = ErrorDocument.of(error)
        state = RunState.INTERRUPTED if isinstance(error, CancelledError) else RunState.FAILED
        self._change(state=state, pid=None, ended=now(), message=told.message, hint=told.hint)

    def close(self) -> None:
        """End the record."""
        self._write_down()
        self._journal.close()

    def _write_down(self) -> None:
        """Record what was told before the run began, which dropping what it measures again must not take away."""
        for event in self._before or ():
            self._journal.append(event)
        self._before = None

    def _stand(self, event: Measured) -> None:
        if time.monotonic() - self._written >= SECONDS_BETWEEN:
            self._change(step=event.step, seconds=event.seconds)

    def _change(self, **values: Any) -> None:
        """Note how the run stands; on a full disk it goes on all the same, and its supervisor corrects the file."""
        self._status = self._status.model_copy(update=values)
        with suppress(StudioError):
            runs.write_status(self.run, self._status)
        self._written = time.monotonic()

    def _journal_failed(self, error: OSError) -> None:
        self._emit(
            Remark(
                severity="warning",
                code="journal_failed",
                text=text("The curves can no longer be recorded ({reason}); training goes on.", reason=str(error)),
            )
        )
