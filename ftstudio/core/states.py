"""The states that a run and a stage of the window can be in."""

from __future__ import annotations

from enum import StrEnum

from ftstudio.core.translation import N_


class RunState(StrEnum):
    """Where a run stands. `interrupted` means its process ended without a word; it can be resumed."""

    PENDING = N_("pending")
    RUNNING = N_("running")
    PAUSED = N_("paused")
    FINISHED = N_("finished")
    STOPPED = N_("stopped")
    INTERRUPTED = N_("interrupted")
    FAILED = N_("failed")

    @property
    def is_active(self) -> bool:
        """Whether a worker is (or claims to be) at work on it."""
        return self in (RunState.RUNNING, RunState.PAUSED)

    @property
    def has_result(self) -> bool:
        """Whether it ended in a way that left a usable model."""
        return self in (RunState.FINISHED, RunState.STOPPED)

    @property
    def can_resume(self) -> bool:
        """Whether it may be continued from its last checkpoint."""
        return self in (RunState.INTERRUPTED, RunState.STOPPED, RunState.FAILED)


class Split(StrEnum):
    """The part of a data set a row belongs to."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class StageState(StrEnum):
    """How a stage of the window stands, shown in the rail."""

    EMPTY = "empty"
    READY = "ready"
    WARNING = "warning"
    DONE = "done"
    ACTIVE = "active"
