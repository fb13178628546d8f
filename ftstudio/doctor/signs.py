"""Turns curves into the numbers that the rules judge by. Everything is as of the latest check on validation rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ftstudio.core import score_error
from ftstudio.doctor.case import Case
from ftstudio.doctor.history import Check, History

RECENT = 2  # checks that “now” is the mean of: one look at few rows says little
FIRST_STEPS = 2
PEAK_STEPS = 4
TINY = 1e-6
STRETCH = 3  # checks that a slope is drawn through


@dataclass(frozen=True)
class Signs:
    """What the curves of a run say at one moment. Losses are in nats per row; scores as the monitored metric has them.

    The first check is made before the first step, so that `start` is what the run set out from.
    """

    case: Case
    history: History

    @property
    def checks(self) -> list[Check]:
        """All checks so far, the one before the first step too."""
        return self.history.checks

    @property
    def looks(self) -> int:
        """The number of checks after the first step."""
        return sum(1 for check in self.checks if check.step > 0)

    @property
    def step(self) -> int:
        """The step these signs are of."""
        last = self.checks[-1].step if self.checks else 0
        return max(last, self.history.steps[-1] if self.history.steps else 0)

    @property
    def share_done(self) -> float:
        """How much of the planned run is done, from 0 to 1."""
        return self.step / self.case.total_steps if self.case.total_steps else 0.0

    @property
    def epochs(self) -> float:
        """How often every training row has been seen."""
        return self.step / self.case.steps_per_epoch if self.case.steps_per_epoch else 0.0

    # The training loss

    @property
    def is_broken(self) -> bool:
        """Whether a loss was no longer a number."""
        return not all(map(math.isfinite, self.history.losses))

    @cached_property
    def train_losses(self) -> list[float]:
        """The mean training loss of the steps before each check after the first step, at most one epoch of them."""
        steps, losses = np.array(self.history.steps), np.array(self.history.losses)
        found, before = [], 0
        for check in self.checks:
            if check.step > 0:
                begin = max(before, check.step - max(1, self.case.steps_per_epoch))
                chosen = losses[(steps > begin) & (steps <= check.step)]
                found.append(float(chosen.mean()) if len(chosen) else math.nan)
                before = check.step
        return found

    @cached_property
    def train_start(self) -> float:
        """The mean training loss of the first steps or of the stretch before the first check, whichever is lower.

        A few batches scatter much, and the first epoch of a run that overshoots is no start to compare with.
        """
        return min([_mean(self.history.losses[:PEAK_STEPS]), *self.train_losses[:1]])

    @property
    def train_first(self) -> float:
        """The training loss of the very first steps, while the rate is still close to zero."""
        return _mean(self.history.losses[:FIRST_STEPS])

    @cached_property
    def train_peak(self) -> float:
        """The highest mean training loss of a few steps in a row: a single odd batch is no peak."""
        losses = self.history.losses
        if len(losses) < PEAK_STEPS:
            return _mean(losses)
        return float(np.convolve(losses, np.full(PEAK_STEPS, 1 / PEAK_STEPS), mode="valid").max())

    @property
    def train_now(self) -> float:
        """The training loss of late, less what label smoothing always leaves."""
        return max(0.0, _mean(self.train_losses[-RECENT:]) - self.case.loss_floor)

    @property
    def train_fall(self) -> float:
        """How much of the training loss at the start is gone, as a share; below 0, at least -10, when it has risen."""
        start = self.train_start - self.case.loss_floor
        return max(-10.0, 1.0 - ratio(self.train_now, start))

    @property
    def train_slope(self) -> float:
        """The change of the training loss per check over the latest stretch, as a share of its present size."""
        return ratio(_slope(self.train_losses[-STRETCH:]), self.train_now)

    # The validation loss

    @property
    def unit(self) -> float:
        """The loss of knowing nothing, by which losses are measured: chance where it is known, else the start."""
        chance = self.case.chance_loss
        if chance:
            return chance
        return self.checks[0].loss if self.checks and math.isfinite(self.checks[0].loss) else 1.0

    @property
    def valid_now(self) -> float:
        """The validation loss of late."""
        return _mean([check.loss for check in self.checks if check.step > 0][-RECENT:])

    @property
    def lowest(self) -> Check:
        """The check with the lowest validation loss."""
        return min(self.checks, key=lambda check: check.loss if math.isfinite(check.loss) else math.inf)

    @property
    def checks_since_lowest(self) -> int:
        """How many checks the lowest validation loss is ago."""
        return sum(1 for check in self.checks if check.step > self.lowest.step)

    @property
    def valid_slope(self) -> float:
        """The change of the validation loss per check over the latest stretch, as a share of its present size."""
        return ratio(_slope([check.loss for check in self.checks if check.step > 0][-STRETCH:]), self.valid_now)

    @property
    def valid_rise(self) -> float:
        """How far the validation loss of late is above its lowest, as a share of it (Prechelt's GL / 100)."""
        low = self.lowest.loss
        return self.valid_now / low - 1.0 if math.isfinite(low) and low > 0 else 0.0

    @property
    def gap(self) -> float:
        """How much more surprised the model is by validation rows than by training rows, in units of chance."""
        return ratio(self.valid_now - self.train_now, self.unit)

    # The validation score

    @property
    def best(self) -> Check:
        """The check with the best score; of equals the first."""
        sign = 1.0 if self.case.higher_is_better else -1.0
        return max(self.checks, key=lambda check: sign * check.score if math.isfinite(check.score) else -math.inf)

    @property
    def checks_since_best(self) -> int:
        """How many checks the best score is ago."""
        return sum(1 for check in self.checks if check.step > self.best.step)

    @property
    def score_now(self) -> float:
        """The score of late."""
        return _mean([check.score for check in self.checks if check.step > 0][-RECENT:])

    @property
    def gain(self) -> float:
        """How much better the score of late is than before the first step; negative when worse."""
        start = self.checks[0].score if self.checks and self.checks[0].step == 0 else math.nan
        gained = self.score_now - start if self.case.higher_is_better else start - self.score_now
        return gained if math.isfinite(gained) else 0.0

    @property
    def noise(self) -> float:
        """The standard error of the score with so many validation rows (see `standard_error`)."""
        return standard_error(self.best.score, self.case)

    @property
    def over_chance(self) -> float | None:
        """How many standard errors the score of late is above guessing; None where guessing is not defined."""
        return self._above_chance(self.score_now)

    @property
    def best_over_chance(self) -> float | None:
        """The same of the best score; it is the luckiest of several."""
        return self._above_chance(self.best.score)

    def _above_chance(self, score: float) -> float | None:
        chance = self.case.chance_score
        if chance is None:
            return None
        return ratio(score - chance, standard_error(chance, self.case))

    # The data

    @property
    def different_rows(self) -> int:
        """The number of training rows that are not copies of another."""
        return max(1, self.case.rows - self.case.repeated_rows)

    @property
    def parameters_per_row(self) -> float:
        """How many weights learn for each training row."""
        return self.case.parameters / self.different_rows

    @property
    def rarest(self) -> tuple[str, int] | None:
        """The class with the fewest training rows, and how many it has."""
        counts = self.case.rows_per_class
        return min(counts.items(), key=lambda item: item[1]) if counts else None


def ratio(value: float, by: float) -> float:
    """Return `value` divided by what cannot be negative: losses and errors may be as small as nothing."""
    return value / max(by, TINY)


def standard_error(score: float, case: Case) -> float:
    """Return how much a score scatters because the validation rows are few; NaN if it is no share-like score."""
    if not case.higher_is_better:
        return math.nan
    return score_error.standard_error(
        score, case.validation_rows, case.validation_per_class, macro=case.metric != "accuracy"
    )


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else math.nan


def _slope(values: list[float]) -> float:
    """Return the slope of a straight line through the values, per value."""
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return 0.0
    return float(np.polyfit(np.arange(len(values)), values, 1)[0])
