"""Errors fall with the number of rows as a power law down to a floor (Hestness et al. 2017, arXiv:1712.00409)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

EXPONENTS = np.geomspace(0.05, 2.0, 40)
USUAL, SPREAD = 0.4, 1.0  # a weak prior on the logarithm of the exponent: with four points it must lean on something


@dataclass(frozen=True)
class Law:
    """Fitted laws, one a row: error at `rows` = scale · (rows / unit)^-exponent + floor; all shape [fits]."""

    unit: float
    scale: Numbers
    exponent: Numbers
    floor: Numbers

    def error(self, rows: float) -> Numbers:
        """Return the expected error with so many rows, shape [fits]."""
        result: Numbers = self.scale * (rows / self.unit) ** -self.exponent + self.floor
        return result


def fit(rows: Numbers, errors: Numbers, noise: float) -> Law:
    """Fit each line of `errors` [fits, points], measured with `rows` [points] rows.

    `noise` is the standard error of one measured error; the noisier, the more the usual exponent counts. Scale and
    floor are never negative, so that more rows never make it worse.
    """
    unit = float(rows.max())
    variance = max(noise, 1e-4) ** 2
    best = np.full(len(errors), np.inf)
    found = np.zeros((3, len(errors)))
    for exponent in EXPONENTS:
        scale, floor, loss = _least_squares((rows / unit) ** -exponent, errors)
        loss = loss / variance + (np.log(exponent / USUAL) / SPREAD) ** 2
        better = loss < best
        best[better] = loss[better]
        found[:, better] = np.stack((scale, np.full(len(errors), exponent), floor))[:, better]
    return Law(unit, *found)


def _least_squares(powers: Numbers, errors: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return scale, floor (both at least 0) and the sum of squares for each line of `errors`."""
    centred = powers - powers.mean()
    scale = (errors @ centred) / max(float(centred @ centred), 1e-12)
    floor = errors.mean(axis=1) - scale * powers.mean()
    through_zero = (errors @ powers) / float(powers @ powers)
    scale = np.where(floor < 0, through_zero, scale)
    scale, floor = np.maximum(scale, 0.0), np.where(floor < 0, 0.0, floor)
    floor = np.where(scale == 0, errors.mean(axis=1), floor)
    left = errors - scale[:, None] * powers - floor[:, None]
    return scale, floor, (left**2).sum(axis=1)
