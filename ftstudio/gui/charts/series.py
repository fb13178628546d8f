"""Points of a curve in buffers that double, and the peak-preserving reduction that keeps drawing cheap.

A million points cost no more to paint than the chart has pixels: the visible part is cut out by binary search and
reduced to the smallest and largest value of each pixel column.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AXES = ("step", "epoch", "seconds")
_FIRST_SIZE = 256


class Series:
    """One curve: a value per step, with epoch and training time. Steps must not fall; NaN leaves a gap."""

    def __init__(self) -> None:
        self._data: Floats = np.empty((4, _FIRST_SIZE), dtype=np.float64)
        self.count = 0
        self.low, self.high = float("inf"), float("-inf")

    def __len__(self) -> int:
        return self.count

    def append(self, step: float, epoch: float, seconds: float, value: float) -> None:
        """Add a point; amortised constant time."""
        if self.count == self._data.shape[1]:
            self._data = np.concatenate((self._data, np.empty_like(self._data)), axis=1)
        self._data[:, self.count] = (step, epoch, seconds, value)
        self.count += 1
        if value == value and abs(value) != float("inf"):
            self.low, self.high = min(self.low, value), max(self.high, value)

    def extend(self, points: Floats) -> None:
        """Add many points at once; `points` is (4, n): steps, epochs, seconds, values."""
        needed = self.count + points.shape[1]
        if needed > self._data.shape[1]:
            grown = np.empty((4, max(needed, 2 * self._data.shape[1])), dtype=np.float64)
            grown[:, : self.count] = self._data[:, : self.count]
            self._data = grown
        self._data[:, self.count : needed] = points
        self.count = needed
        finite = points[3][np.isfinite(points[3])]
        if finite.size:
            self.low, self.high = min(self.low, float(finite.min())), max(self.high, float(finite.max()))

    def x(self, axis: str) -> Floats:
        """Return the positions along an axis of `AXES`, without copying."""
        return self._data[AXES.index(axis), : self.count]

    @property
    def values(self) -> Floats:
        """Return the values, without copying."""
        return self._data[3, : self.count]

    def last(self, axis: str) -> tuple[float, float] | None:
        """Return the newest point."""
        if not self.count:
            return None
        return float(self.x(axis)[-1]), float(self.values[-1])

    def nearest(self, axis: str, position: float) -> int | None:
        """Return the index of the point nearest to a position."""
        if not self.count:
            return None
        x = self.x(axis)
        right = int(np.searchsorted(x, position))
        if right == 0:
            return 0
        if right >= self.count:
            return self.count - 1
        return right if x[right] - position < position - x[right - 1] else right - 1

    def visible(self, axis: str, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
        """Return at most about two points per pixel column between two positions (and one beyond each end)."""
        x = self.x(axis)
        start = max(0, int(np.searchsorted(x, low)) - 1)
        stop = min(self.count, int(np.searchsorted(x, high, side="right")) + 1)
        return peaks(x[start:stop], self.values[start:stop], columns)


def peaks(x: Floats, y: Floats, columns: int) -> tuple[Floats, Floats]:
    """Reduce a curve to the lowest and highest value of each of `columns` portions, in their order of time."""
    size = len(x) // max(1, columns)
    if size <= 2:
        return x, y
    whole = len(x) // size * size
    portions: Any = y[:whole].reshape(-1, size)
    bounds = np.empty((len(portions), 2))
    bounds[:, 0], bounds[:, 1] = portions.min(axis=1), portions.max(axis=1)
    positions = np.repeat(x[:whole:size], 2)
    reduced_x, reduced_y = positions, bounds.ravel()
    if whole < len(x):
        tail = y[whole:]
        reduced_x = np.append(reduced_x, (x[whole], x[-1]))
        reduced_y = np.append(reduced_y, (tail.min(), tail.max()))
    return reduced_x, reduced_y
