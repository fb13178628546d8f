"""What a job is given: where it works, whom it tells, who may stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.messages import Event, Progress
from ftstudio.core.text import Text, text
from ftstudio.engine.control import Control
from ftstudio.project.store import Project, open_project


@dataclass(frozen=True)
class JobContext:
    """The surroundings of one job. The project is opened for reading; runs are the only thing a job writes."""

    emit: Callable[[Event], None]
    control: Control = field(default_factory=Control)
    folder: Path | None = None

    def project(self) -> Project:
        """Open the project that the request names; raises `InputError` when it names none or a bad one."""
        if self.folder is None:
            raise InputError(text("No project was named."), text("Give the folder of a project."))
        return open_project(self.folder, write=False)

    def progress(self, phase: Text, done: int = 0, total: int | None = None) -> None:
        """Tell how far a phase has come."""
        self.emit(Progress(phase=phase, done=done, total=total))
