"""Will more data help? The same training on growing shares of the rows, and where the curve through them leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.errors import InputError
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.core.text import text, text_plural
from ftstudio.datasets import folds
from ftstudio.engine.answers import counting, intervals
from ftstudio.engine.guards import learning_curve_words, power_law, trials
from ftstudio.engine.guards.studies import Study, finish
from ftstudio.engine.guards.trials import Ground

SHARES = (0.25, 0.5, 0.75, 1.0)
FEWEST_CHECKED = 10
TIMES = 2.0  # the forecast is for so many times the rows

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """The trainings on one share: its rows in the pool and the logits for the validation rows, one a repeat."""

    share: float
    rows: list[NDArray[np.int64]]
    steps: list[int]
    logits: list[NDArray[Any]]


@dataclass(frozen=True)
class Forecast:
    """One score as it grows with the rows: measured [points], fitted now and at `TIMES` the rows, with 95 % bands.

    `law` holds the fit through what was measured; its line may be drawn.
    """

    rows: Numbers
    measured: Numbers
    low: Numbers
    high: Numbers
    law: power_law.Law
    laws: power_law.Law
    sign: float

    def at(self, rows: float) -> float:
        """Return the expected score with so many rows."""
        error = float(self.law.error(rows)[0])
        return 1.0 - error if self.sign > 0 else error

    def gain(self, rows: float) -> tuple[float, float, float]:
        """Return how much better the score is expected to be with `rows` than now, and the band around that.

        Whether the validation rows are easy or hard does not matter here: it is the same now and then.
        """
        middle = float((self.law.error(self.now) - self.law.error(rows))[0])
        low, high = np.percentile(self.laws.error(self.now) - self.laws.error(rows), (2.5, 97.5))
        return middle, min(float(low), middle), max(float(high), middle)

    @property
    def now(self) -> float:
        """The rows there are."""
        return float(self.rows[-1])

    @property
    def then(self) -> float:
        """The rows that the forecast is for."""
        return TIMES * self.now


def learning_curve(study: Study[Any]) -> dict[str, Any]:
    """Carry out the study (see `studies.learning_curve`) and return its document."""
    pool = folds.pool(study.dataset)
    checked = np.flatnonzero(np.array(pool.table["split"].to_pylist()) == Split.VALIDATION.value)
    learned = np.setdiff1d(np.arange(len(pool)), checked)
    _refuse_too_little(pool, learned, checked)
    ground = trials.lay(study, pool)
    points = train_points(ground, learned, checked)
    overall, by_class = forecast(ground, points, checked)
    told = learning_curve_words.tell(study, ground, points, overall, by_class, len(checked))
    return finish(study, told.numbers, told.advice, charts=told.charts, tables=told.tables)


def train_points(ground: Ground, learned: NDArray[np.int64], checked: NDArray[np.int64]) -> list[Point]:
    """Train on every share of the rows `learned`, repeated with other draws as the options say."""
    study, pool = ground.study, ground.pool
    points = [Point(share, [], [], []) for share in SHARES]
    count = study.options.repeats * len(SHARES)
    with trials.scratch(study.project.layout) as scratch:
        for repeat in range(study.options.repeats):
            seed = study.settings.seed + repeat
            parts = folds.growing(pool.labels[learned], pool.units[learned], SHARES, seed)
            for at, (point, part) in enumerate(zip(points, parts, strict=True)):
                done = repeat * len(SHARES) + at
                phase = text("Training on {percent} % of the rows", percent=round(100 * point.share))
                progress = _as_hundredths(trials.in_phase(study, phase, done, count))
                settings = scaled(study.settings, point.share).model_copy(update={"seed": seed})
                trial = trials.run(ground, learned[part], checked, settings, scratch / str(done), progress)
                point.rows.append(learned[part])
                point.steps.append(trial.state.step)
                point.logits.append(trial.logits)
    return points


def _as_hundredths(progress: trials.Progress) -> trials.Progress:
    """Let trainings of different length count the same."""
    return lambda done, total: progress(100 * done // max(1, total), 100)


def scaled(settings: TrainingSettings, share: float) -> TrainingSettings:
    """Return the settings for a share of the rows: steps fall with its square root, not with the share itself.

    With the same epochs a quarter of the rows would get a quarter of the steps and be undertrained; with the same
    steps it would be seen four times as often. Early stopping ends what is too long.
    """
    limit = settings.max_steps
    changed = {"epochs": settings.epochs * share**-0.5, "max_steps": limit and max(1, round(limit * share**0.5))}
    return settings.model_copy(update=changed)


def forecast(
    ground: Ground, points: Sequence[Point], checked: NDArray[np.int64]
) -> tuple[Forecast, dict[str, Forecast]]:
    """Fit the monitored metric, and the F1 of each class against its own number of rows.

    The bands come from drawing the validation rows, and the repeats, again and again.
    """
    study, names = ground.study, ground.names if ground.truth.ndim > 1 else ground.pool.names
    truth, has_places = ground.truth[checked], ground.truth.dtype == object
    metric = study.task.SPEC.metric(study.settings.monitor)
    sign = 1.0 if metric.higher_is_better else -1.0
    counts = np.array([np.mean([len(rows) for rows in point.rows]) for point in points])

    def score(counted: NDArray[Any], truth: NDArray[Any]) -> list[float]:
        whole = scored(counted, truth)[metric.key]
        listed = () if has_places else study.task.report(counted, truth, names).get("per_class", [])
        return [whole, *(float(one["f1"]) for one in listed)]

    counted = [[counting.count(study.task, one, truth, ground.names) for one in point.logits] for point in points]
    scored, rows_of = counted[0][0].score, [[one.rows for one in point] for point in counted]
    measured, drawn = _scores(rows_of, truth, score, intervals.draws(ground.pool.units[checked], study.settings.seed))
    overall = _fitted(counts, measured[:, 0], drawn[:, :, 0], sign)
    by_class = {}
    for at, name in enumerate(names[: measured.shape[1] - 1]):
        rows = np.array([np.mean([_having(ground, one, at) for one in point.rows]) for point in points])
        if _having(ground, checked, at) and rows.min() > 0:
            by_class[name] = _fitted(rows, measured[:, at + 1], drawn[:, :, at + 1], 1.0)
    return overall, by_class


def _having(ground: Ground, rows: NDArray[np.int64], at: int) -> int:
    """Return how many of some rows have the label at a position."""
    truth = ground.truth
    return int((truth[rows, at] > 0).sum() if truth.ndim > 1 else (ground.pool.labels[rows] == at).sum())


def _scores(
    points: Sequence[Sequence[NDArray[Any]]],
    truth: NDArray[Any],
    score: Callable[[NDArray[Any], NDArray[Any]], list[float]],
    draws: Any,
) -> tuple[Numbers, Numbers]:
    """Return the scores of the points [points, scores], and of the points drawn again [draws, points, scores].

    A point has what its rows add to the scores, once a repeat.
    """
    measured = np.array([np.mean([score(rows, truth) for rows in point], axis=0) for point in points])
    chance, drawn = np.random.default_rng(0), []
    for rows in draws:
        line = []
        for point in points:
            picked = chance.integers(len(point), size=len(point))
            line.append(np.mean([score(point[one][rows], truth[rows]) for one in picked], axis=0))
        drawn.append(line)
    return measured, np.array(drawn)


def _fitted(rows: Numbers, measured: Numbers, drawn: Numbers, sign: float) -> Forecast:
    """Fit what was measured, and every draw [draws, points]."""
    errors, many = (1.0 - measured, 1.0 - drawn) if sign > 0 else (measured, drawn)
    own = drawn - drawn.mean(axis=1, keepdims=True)  # that all points are better or worse together bends no curve
    noise = float(own.std(axis=0).mean())
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    law = power_law.fit(rows, errors[None], noise)
    return Forecast(rows, measured, low, high, law, power_law.fit(rows, many, noise), sign)


def _refuse_too_little(pool: folds.Pool, learned: NDArray[np.int64], checked: NDArray[np.int64]) -> None:
    if len(checked) < FEWEST_CHECKED:
        raise InputError(
            text_plural(
                "There is only {count} validation row, too few to see a trend.",
                "There are only {count} validation rows, too few to see a trend.",
                len(checked),
            ),
            text("Import the data again with a larger validation share, or use cross-validation."),
        )
    fewest = min((int((pool.labels[learned] == label).sum()), pool.names[label]) for label in range(len(pool.names)))
    if fewest[0] < len(SHARES):
        raise InputError(
            text_plural(
                "“{label}” has only {count} training row, too few to take a part of them.",
                "“{label}” has only {count} training rows, too few to take a part of them.",
                fewest[0],
                label=fewest[1],
            ),
            text("Add rows with that label, merge it with another, or remove it."),
        )
