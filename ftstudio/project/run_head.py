"""The few figures of a result that a list of runs shows, in a small file beside the whole report.

A report holds confusion matrices and can be megabytes; a list of a thousand runs must not read a thousand of them.
The head is removed before its report is replaced and written after it, so that one that is there belongs to the
report beside it; one that is missing, or names another size, is made again from the report when it is read.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ftstudio.project import atomic, strict_json
from ftstudio.project.layout import RunLayout

_LARGEST = 1_000_000


class RunHead(BaseModel):
    """Figures of a result: scores by split and metric, and what the run cost. `report_bytes` is its report's size."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    report_bytes: int
    metrics: dict[str, dict[str, float]] = {}
    epochs: float | None = None
    samples_per_second: float | None = None


def head_of(document: dict[str, Any], report_bytes: int) -> RunHead:
    """Return the head of a `train` document; what is missing or strange in it is left out."""
    scores = document.get("metrics")
    metrics = {
        str(split): {str(key): known for key, value in found.items() if (known := _number(value)) is not None}
        for split, found in (scores.items() if isinstance(scores, dict) else ())
        if isinstance(found, dict)
    }
    return RunHead(
        report_bytes=report_bytes,
        metrics=metrics,
        epochs=_number(document.get("epochs")),
        samples_per_second=_number(document.get("samples_per_second")),
    )


def read_head(run: RunLayout, report_bytes: int) -> RunHead | None:
    """Return the stored head of a report of `report_bytes`; None if there is none that belongs to it."""
    try:
        head = RunHead.model_validate_json(strict_json.read_start(run.head, _LARGEST))
    except (OSError, ValidationError):
        return None
    return head if head.report_bytes == report_bytes else None


def write_head(run: RunLayout, head: RunHead) -> None:
    """Store a head. A disk that refuses is no harm: the head is then read from the report."""
    with suppress(OSError):
        atomic.write_text(run.head, head.model_dump_json() + "\n")


def forget_head(run: RunLayout) -> None:
    """Remove the head, because its report is about to be replaced; raises `OSError` if it cannot be removed."""
    run.head.unlink(missing_ok=True)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
