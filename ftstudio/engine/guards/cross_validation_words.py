"""What a cross-validation found, in words, figures and one picture."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.advice import Advice, Cell, Chart, Mark, Remedy, Series, Table
from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.metrics import MetricSpec
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.text import Text, as_score, text
from ftstudio.engine.answers import counting, intervals
from ftstudio.engine.guards.studies import Study, Told
from ftstudio.engine.guards.trials import Ground, Trial
from ftstudio.planning.quality.intervals import Interval, of_share

if TYPE_CHECKING:
    from ftstudio.engine.guards.cross_validation import Folds

LATE = 0.9  # a best step in this last part of the schedule says that more epochs might be better


@dataclass(frozen=True)
class Spread:
    """One metric over the folds: its values, their mean, the t-interval of the mean, the bootstrap one over rows."""

    metric: MetricSpec
    folds: list[float]
    low: float
    high: float
    rows_low: float
    rows_high: float
    mean: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", statistics.fmean(self.folds))

    def as_json(self) -> dict[str, Any]:
        """Return the figures for the verb's document."""
        keys = ("mean", "low", "high", "rows_low", "rows_high", "folds")
        return {key: getattr(self, key) for key in keys}


def tell(study: Study[Any], ground: Ground, found: Folds, final: dict[str, Any] | None) -> Told:
    """Work out intervals and advice; `final` is the `train` document of the final model."""
    spreads = _spreads(study, ground, found)
    monitored = next(one for one in spreads if one.metric.key == study.settings.monitor)
    numbers = {
        "folds": len(found.trials),
        "rows": len(ground.pool),
        "metrics": {one.metric.key: one.as_json() for one in spreads},
        "best_steps": found.best_steps,
        "step": found.median_step,
        "labels": ground.names,
        "run": final["run"] if final else None,
        "test": final["metrics"][Split.TEST.value] if final else {},
    }
    advice = [
        _score(monitored, len(ground.pool)),
        *_final(study, ground, found, monitored, final),
        *_late(study, found),
    ]
    return Told(numbers, advice, [_chart(study, found)], [_metrics_table(spreads), _folds_table(study, ground, found)])


def _spreads(study: Study[Any], ground: Ground, found: Folds) -> list[Spread]:
    truth = ground.truth
    scored = [_scores(study, ground, found, at) for at in range(len(found.trials))]
    every = np.ones(len(truth), dtype=bool)
    counted = counting.count(study.task, found.logits, truth, ground.names, _decided(study, ground, found, every))
    rows_intervals = intervals.over_rows(counted.score, counted.rows, truth, ground.pool.units, study.settings.seed)
    spreads = []
    for metric in study.task.SPEC.metrics:
        values = [one[metric.key] for one in scored if metric.key in one]
        if values:
            low, high = intervals.over_folds(values)
            if low == high and metric.higher_is_better:
                low, high = of_share(min(1.0, max(0.0, low)), len(truth))
            top = min(high, 1.0) if metric.higher_is_better else high
            least = low if min(values) < 0 else max(low, 0.0)  # R² may be below 0
            rows_low, rows_high = rows_intervals.get(metric.key, (low, high))
            spreads.append(Spread(metric, values, least, top, rows_low, rows_high))
    return spreads


def _scores(study: Study[Any], ground: Ground, found: Folds, at: int) -> dict[str, float]:
    """Return the metrics of the rows that one fold held back."""
    held = found.fold == at
    decision = _decided(study, ground, found, ~held)
    return study.task.score(found.logits[held], ground.truth[held], ground.names, decision)


def _decided(study: Study[Any], ground: Ground, found: Folds, rows: NDArray[np.bool_]) -> Decision:
    """Return how several labels are decided: from thresholds chosen on `rows`, of a fold all that it does not hold."""
    if study.task.SPEC.answer is not Answer.LABELS:
        return AS_TRAINED
    choose: Callable[..., Decision] = study.task.choose  # type: ignore[attr-defined]
    return choose(found.logits[rows], ground.truth[rows], ground.names)


def _score(found: Spread, rows: int) -> Advice:
    return Advice(
        code="cross_validated",
        mood="good",
        sentence=text(
            "{metric} over {folds} folds: {mean}; with 95 % certainty the mean lies between {low} and {high}.",
            metric=text(found.metric.title),
            folds=len(found.folds),
            mean=as_score(found.mean),
            low=as_score(found.low),
            high=as_score(found.high),
        ),
        evidence=(
            text(
                "The worst fold has {low}, the best {high}: a difference smaller than that between two settings says "
                "little on one fold.",
                low=as_score(min(found.folds)),
                high=as_score(max(found.folds)),
            ),
            text(
                "On other rows of the same kind, as many as the {rows} here, it would be between {low} and {high}.",
                rows=rows,
                low=as_score(found.rows_low),
                high=as_score(found.rows_high),
            ),
            text("Each fold also chose its best step on its own rows, so all of this is a little flattering."),
        ),
    )


def _final(
    study: Study[Any], ground: Ground, found: Folds, spread: Spread, final: dict[str, Any] | None
) -> list[Advice]:
    if final is None:
        return []
    about = text(
        "The final model learned from all {rows} rows for {step} steps. It is the run “{run}”.",
        rows=len(ground.pool),
        step=final["steps"],
        run=final["run"],
    )
    metric = spread.metric
    tested = final["metrics"][Split.TEST.value].get(metric.key)
    if tested is None:
        return [Advice(code="final_model", mood="note", sentence=about)]
    tables = final["tables"][Split.TEST.value]
    rows, (low, high) = _expected(study, ground, found, spread, tables)
    figures = {"metric": text(metric.title), "test": as_score(tested), "mean": as_score(spread.mean), "rows": rows}
    if low <= tested <= high:
        sentence = text(
            "On the {rows} test rows the final model has {metric} {test}, as cross-validation ({mean}) lets expect.",
            **figures,
        )
        chance = text(
            "With {mean} in cross-validation, {rows} rows give between {low} and {high} by chance alone.",
            **figures,
            low=as_score(low),
            high=as_score(high),
        )
        evidence, run = (chance, about), final["run"]
        return [Advice(code="final_model", mood="good", sentence=sentence, evidence=evidence, test_of=run)]
    sentence = _differs(spread, tested, figures)
    return [Advice(code="test_differs", mood="warning", sentence=sentence, evidence=(about,), test_of=final["run"])]


def _differs(found: Spread, tested: float, figures: dict[str, Any]) -> Text:
    if found.metric.is_better(tested, found.mean):
        return text(
            "On the {rows} test rows the final model has {metric} {test}, better than chance explains beside {mean} in "
            "cross-validation: the test rows may be easier, or resemble training rows.",
            **figures,
        )
    return text(
        "On the {rows} test rows the final model has {metric} {test}, worse than chance explains beside {mean} in "
        "cross-validation: the test rows may be of another kind than the others.",
        **figures,
    )


def _expected(
    study: Study[Any], ground: Ground, found: Folds, spread: Spread, tables: dict[str, Any]
) -> tuple[int, Interval]:
    """Return the number of test rows, and what the answers of the folds let expect of as many, of each label."""
    score, seed, key = study.task.score, study.settings.seed, spread.metric.key
    if ground.truth.dtype == object or ground.truth.ndim > 1:
        rows = int(tables["rows"])
        return rows, intervals.of_so_many_rows(spread.mean, spread.rows_low, spread.rows_high, len(ground.pool), rows)
    of_label = {str(one["label"]): int(one["rows"]) for one in tables.get("per_class", [])}
    counts = np.array([of_label.get(name, 0) for name in ground.pool.names])
    expected = intervals.of_other_rows(score, found.logits, ground.pool.labels, counts, key, seed)
    return sum(of_label.values()), expected


def _late(study: Study[Any], found: Folds) -> list[Advice]:
    late = [
        best for best, one in zip(found.best_steps, found.trials, strict=True) if best >= LATE * one.state.total_steps
    ]
    if len(late) * 2 <= len(found.trials) or study.settings.max_steps:
        return []
    longer = round(study.settings.epochs * 1.5, 1)
    return [
        Advice(
            code="still_learning",
            mood="note",
            sentence=text(
                "In {count} of {folds} folds the best step was one of the last: longer training may be better still.",
                count=len(late),
                folds=len(found.trials),
            ),
            remedies=(
                Remedy(
                    label=text("Train for {epochs} epochs", epochs=longer),
                    action="settings",
                    values={"epochs": longer},
                ),
            ),
        )
    ]


def _chart(study: Study[Any], found: Folds) -> Chart:
    metric = study.task.SPEC.metric(study.settings.monitor)
    series = [_curve(at, trial, metric.key) for at, trial in enumerate(found.trials)]
    return Chart(
        key="folds",
        title=text("{metric} on the held-back rows of each fold", metric=text(metric.title)),
        x_title=text("step"),
        y_title=text(metric.title),
        series=tuple(one for one in series if one.x),
        marks=(Mark(x=float(found.median_step), label=text("median best step"), kind="suggested"),),
        message=text(
            "One curve for each of {folds} folds. Their best steps are {steps}; the middle one is {median}.",
            folds=len(series),
            steps=", ".join(map(str, found.best_steps)),
            median=found.median_step,
        ),
    )


def _curve(at: int, trial: Trial, metric: str) -> Series:
    points = [(float(one.step), one.values[metric]) for one in trial.checks if math.isfinite(one.values[metric])]
    return Series(name=text("fold {fold}", fold=at + 1), x=[x for x, _ in points], y=[y for _, y in points])


def _metrics_table(spreads: list[Spread]) -> Table:
    return Table(
        title=text("Mean over folds, and how sure it is (95 %)"),
        columns=(text("metric"), text("mean"), text("from"), text("to"), text("rows drawn again, from"), text("to")),
        rows=tuple(
            (text(one.metric.title), one.mean, one.low, one.high, one.rows_low, one.rows_high) for one in spreads
        ),
    )


def _folds_table(study: Study[Any], ground: Ground, found: Folds) -> Table:
    metrics = study.task.SPEC.metrics
    rows: list[tuple[Cell, ...]] = []
    for at, best in enumerate(found.best_steps):
        scores = _scores(study, ground, found, at)
        rows.append((at + 1, int((found.fold == at).sum()), best, *(scores.get(metric.key) for metric in metrics)))
    return Table(
        title=text("Each fold"),
        columns=(text("fold"), text("rows"), text("best step"), *(text(metric.title) for metric in metrics)),
        rows=tuple(rows),
    )
