"""After a worker's end: judge it, and make the run on disk say the same."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ftstudio.core.errors import StudioError
from ftstudio.project import atomic, runs
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.schema import now
from ftstudio.supervisor.outcome import Evidence, Outcome, judge


def settle(project: Path | None, evidence: Evidence, exit_code: int | None) -> Outcome:
    """Return the outcome of a worker that has ended, after correcting the status of its run. Never raises."""
    run = run_of(project, evidence.run)
    if run is None:
        return judge(evidence, exit_code)
    for folder in (run.best, run.last, run.model):
        with suppress(OSError):
            atomic.recover_folder(folder)
    outcome = judge(_with_disk(evidence, run), exit_code)
    with suppress(StudioError):
        _correct_status(run, evidence, outcome)
    return outcome


def run_of(project: Path | None, run_id: str | None) -> RunLayout | None:
    """Return the folder of a worker's run; None if it has none or names one that does not exist."""
    if project is None or run_id is None:
        return None
    with suppress(StudioError):
        run = ProjectLayout(project).run(run_id)
        return run if run.root.is_dir() else None
    return None


def _with_disk(evidence: Evidence, run: RunLayout) -> Evidence:
    return replace(evidence, can_resume=run.last.is_dir())


def _correct_status(run: RunLayout, evidence: Evidence, outcome: Outcome) -> None:
    """A worker that could write its own end did so; one that died left a status that claims it is at work."""
    status = runs.read_status(run)
    if not runs.claims_to_work(status):
        return
    corrected = {
        "state": outcome.state,
        "pid": None,
        "process_started": None,
        "step": max(status.step, evidence.step),
        "message": outcome.message,
        "hint": outcome.hint,
        "ended": now(),
    }
    runs.write_status(run, status.model_copy(update=corrected))
