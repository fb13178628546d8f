"""Which of some runs is better on the same rows, and whether that is more than chance, in a sentence for each pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftstudio.core.errors import InputError
from ftstudio.core.metrics import ONE_LABEL
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets.store import Dataset
from ftstudio.planning import comparison
from ftstudio.planning.comparison import METRICS, Difference, Paired
from ftstudio.planning.same_rows import SameRows, same_rows, split_to_compare
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import RunSummary

MOST = 12
TITLES = {metric.key: metric.title for metric in ONE_LABEL}


@dataclass(frozen=True)
class Pair:
    """Two runs compared; `second` is better by the differences in `paired` (worse where they are negative)."""

    first: RunSummary
    second: RunSummary
    paired: Paired
    metric: str

    @property
    def better(self) -> RunSummary | None:
        """The run that is really better, None where it is too close to call."""
        if not self.paired.is_clear(self.metric):
            return None
        return self.second if self.paired.of(self.metric).by > 0 else self.first

    @property
    def sentence(self) -> Text:
        """Which is better and by how much, or that it is too close to call."""
        if self.paired.alike == self.paired.rows:
            return text_plural(
                "“{first}” and “{second}” answer the only row alike.",
                "“{first}” and “{second}” answer all {count} rows alike.",
                count=self.paired.rows,
                first=self.first.name,
                second=self.second.name,
            )
        found = self.paired.of(self.metric)
        about = {"metric": text(TITLES[self.metric]), **_points(found)}
        if self.better is None:
            return text(
                "Too close to call: the difference of {points} points of {metric} between “{first}” and “{second}” "
                "may be chance ({low} to {high}).",
                first=self.first.name,
                second=self.second.name,
                **about,
            )
        other = self.first if self.better is self.second else self.second
        return text(
            "“{better}” is better than “{other}” by {points} points of {metric} ({low} to {high}).",
            better=self.better.name,
            other=other.name,
            **about,
        )


@dataclass(frozen=True)
class Comparison:
    """Runs compared on `rows` rows of `split` by `metric`: each pair, and what to keep in mind."""

    split: Split
    rows: int
    metric: str
    runs: tuple[RunSummary, ...]
    values: tuple[dict[str, float], ...]
    pairs: tuple[Pair, ...]
    cautions: tuple[Text, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the document of the command line."""
        scores = zip(self.runs, self.values, strict=True)
        return {
            "split": self.split.value,
            "rows": self.rows,
            "metric": self.metric,
            "runs": [{"run": run.id, "name": run.name, "values": values} for run, values in scores],
            "pairs": [_pair_as_json(pair) for pair in self.pairs],
            "cautions": [one.render() for one in self.cautions],
        }


def compare_runs(
    project: ProjectLayout, dataset: Dataset, runs: Sequence[RunSummary], split: Split | None = None
) -> Comparison:
    """Compare runs on the same rows: two with each other, more of them each with the one that scored best.

    Raises `InputError` for fewer than two or more than `MOST` runs, and when their rows are not the same.
    """
    if not 2 <= len(runs) <= MOST:
        raise InputError(text("Choose two to {most} runs to compare.", most=MOST), field="runs")
    chosen = split or split_to_compare(project, runs)
    rows = same_rows(runs, dataset, chosen)
    metric = _metric(runs)
    values = tuple(comparison.scores(rows.truth, answers) for answers in rows.answers)
    return Comparison(
        split=chosen,
        rows=len(rows.truth),
        metric=metric,
        runs=tuple(runs),
        values=values,
        pairs=_pairs(runs, rows, metric, [one[metric] for one in values]),
        cautions=_cautions(len(runs), chosen),
    )


def _pairs(runs: Sequence[RunSummary], rows: SameRows, metric: str, values: Sequence[float]) -> tuple[Pair, ...]:
    """Return the one pair of two runs in their order, or each run of several beside the one that scored best."""
    leader = 0 if len(runs) == 2 else int(np.argmax(values))
    others = [at for at in range(len(runs)) if at != leader]
    pairs = [(leader, other) for other in others] if len(runs) == 2 else [(other, leader) for other in others]
    return tuple(
        Pair(
            runs[first],
            runs[second],
            comparison.compare(
                rows.truth, rows.answers[first], rows.answers[second], rows.units, comparisons=len(pairs)
            ),
            metric,
        )
        for first, second in pairs
    )


def _metric(runs: Sequence[RunSummary]) -> str:
    """Return the metric that all runs were monitored by, if it can be compared, else the accuracy."""
    monitored = {run.request.settings.get("monitor") if run.request is not None else None for run in runs}
    only = next(iter(monitored)) if len(monitored) == 1 else None
    return only if only in METRICS else METRICS[0]


def _cautions(count: int, split: Split) -> tuple[Text, ...]:
    said = []
    if count > 2:
        said.append(
            text(
                "The best of {count} runs looks better than it is, because it was picked by these very rows. The "
                "intervals are widened for {comparisons} comparisons.",
                count=count,
                comparisons=count - 1,
            )
        )
    if split is Split.VALIDATION:
        said.append(
            text("These are validation rows, by which each run also chose what it kept: all look a little too good.")
        )
    return tuple(said)


def _points(found: Difference) -> dict[str, float]:
    """Return a difference in points of a hundred; a clear one counts from the better run's side."""
    low, high = (-found.high, -found.low) if found.by < 0 else (found.low, found.high)
    return {"points": round(100 * abs(found.by), 1), "low": round(100 * low, 1), "high": round(100 * high, 1)}


def _pair_as_json(pair: Pair) -> dict[str, Any]:
    paired = pair.paired
    return {
        "first": pair.first.id,
        "second": pair.second.id,
        "better": pair.better.id if pair.better is not None else None,
        "sentence": pair.sentence.render(),
        "level": paired.level,
        "alike": paired.alike,
        "only_first_right": paired.only_first,
        "only_second_right": paired.only_second,
        "p_value": paired.p_value,
        "differences": {
            one.metric: {"first": one.first, "second": one.second, "by": one.by, "low": one.low, "high": one.high}
            for one in paired.differences
        },
    }
