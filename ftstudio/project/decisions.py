"""How the model of a run decides, stored beside it: `runs/<id>/decision.json`. Without the file it is as trained."""

from __future__ import annotations

from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.project import atomic, disk_errors, strict_json
from ftstudio.project.layout import RunLayout

__all__ = ["Decision", "read_decision", "write_decision"]


def read_decision(run: RunLayout) -> Decision:
    """Return what was chosen for a run; raises `InputError` if the file is damaged."""
    return strict_json.read_model(run.decision, Decision) if run.decision.exists() else AS_TRAINED


def write_decision(run: RunLayout, decision: Decision) -> None:
    """Store what was chosen for a run, whole or not at all; raises `StudioError` if it cannot be written."""
    try:
        atomic.write_text(run.decision, decision.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise disk_errors.explain(error, run.decision) from error
