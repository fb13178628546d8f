"""The result of a run as the pages read it: the `train` document with its tables, forgiving about what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ftstudio.core.messages import Diagnosed
from ftstudio.core.metrics import shown_title
from ftstudio.core.quantities import percent, score
from ftstudio.core.row_words import name_rows
from ftstudio.core.specs import TaskSpec
from ftstudio.core.text import Text
from ftstudio.core.translation import number, tr
from ftstudio.planning.quality.intervals import of_share

SPLITS = ("test", "validation")


@dataclass(frozen=True)
class Headline:
    """The one big number: the share of right answers where the task has it, else the one that the task is known by.
    `metric` is its name alone.

    `interval` is a 95 % Wilson interval written out, `baseline` what always answering the commonest label scores.
    """

    title: str
    value: str
    rows: str
    split: str
    split_title: str
    interval: str = ""
    baseline: str = ""
    baseline_label: str = ""
    metric: str = ""


@dataclass(frozen=True)
class ClassRow:
    """One line of the per-class table."""

    label: str
    rows: int
    precision: float
    recall: float
    f1: float


class RunDocument:
    """Reads a `train` document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def splits(self) -> list[str]:
        """Return the splits that were scored, the test rows first."""
        return [split for split in SPLITS if self.metrics(split)]

    def metrics(self, split: str) -> dict[str, float]:
        """Return the scores on a split."""
        found = self._document.get("metrics", {}).get(split) or {}
        return {key: float(value) for key, value in found.items() if isinstance(value, int | float)}

    def interval(self, split: str, metric: str) -> tuple[float, float] | None:
        """Return between what a score lies 95 times of 100; None for runs from before that was worked out."""
        found = ((self._document.get("intervals") or {}).get(split) or {}).get(metric)
        return (float(found[0]), float(found[1])) if isinstance(found, list) and len(found) == 2 else None

    def sentence(self, key: str) -> str:
        """Return a sentence of the document, as `kept_because`, in the reader's language."""
        written = self._document.get(key)
        return Text.model_validate(written).render() if isinstance(written, dict) else ""

    def verdict(self) -> Diagnosed | None:
        """Return what the doctor held of the run when it ended, None if it held nothing or was not there yet."""
        written = self._document.get("diagnosis")
        return Diagnosed(step=written["step"], advice=(written["advice"],)) if written else None

    def labels(self, split: str) -> list[str]:
        """Return the class names in the order of the confusion matrix."""
        return list(self._tables(split).get("labels") or self._document.get("labels") or [])

    def confusion(self, split: str) -> list[list[int]]:
        """Return counts by true (first) and predicted (second) class."""
        return list(self._tables(split).get("confusion") or [])

    def classes(self, split: str) -> list[ClassRow]:
        """Return the per-class table."""
        return [
            ClassRow(str(row["label"]), int(row["rows"]), *(float(row[key]) for key in ("precision", "recall", "f1")))
            for row in self._tables(split).get("per_class") or []
        ]

    def thresholds(self, split: str) -> dict[str, float] | None:
        """Return from which probability on each label was given in these figures; None where a row has one label."""
        found = self._tables(split).get("thresholds")
        return {str(label): float(at) for label, at in found.items()} if isinstance(found, dict) else None

    def rows(self, split: str) -> int:
        """Return how many rows of a split were scored."""
        stated = self._tables(split).get("rows")
        if isinstance(stated, int):
            return stated
        return sum(row.rows for row in self.classes(split)) or sum(map(sum, self.confusion(split)))

    def headline(self, task: TaskSpec | None, split: str = "") -> Headline:
        """Return the big number of a split (default: the test rows where there are any)."""
        chosen = split or next(iter(self.splits()), "validation")
        key = self.headline_metric(task, chosen)
        metrics, rows = self.metrics(chosen), self.rows(chosen)
        about = {"rows": number(rows), "split": chosen, "split_title": split_title(chosen)}
        if key == "accuracy":
            baseline = self._tables(chosen).get("baseline") or {}
            return Headline(
                title=tr("Right answers:"),
                metric=tr("Right answers:"),
                value=percent(metrics["accuracy"], 1),
                interval=_interval(metrics["accuracy"], rows),
                baseline=percent(float(baseline["accuracy"]), 1) if "accuracy" in baseline else "",
                baseline_label=str(baseline.get("label", "")),
                **about,
            )
        title = name_rows(tr("{metric} on {rows} {split} rows")).format(
            metric=shown_title(key), rows=about["rows"], split=about["split_title"]
        )
        between = self.interval(chosen, key)
        told = (
            tr("{low} to {high} with 95 % certainty").format(low=score(between[0]), high=score(between[1]))
            if between
            else ""
        )
        named = f"{shown_title(key)}:"
        return Headline(title=title, value=score(metrics[key]) if key else "–", interval=told, metric=named, **about)

    def headline_metric(self, task: TaskSpec | None, split: str) -> str:
        """Return the key of the metric that is the big number of a split; "" where nothing was scored."""
        metrics = self.metrics(split)
        wanted = ["accuracy", *([task.headline, task.monitor] if task is not None else []), *metrics]
        return next((key for key in wanted if key in metrics), "")

    def figures(self) -> dict[str, Any]:
        """Return what else is worth a line: steps, seconds, speed, memory, device."""
        keys = (
            "steps",
            "seconds",
            "samples_per_second",
            "peak_memory_bytes",
            "device",
            "training_rows",
            "pictures_left_out",
        )
        return {key: self._document[key] for key in keys if self._document.get(key)}

    def _tables(self, split: str) -> dict[str, Any]:
        found = self._document.get("tables", {}).get(split)
        return found if isinstance(found, dict) else {}


def split_title(split: str) -> str:
    """Return the name of a split in the reader's language."""
    return {"train": tr("training"), "validation": tr("validation"), "test": tr("test")}.get(split, split)


def _interval(share: float, count: int) -> str:
    if not count:
        return ""
    low, high = of_share(share, count)
    return tr("{low} to {high} with 95 % certainty").format(low=percent(low), high=percent(high))
