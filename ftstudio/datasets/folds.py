"""Dividing the rows that are not for testing into folds: stratified by label, whole groups, the same for a seed.

Rows of one group, and rows with the same content, never come into different folds: else a fold would be tested on
what it has learned from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ftstudio.core import plain_numbers
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.text import text, text_plural
from ftstudio.datasets import number_labels
from ftstudio.datasets.splits import together
from ftstudio.datasets.store import Dataset
from ftstudio.datasets.view import View

Numbers = npt.NDArray[np.int64]

FEWEST_OF_A_KIND = 20  # rows that are a class of their own when rows with marked places are divided


@dataclass(frozen=True)
class Pool:
    """All rows of training and validation, one entry per row in every field.

    `table` has the columns named by role, with `row`, `split` and `place` (the row's place in the stored table, which
    no other row has); `labels` number the classes in `names`, which make the folds alike; `units` are equal for rows
    that must stay together. `learned` are what a model is to tell apart: the classes, the labels of which a row may
    have several, or the kinds of marked places.
    """

    table: pa.Table
    labels: Numbers
    names: list[str]
    units: Numbers
    learned: list[str]

    def __len__(self) -> int:
        return len(self.labels)


def pool(dataset: Dataset) -> Pool:
    """Return the rows that may be learned from; the test rows stay sealed."""
    view = dataset.view
    kept = view.keep(view.in_split(Split.TRAIN) | view.in_split(Split.VALIDATION))
    labels, names = _of_numbers(kept) if kept.answer is Answer.NUMBER else _of_classes(kept)
    return Pool(
        table=kept.rows.append_column("place", pa.array(kept.index)),
        labels=labels,
        names=names,
        units=together(kept.groups, kept.same),
        learned=names if kept.answer is Answer.LABEL else dataset.labels,
    )


def _of_numbers(view: View) -> tuple[Numbers, list[str]]:
    """Return what each row counts as where labels are numbers, so that each fold has small and large ones."""
    values = view.numbers
    bins, count = number_labels.bins_of(values)
    ends = [(values[bins == at].min(), values[bins == at].max()) for at in range(count)]
    return bins, [f"{plain_numbers.write(low)} – {plain_numbers.write(high)}" for low, high in ends]


def _of_classes(view: View) -> tuple[Numbers, list[str]]:
    """Return the class of each row and the names of all."""
    values = _classes(view)
    names = sorted({values[number] for number in np.unique(view.label_numbers)})
    numbers = np.array([names.index(value) if value in names else -1 for value in values], dtype=np.int64)
    return numbers[view.label_numbers], names


def _classes(view: View) -> list[str]:
    """Return the class of each of a view's labels. Of marked places and of several labels a row these only make the
    folds alike, so kinds that few rows stand for join the commonest.
    """
    values = list(view.label_values)
    if not view.answer.has_kinds:
        return values
    counts = np.bincount(view.label_numbers[view.label_numbers >= 0], minlength=len(values))
    commonest = values[int(counts.argmax())]
    return [value if count >= FEWEST_OF_A_KIND else commonest for value, count in zip(values, counts, strict=True)]


class Unheld:
    """A data set whose validation rows are learned from as well, in the place of the data set itself."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset, self._pool = dataset, pool(dataset)
        self.folder, self.labels = dataset.folder, self._pool.learned

    def table(self, split: Split) -> pa.Table:
        """Return the rows of a split as the data set does: no validation rows, the others all for training."""
        if split is Split.TEST:
            return self._dataset.table(split)
        return self._pool.table if split is Split.TRAIN else self._pool.table.slice(0, 0)


def divide(pool: Pool, folds: int, seed: int) -> Numbers:
    """Return the fold of every row, from 0; each fold has rows of every class as evenly as its groups allow.

    Raises `InputError`, naming the largest number that works, when a class has too few rows for so many folds, and
    when the rows of a class cannot be spread at all.
    """
    _refuse_too_many(pool, folds)
    result = assign(pool.labels, pool.units, folds, seed)
    only = _in_one_fold(pool.labels, result, len(pool.names))
    if len(only):
        raise InputError(
            text(
                "With {folds} folds all rows of “{label}” would be held back at once, because of their groups.",
                folds=folds,
                label=pool.names[only[0]],
            ),
            text("Choose another number of folds, or make the groups smaller."),
            field="folds",
        )
    return result


def assign(labels: Numbers, units: Numbers, folds: int, seed: int) -> Numbers:
    """Give every row a fold so that classes and sizes are even; rows of one unit share theirs.

    Units of several rows come first, the largest ahead, each where it keeps the classes most even (as scikit-learn's
    StratifiedGroupKFold does); rows on their own then fill up what is missing.
    """
    chance = np.random.default_rng(seed)
    classes = int(labels.max()) + 1
    _, unit, sizes = np.unique(units, return_inverse=True, return_counts=True)
    held = np.zeros((folds, classes))
    result = np.zeros(len(labels), dtype=np.int64)
    if sizes.max() > 1:
        _place_units(labels, unit, np.flatnonzero(sizes > 1), held, result, chance)
    single = sizes[unit] == 1
    for label in range(classes):
        rows = chance.permutation(np.flatnonzero(single & (labels == label)))
        shares = _shares(held[:, label], held.sum(axis=1), len(rows))
        result[rows] = np.repeat(np.arange(folds), shares)
        held[:, label] += shares
    _spread_classes(labels, unit, folds, result)
    return result


def growing(labels: Numbers, units: Numbers, shares: Sequence[float], seed: int) -> list[Numbers]:
    """Return rows for each of the `shares` (in 0 to 1), each within the next larger one, classes by their share.

    Whole units only, each counted to the class of its first row; each of these classes is in every share.
    """
    chance = np.random.default_rng(seed)
    _, heads, unit = np.unique(units, return_index=True, return_inverse=True)
    place = np.zeros(len(heads))
    for label in np.unique(labels[heads]):
        members = chance.permutation(np.flatnonzero(labels[heads] == label))
        place[members] = np.arange(len(members)) / len(members)
    return [np.flatnonzero(place[unit] < share) for share in shares]


def _place_units(
    labels: Numbers,
    unit: Numbers,
    shared: Numbers,
    held: npt.NDArray[np.float64],
    result: Numbers,
    chance: np.random.Generator,
) -> None:
    number = np.full(int(unit.max()) + 1, -1, dtype=np.int64)
    number[shared] = np.arange(len(shared))
    rows = np.flatnonzero(number[unit] >= 0)
    counts = np.zeros((len(shared), held.shape[1]))
    np.add.at(counts, (number[unit[rows]], labels[rows]), 1)
    order = chance.permutation(len(shared))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    whole = np.maximum(np.bincount(labels, minlength=held.shape[1]), 1)
    fold = np.zeros(len(shared), dtype=np.int64)
    for at in order:
        # How uneven the classes become if the unit goes to each fold: only that fold's counts change.
        before, after = held / whole, (held + counts[at]) / whole
        total, squares = before.sum(axis=0) + counts[at] / whole, (before**2).sum(axis=0)
        spread = squares - before**2 + after**2 - total**2 / len(held)
        fold[at] = np.lexsort((held.sum(axis=1), np.round(spread.sum(axis=1), 12)))[0]
        held[fold[at]] += counts[at]
    result[rows] = fold[number[unit[rows]]]


def _shares(held: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64], count: int) -> Numbers:
    """Return how many of `count` rows each fold gets, so that all end as even as can be; small folds gain first."""
    low, high = int(held.min()), int(held.min()) + count
    while low < high:
        middle = (low + high + 1) // 2
        if np.maximum(0, middle - held).sum() <= count:
            low = middle
        else:
            high = middle - 1
    shares = np.maximum(0, low - held).astype(np.int64)
    order = np.lexsort((sizes, held + shares))
    shares[order[: count - int(shares.sum())]] += 1
    return shares


def _spread_classes(labels: Numbers, unit: Numbers, folds: int, result: Numbers) -> None:
    """Move units out of folds that hold all rows of a class, so that every class can be learned in every fold."""
    classes = int(labels.max()) + 1
    for _ in range(classes):
        alone = _in_one_fold(labels, result, classes)
        if not len(alone) or not any(_move_one(labels, unit, folds, result, label, len(alone)) for label in alone):
            return


def _move_one(labels: Numbers, unit: Numbers, folds: int, result: Numbers, label: int, before: int) -> bool:
    """Move one unit of a class to another fold if then fewer classes are in one fold only."""
    units, sizes = np.unique(unit[np.isin(unit, unit[labels == label])], return_counts=True)
    for one in units[np.argsort(sizes, kind="stable")]:
        rows = unit == one
        here = int(result[rows][0])
        for fold in np.argsort(np.bincount(result, minlength=folds), kind="stable"):
            result[rows] = fold
            if len(_in_one_fold(labels, result, int(labels.max()) + 1)) < before:
                return True
        result[rows] = here
    return False


def _in_one_fold(labels: Numbers, folds: Numbers, classes: int) -> Numbers:
    """Return the classes whose rows are all in one fold."""
    width = int(folds.max()) + 1
    table = np.bincount(labels * width + folds, minlength=classes * width).reshape(classes, width)
    return np.flatnonzero((table > 0).sum(axis=1) == 1)


def _refuse_too_many(pool: Pool, folds: int) -> None:
    pairs = np.unique(np.stack((pool.labels, pool.units)), axis=1)
    units = np.bincount(pairs[0], minlength=len(pool.names))
    rows = np.bincount(pool.labels, minlength=len(pool.names))
    label = int(units.argmin())
    most, name = int(units[label]), pool.names[label]
    if most >= folds:
        return
    if most == 1 and rows[label] > 1:
        raise InputError(
            text("All rows of “{label}” belong to one group or are the same row.", label=name),
            text("Held back together they could not be learned. Add rows of that label from another group."),
            field="folds",
        )
    if most == 1:
        raise InputError(
            text("“{label}” has only one row outside the test rows: too little data for any validation.", label=name),
            text("Add rows with that label, merge it with another, or remove it."),
            field="folds",
        )
    raise InputError(
        text_plural(
            "“{label}” has only {count} row that is unlike the others, too few for {folds} folds.",
            "“{label}” has only {count} rows that are independent of each other, too few for {folds} folds.",
            count=most,
            label=name,
            folds=folds,
        ),
        text("At most {most} folds work with this data.", most=most),
        field="folds",
    )
