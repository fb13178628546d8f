"""Which of a model's answers to look at, and in which order: pure figures, fast for many rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.datasets.view import View
from ftstudio.planning.answers import Answers

MEASURED = (ColumnRole.TEXT, ColumnRole.TEXT_PAIR)


class Order(StrEnum):
    """What comes first."""

    WORST = "worst"
    CONFIDENT = "confident"
    UNCERTAIN = "uncertain"
    RANDOM = "random"


class Length(StrEnum):
    """A third of the texts by their length."""

    SHORT = "short"
    MIDDLE = "middle"
    LONG = "long"


@dataclass(frozen=True)
class Choice:
    """What is asked for. Empty and None mean any; `seed` changes what `Order.RANDOM` gives.

    `Order.CONFIDENT` lists mistakes only, whatever `right` says.
    """

    split: Split
    order: Order = Order.WORST
    truth: str = ""
    predicted: str = ""
    right: bool | None = None
    length: Length | None = None
    contains: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Texts:
    """The texts of some answers: `lengths` in characters, shape [answers], and `bounds` between the thirds."""

    lengths: NDArray[np.int64]
    bounds: tuple[int, int]


def positions_in(view: View, answers: Answers) -> NDArray[np.int64]:
    """Return where the answered rows lie in a view of the same rows, shape [answers]."""
    return np.searchsorted(view.index, answers.place)


def measure(view: View, positions: NDArray[np.int64]) -> Texts | None:
    """Return how long the texts at some positions of a view are; None where there are no texts."""
    columns = [view.column(role) for role in MEASURED if view.has(role)]
    if not columns or not len(positions):
        return None
    lengths = np.zeros(len(positions), dtype=np.int64)
    for column in columns:
        lengths += pc.fill_null(pc.call_function("utf8_length", [column]), 0).to_numpy()[positions]
    low, high = np.quantile(lengths, (1 / 3, 2 / 3))
    return Texts(lengths, (int(low), int(high)))


def choose(
    answers: Answers, choice: Choice, texts: Texts | None = None, fitting: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Return the numbers of the answers that fit, in the order asked for; `fitting` marks those with the words wanted.

    Rows without a label have no loss and come last.
    """
    keep = answers.of(choice.split)
    for label, given in ((choice.truth, answers.label), (choice.predicted, answers.predicted)):
        if label:
            keep &= given == (answers.labels.index(label) if label in answers.labels else -2)
    wanted = False if choice.order is Order.CONFIDENT else choice.right
    if wanted is not None:
        keep &= (answers.right == wanted) & (answers.label >= 0)
    if choice.length is not None and texts is not None:
        keep &= _thirds(texts) == list(Length).index(choice.length)
    if fitting is not None:
        keep &= fitting
    found = np.flatnonzero(keep)
    if choice.order is Order.RANDOM:
        return np.random.default_rng(choice.seed).permutation(found)
    return found[np.argsort(_RANKED[choice.order](answers)[found], kind="stable")]


_RANKED: dict[Order, Callable[[Answers], NDArray[np.float64]]] = {
    Order.WORST: lambda answers: -answers.loss,
    Order.CONFIDENT: lambda answers: -answers.confidence,
    Order.UNCERTAIN: lambda answers: answers.margin,
}


def count_wrong(answers: Answers, chosen: NDArray[np.int64]) -> int:
    """Return how many of some answers are wrong."""
    return int((~answers.right[chosen] & (answers.label[chosen] >= 0)).sum())


def _thirds(texts: Texts) -> NDArray[np.int64]:
    return np.searchsorted(np.array(texts.bounds), texts.lengths, side="left")
