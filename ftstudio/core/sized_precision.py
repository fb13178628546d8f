"""How well large and small things are found: average precision by their size, as COCO counts it (like pycocotools).

Of a size only the true boxes of that size must be found. A box drawn around a thing of another size, or drawn around
nothing and itself of another size, is neither right nor wrong. Sizes are areas in pixels of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.average_precision import THRESHOLDS, Judged, Present
from ftstudio.core.boxes import overlaps
from ftstudio.core.detections import MOST_BOXES, Drawn
from ftstudio.core.translation import N_

SIZES: dict[str, tuple[float, float]] = {
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
"""Least and largest area, in pixels."""
SIZE_TITLES = {"small": N_("small"), "medium": N_("medium"), "large": N_("large")}

PictureSize = tuple[float, float]


def judge_of_size(
    drawn: Sequence[Drawn], truth: Sequence[Present], sizes: Sequence[PictureSize], kinds: int, size: str
) -> list[Judged]:
    """Return how the boxes of each kind fare among things of one of `SIZES`; `sizes` are those of the pictures."""
    return [_judge(drawn, truth, sizes, kind, SIZES[size]) for kind in range(kinds)]


def count_of_size(truth: Sequence[Present], sizes: Sequence[PictureSize], size: str) -> int:
    """Return how many things are of one of `SIZES`."""
    return sum(
        int(_within(_areas(one.corners, shape), SIZES[size]).sum()) for one, shape in zip(truth, sizes, strict=True)
    )


def _areas(corners: NDArray[np.float64], shape: PictureSize) -> NDArray[np.float64]:
    sides = (corners[:, 2:] - corners[:, :2]) * np.array(shape)
    areas: NDArray[np.float64] = sides.prod(axis=1)
    return areas


def _within(areas: NDArray[np.float64], bounds: tuple[float, float]) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (areas >= bounds[0]) & (areas <= bounds[1])
    return inside


def _judge(
    drawn: Sequence[Drawn],
    truth: Sequence[Present],
    sizes: Sequence[PictureSize],
    kind: int,
    bounds: tuple[float, float],
) -> Judged:
    rights, counted, shares, there = [], [], [], 0
    for said, is_there, shape in zip(drawn, truth, sizes, strict=True):
        mine = np.flatnonzero(said.kinds == kind)[:MOST_BOXES]
        wanted = is_there.corners[is_there.kinds == kind]
        meant = _within(_areas(wanted, shape), bounds)
        there += int(meant.sum())
        right, counts = _taken(said.corners[mine], wanted, meant, _within(_areas(said.corners[mine], shape), bounds))
        rights.append(right)
        counted.append(counts)
        shares.append(said.probabilities[mine])
    nothing = np.zeros((len(THRESHOLDS), 0), dtype=bool)
    all_shares = np.concatenate(shares) if shares else np.zeros(0)
    order = np.argsort(-all_shares, kind="mergesort")
    right, counts = (np.concatenate([nothing, *parts], axis=1)[:, order] for parts in (rights, counted))
    return Judged(right, all_shares[order], there, counts)


def _taken(
    said: NDArray[np.float64], wanted: NDArray[np.float64], meant: NDArray[np.bool_], fits: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which boxes are right at each threshold and which count, [thresholds, boxes]; those meant come first."""
    right = np.zeros((len(THRESHOLDS), len(said)), dtype=bool)
    counts = np.tile(fits, (len(THRESHOLDS), 1))
    if not len(said) or not len(wanted):
        return right, counts
    common = overlaps(said, wanted)
    for level, threshold in enumerate(THRESHOLDS):
        free = np.ones(len(wanted), dtype=bool)
        for at in range(len(said)):
            for group in (meant, ~meant):
                best = np.where(free & group, common[at], -1.0)
                choice = len(wanted) - 1 - int(best[::-1].argmax())  # of equal ones the last, as pycocotools does
                if best[choice] >= min(threshold, 1 - 1e-10):
                    free[choice], right[level, at], counts[level, at] = False, True, bool(meant[choice])
                    break
    return right, counts
