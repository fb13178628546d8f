"""From what a detector says of its places in a picture to the boxes it draws. Pure NumPy, the same everywhere.

A detector of the SSD kind (Liu et al. 2016, arXiv 1512.02325) looks at thousands of places. Of each it says, in one row
of numbers: how likely it holds nothing, or one of the kinds (logits, `kinds + 1`); how the box there differs from the
place (four offsets); and where the place is (left, top, right, bottom in shares of the picture).

Other detectors draw their boxes themselves. Their rows have `APART` for nothing and for all offsets: each kind is then
judged by itself (a sigmoid, not a softmax), the place is the box, and none is left out because another is near it. A
last row may be a remark: what the model's own loss of the picture is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.boxes import Spotted, overlaps
from ftstudio.core.deciding import softmax

GEOMETRY = 8  # numbers of a place that are not logits: offsets, and where it is
CENTRES, SIDES = 10.0, 5.0  # how offsets are scaled, as in torchvision's SSD
FAINTEST = 0.01  # the least probability of a box that counts at all
MOST_PLACES, MOST_BOXES = 200, 100  # of a picture
APART = -1e4  # in place of a number: see above
ALL_BUT_THE_SAME = 0.95  # intersection over union from which two boxes count as one and the same
READ_SIDE = 256  # pixels of the square that pictures are usually read at
READ_SIDES = {"ssdlite": READ_SIDE, "faster_rcnn": 320, "retinanet": 320, "fcos": 320}
"""What new detectors of each type read pictures at, where the user chooses nothing else."""
NO_DISTANCE = 1e-3  # in shares of the picture
HARDLY = 0.002  # a difference in probability that is rounding
SAME_THING = 0.5  # intersection over union from which two boxes of a kind are of one thing

_LARGEST_STRETCH = math.log(1000 / 16)


@dataclass(frozen=True)
class Drawn:
    """Boxes of a picture, the surest first: corners in shares of it [boxes, 4], kinds and probabilities [boxes]."""

    corners: NDArray[np.float64]
    kinds: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.kinds)

    def above(self, threshold: float) -> Drawn:
        """Return the boxes that are at least so likely."""
        keep = self.probabilities >= threshold
        return Drawn(self.corners[keep], self.kinds[keep], self.probabilities[keep])


def draws_itself(said: NDArray[np.float32]) -> bool:
    """Whether the rows are boxes that a model has drawn itself."""
    return bool(len(said)) and bool((said[:, 0] <= APART / 2).all())


def shares_of(said: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the probability of each kind at each place, shape [places, kinds]."""
    if not draws_itself(said):
        return softmax(said[:, :-GEOMETRY])[:, 1:]
    with np.errstate(over="ignore"):
        shares: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-said[:, 1:-GEOMETRY].astype(np.float64)))
    return shares


def remark(loss: float, kinds: int) -> NDArray[np.float32]:
    """Return the row that says what a model's own loss of a picture is; nothing is drawn of it."""
    row = np.full(kinds + 1 + GEOMETRY, APART, dtype=np.float32)
    row[-4:] = (loss, 0.0, 0.0, 0.0)
    row[0] = 2 * APART
    return row


def remarked(said: NDArray[np.float32]) -> float | None:
    """Return the loss that a model says it has with a picture, None where it does not tell."""
    return float(said[-1, -4]) if len(said) and said[-1, 0] <= 1.5 * APART else None


def without_remark(said: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return only the rows that are boxes or places."""
    return said if remarked(said) is None else said[:-1]


def promising(said: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the places with something in them, at most `MOST_PLACES`, the likeliest first: what is worth keeping."""
    most = shares_of(said).max(axis=1, initial=0.0)
    order = np.argsort(-most, kind="stable")[:MOST_PLACES]
    kept: NDArray[np.float32] = said[order[most[order] >= FAINTEST]]
    return kept


def drawn(said: NDArray[np.float32]) -> Drawn:
    """Return the boxes that a model draws, `said` [places, kinds + 1 + 8]; of several around one thing the surest."""
    places = promising(said)
    shares, corners, final = shares_of(places), _corners(places), draws_itself(places)
    parts = [_of_kind(kind, shares[:, kind], corners, final) for kind in range(shares.shape[1])]
    found = Drawn(
        np.concatenate([one.corners for one in parts]) if parts else np.zeros((0, 4)),
        np.concatenate([one.kinds for one in parts]) if parts else np.zeros(0, np.int64),
        np.concatenate([one.probabilities for one in parts]) if parts else np.zeros(0),
    )
    best = np.argsort(-found.probabilities, kind="stable")[:MOST_BOXES]
    return Drawn(found.corners[best], found.kinds[best], found.probabilities[best])


def _of_kind(kind: int, shares: NDArray[np.float64], corners: NDArray[np.float64], final: bool) -> Drawn:
    order = np.argsort(-shares, kind="stable")
    order = order[shares[order] >= FAINTEST]
    kept = order if final else order[separate(corners[order])]
    return Drawn(corners[kept], np.full(len(kept), kind, dtype=np.int64), shares[kept])


def separate(corners: NDArray[np.float64]) -> list[int]:
    """Return which boxes, the surest first, are of things of their own (non-maximum suppression)."""
    common, kept = overlaps(corners, corners), list[int]()
    gone = np.zeros(len(corners), dtype=bool)
    for at in range(len(corners)):
        if not gone[at]:
            kept.append(at)
            gone |= common[at] > SAME_THING
    return kept


def _corners(said: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the corners of the boxes at places, cut at the edges of the picture, in shares of it."""
    if draws_itself(said):
        own: NDArray[np.float64] = np.clip(np.asarray(said[:, -4:], np.float64), 0.0, 1.0)
        return own
    offsets, places = (np.asarray(said[:, at], np.float64) for at in (slice(-8, -4), slice(-4, None)))
    sides = places[:, 2:] - places[:, :2]
    centres = places[:, :2] + sides / 2 + offsets[:, :2] / CENTRES * sides
    half = sides * np.exp(np.minimum(offsets[:, 2:] / SIDES, _LARGEST_STRETCH)) / 2
    found: NDArray[np.float64] = np.clip(np.concatenate([centres - half, centres + half], axis=1), 0.0, 1.0)
    return found


def agree(one: Drawn, other: Drawn, least: float = 0.0) -> bool:
    """Whether two answers have the same boxes: each has its like in the other, of its kind and all but covered by it.

    `least` is the probability from which boxes are drawn at all. Rounding lets one that is hardly surer come or go, and
    so it does with the last of as many as there may be; such boxes need no like.
    """
    cut = [float(found.probabilities.min()) for found in (one, other) if len(found) == MOST_BOXES]
    sure = max(least, *cut, 0.0) + HARDLY if least or cut else 0.0
    return _has_all(one, other.above(sure)) and _has_all(other, one.above(sure))


def _has_all(found: Drawn, wanted: Drawn) -> bool:
    if not len(wanted):
        return True
    same_place = np.abs(found.corners[:, None] - wanted.corners[None]).max(axis=2) <= NO_DISTANCE  # even of no area
    alike = (overlaps(found.corners, wanted.corners) >= ALL_BUT_THE_SAME) | same_place
    alike &= found.kinds[:, None] == wanted.kinds[None, :]
    return bool(alike.any(axis=0).all())


def in_pixels(found: Drawn, labels: Sequence[str], size: tuple[int, int]) -> tuple[Spotted, ...]:
    """Return boxes as people get them, in pixels of a picture of `size` (width, height), the surest first."""
    scale = np.array([*size, *size], dtype=np.float64)
    return tuple(
        Spotted(
            label=labels[kind],
            x=round(left, 2),
            y=round(top, 2),
            width=round(right - left, 2),
            height=round(bottom - top, 2),
            probability=share,
        )
        for (left, top, right, bottom), kind, share in zip(
            (found.corners * scale).tolist(), found.kinds.tolist(), found.probabilities.tolist(), strict=True
        )
    )
