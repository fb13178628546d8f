"""Turns the end of a worker, whatever it was, into a state, a sentence and a next step.

The worker's own last word counts most. Without one, what the supervisor did itself, the exit code and the last
lines of the log tell what most likely happened (`causes`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ftstudio.core import catalog
from ftstudio.core.errors import CancelledError, ErrorDocument
from ftstudio.core.messages import Changed, Event, Failed, Finished, Kept, Measured, Started
from ftstudio.core.states import RunState
from ftstudio.core.text import Text, text
from ftstudio.supervisor import causes


@dataclass(frozen=True)
class Outcome:
    """How a worker ended. `document` is its result, `error` its own error, `details` the tail of its log."""

    state: RunState
    message: Text
    hint: Text | None = None
    document: dict[str, Any] | None = None
    error: ErrorDocument | None = None
    details: str = ""

    @property
    def is_good(self) -> bool:
        """Whether there is a result."""
        return self.document is not None


@dataclass(frozen=True)
class Evidence:
    """What is known about a worker: what it said so far and what was done to it.

    `kept_step` is that of the newest checkpoint to resume from; `can_resume` whether one is on disk, of whatever step.
    """

    job: str = ""
    run: str | None = None
    step: int = 0
    kept_step: int | None = None
    can_resume: bool = False
    finished: dict[str, Any] | None = None
    failed: ErrorDocument | None = None
    asked_to_stop: bool = False
    ended_by_us: bool = False
    hung: bool = False
    log_tail: tuple[str, ...] = ()

    def with_event(self, event: Event) -> Evidence:
        """Return what is known after one more event."""
        read = _READERS.get(type(event))
        return self if read is None else replace(self, **read(self, event))


def judge(evidence: Evidence, exit_code: int | None) -> Outcome:
    """Return the outcome of a worker that ended with `exit_code` (negative: the signal that ended it)."""
    if evidence.finished is not None:
        return _done(evidence, evidence.finished)
    if evidence.failed is not None:
        return _failed(evidence, evidence.failed)
    if evidence.asked_to_stop and not evidence.run:
        return Outcome(RunState.STOPPED, CancelledError().message, details=_tail(evidence))
    cause = _cause(evidence, exit_code)
    return Outcome(
        state=RunState.INTERRUPTED if evidence.run else RunState.FAILED,
        message=text(cause.template, where=_place(evidence), code=str(exit_code)),
        hint=text("{first} {second}", first=_what_is_kept(evidence), second=cause.next_step(trains=_trains(evidence))),
        details=_tail(evidence),
    )


def _done(evidence: Evidence, document: dict[str, Any]) -> Outcome:
    known = {state.value for state in RunState}
    state = RunState(document["state"]) if document.get("state") in known else RunState.FINISHED
    message = text("Stopped; the best model is kept.") if state is RunState.STOPPED else text("Done.")
    return Outcome(state, message, document=document, details=_tail(evidence))


def _failed(evidence: Evidence, error: ErrorDocument) -> Outcome:
    was_cancelled = error.message.template == CancelledError().message.template
    state = RunState.STOPPED if was_cancelled else RunState.FAILED
    return Outcome(state, error.message, error.hint, error=error, details=error.details or _tail(evidence))


def _cause(evidence: Evidence, exit_code: int | None) -> causes.Cause:
    if evidence.ended_by_us:
        return causes.HUNG if evidence.hung else causes.TOO_SLOW
    return causes.find(exit_code, evidence.log_tail)


def _trains(evidence: Evidence) -> bool:
    """Whether the settings of a training have a part in it: a run, and what studies measure."""
    return bool(evidence.run) or evidence.job in ("", "train") or evidence.job in catalog.studies()


def _place(evidence: Evidence) -> Text:
    if evidence.step:
        return text("at step {step}", step=evidence.step)
    return text("before the first step") if evidence.run else text("while it worked")


def _what_is_kept(evidence: Evidence) -> Text:
    if evidence.kept_step is not None:
        return text("Nothing was lost: resuming goes on from step {step}.", step=evidence.kept_step)
    if evidence.can_resume:
        return text("Nothing was lost: resuming goes on from the last checkpoint.")
    if evidence.run:
        return text("The run had not saved a checkpoint yet; start it again.")
    return text("Nothing was lost.")


def _tail(evidence: Evidence) -> str:
    return "\n".join(evidence.log_tail)


_READERS: dict[type[Any], Callable[[Evidence, Any], dict[str, Any]]] = {
    Started: lambda known, event: {"job": event.job, "run": event.run or known.run},
    Measured: lambda known, event: {"step": max(known.step, event.step)},
    Kept: lambda known, event: {"kept_step": event.step} if event.which == "last" else {},
    Changed: lambda known, event: {"step": max(known.step, event.step)},
    Finished: lambda known, event: {"finished": event.document},
    Failed: lambda known, event: {"failed": event.error},
}
