"""The shape that every reader of a result relies on: a document of another shape is damaged, or of another program.

Only what is read is looked at, and what is missing is no fault: results of earlier versions have less.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from ftstudio.core.text import Text


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Best(_Part):
    metric: str
    step: int | float
    value: int | float


class _Class(_Part):
    label: str
    rows: int
    precision: int | float
    recall: int | float
    f1: int | float


class _Table(_Part):
    labels: list[str] | None = None
    confusion: list[list[int]] | None = None
    per_class: list[_Class] | None = None
    baseline: dict[str, Any] | None = None


class _Diagnosis(_Part):
    step: int
    advice: dict[str, Any]


class ResultShape(_Part):
    """A `train` document as pages, reports and exports read it."""

    metrics: dict[str, dict[str, Any] | None] | None = None
    tables: dict[str, _Table | None] | None = None
    intervals: dict[str, dict[str, Any] | None] | None = None
    best: _Best | None = None
    labels: list[Any] | None = None
    diagnosis: _Diagnosis | None = None
    kept_because: Text | None = None
    stopped_because: Text | None = None
    forgetting: Text | None = None
    steps: int | float | None = None
    epochs: int | float | None = None
    seconds: int | float | None = None
    samples_per_second: int | float | None = None
    peak_memory_bytes: int | float | None = None
