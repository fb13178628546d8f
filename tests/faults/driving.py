"""Drives real training runs in real workers, to break them at a chosen step."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ftstudio.core.messages import Changed, Event, Measured, Pause, Request, Resume
from ftstudio.core.states import RunState
from ftstudio.project import runs
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.supervisor.outcome import Outcome
from ftstudio.supervisor.process import Worker


class Driver:
    """One worker that trains the project in `root`; `resume` is the id of a run to go on with."""

    def __init__(self, root: Path, resume: str | None = None) -> None:
        self.layout = ProjectLayout(root)
        self.worker = Worker()
        self.events: list[Event] = []
        options: dict[str, Any] = {"resume": resume} if resume else {}
        self.worker.start(Request(job="train", project=root, options=options))
        self._incoming = self.worker.events()

    def until_step(self, step: int) -> None:
        """Read on until the run has done at least `step` steps."""
        self._until(lambda event: isinstance(event, Measured) and event.split == "train" and event.step >= step)

    def save_by_pausing(self) -> int:
        """Have the run write its last checkpoint now and hold; returns the step it holds at."""
        self.worker.send(Pause())
        event = self._until(lambda event: isinstance(event, Changed) and event.state is RunState.PAUSED)
        assert isinstance(event, Changed)
        return event.step

    def go_on(self) -> None:
        """Let a held run go on."""
        self.worker.send(Resume())

    def end(self) -> Outcome:
        """Read to the end and return the outcome."""
        self.events += self._incoming
        return self.worker.outcome()

    def close(self) -> None:
        """Make sure that nothing runs on."""
        self.worker.kill()
        self.worker.wait(20)

    @property
    def run(self) -> RunLayout:
        """The run at work, the newest of the project."""
        return runs.list_runs(self.layout)[0].layout

    def _until(self, wanted: Any) -> Event:
        for event in self._incoming:
            self.events.append(event)
            if wanted(event):
                return event
        raise AssertionError(f"the worker ended: {self.worker.outcome()}")


def digest(run: RunLayout) -> dict[str, str]:
    """Return the hashes of a run's final weights: the model's and the last checkpoint's."""
    files = [*sorted(run.model.glob("*.safetensors")), *sorted(run.last.glob("*.safetensors"))]
    assert [path.name for path in files] == ["model.safetensors", "weights.safetensors"], "an ended run has just these"
    return {str(path.relative_to(run.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def curve(run: RunLayout) -> list[tuple[str, int, float]]:
    """Return what the record says about the losses: split, step, loss."""
    from ftstudio.project.journal import read_events

    measured = [event for event in read_events(run.metrics) if isinstance(event, Measured)]
    return [(event.split, event.step, event.values["loss"]) for event in measured if event.split != "test"]
