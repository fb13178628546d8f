"""How an export of a model that draws its boxes itself is compared with that model: by the boxes, not by numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.detections import FAINTEST, drawn, draws_itself
from ftstudio.engine.answers.outputs import flat


def only_boxes(rows: Sequence[NDArray[Any]], expected: NDArray[Any]) -> bool:
    """Whether both sides say which boxes they draw: how many they leave out then does not matter."""
    sides = zip(rows, expected, strict=True)
    return draw_themselves(expected) and all(one.shape[1:] == ours.shape[1:] for one, ours in sides)


def comparable(ours: NDArray[Any], theirs: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what both sides say, number by number; of boxes that models draw themselves, how sure they are of each.

    Such boxes have no order of their own, so the surest are compared with the surest.
    """
    if not draw_themselves(ours):
        return flat(ours), flat(theirs)
    pairs = [(_surest(one), _surest(other)) for one, other in zip(ours, theirs, strict=True)]
    filled = [[np.pad(one, (0, _longer(pair) - len(one)), constant_values=FAINTEST) for one in pair] for pair in pairs]
    one, other = (np.concatenate([pair[side] for pair in filled]) for side in (0, 1))
    return one[:, None], other[:, None]


def draw_themselves(values: NDArray[Any]) -> bool:
    """Whether all answers are of a model that draws its boxes itself (`core.detections`)."""
    return values.dtype == object and all(one.ndim == 2 and draws_itself(one) for one in values if len(one))


def _longer(pair: tuple[NDArray[np.float64], NDArray[np.float64]]) -> int:
    return max(map(len, pair))


def _surest(said: NDArray[np.float32]) -> NDArray[np.float64]:
    return drawn(said).probabilities if len(said) else np.zeros(0)
