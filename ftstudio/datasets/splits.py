"""Dividing rows into training, validation and test: stratified by label, whole groups, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ftstudio.core.states import Split

CODES = {Split.TRAIN: 0, Split.VALIDATION: 1, Split.TEST: 2}
NAMES = {code: split for split, code in CODES.items()}
LEFT_OUT = -1
OPEN = -2

MOST_HELD_BACK = 10_000
_TRAIN, _VALIDATION, _TEST = 0, 1, 2

Codes = npt.NDArray[np.int8]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Quota:
    """The shares of the open rows that go to validation and to test; 0 for a split that is already there."""

    validation: float
    test: float


def default_quota(rows: int, *, has_validation: bool, has_test: bool) -> Quota:
    """Return sensible shares: about a sixth of small sets for each held-back part, a tenth of larger ones, capped."""
    share = 0.15 if rows < 2000 else 0.1
    if has_test and not has_validation:
        share = 0.2 if rows < 1000 else 0.15 if rows < 5000 else 0.1
    share = min(share, MOST_HELD_BACK / max(rows, 1))
    return Quota(0.0 if has_validation else share, 0.0 if has_test else share)


def assign(labels: Numbers, units: Numbers, given: Codes, quota: Quota, seed: int) -> Codes:
    """Divide the rows whose `given` code is `OPEN`; all other codes stay.

    `labels` numbers each row's class, `units` the rows that must stay together. Every class with enough units is
    in training first, then in validation, then in test.
    """
    result = given.copy()
    rows = np.flatnonzero(given == OPEN)
    if not len(rows):
        return result
    _, first, inverse, sizes = np.unique(units[rows], return_index=True, return_inverse=True, return_counts=True)
    if len(first) == len(rows):
        result[rows] = _divide(labels[rows], np.ones(len(rows), np.int64), quota, seed)
        return result
    classes = _main_class(labels[rows], inverse, len(sizes))
    codes = _divide(classes, sizes, quota, seed)
    _teach_every_class(labels[rows], inverse, codes)
    result[rows] = codes[inverse]
    return result


def _main_class(labels: Numbers, unit: Numbers, count: int) -> Numbers:
    """Return the most frequent class of each unit."""
    width = int(labels.max()) + 1
    pairs, times = np.unique(unit * width + labels, return_counts=True)
    order = np.lexsort((-times, pairs // width))
    _, first = np.unique((pairs // width)[order], return_index=True)
    main: Numbers = (pairs % width)[order][first]
    return main[:count]


def _divide(classes: Numbers, sizes: Numbers, quota: Quota, seed: int) -> Codes:
    """Give each unit a split: shuffled within its class, test first, then validation, the rest training."""
    generator = np.random.default_rng(seed)
    order = np.lexsort((generator.random(len(classes)), classes))
    codes = np.zeros(len(classes), np.int8)
    sorted_classes, sorted_sizes = classes[order], sizes[order]
    starts = np.flatnonzero(np.r_[True, sorted_classes[1:] != sorted_classes[:-1]])
    unit_counts = np.diff(np.r_[starts, len(order)])
    row_counts = np.add.reduceat(sorted_sizes, starts)
    ends = np.cumsum(sorted_sizes)
    before = np.repeat(ends[starts] - sorted_sizes[starts], unit_counts)
    middle = ends - before - sorted_sizes / 2
    test, validation = _quotas(row_counts, unit_counts, quota)
    test_rows, held_rows = np.repeat(test, unit_counts), np.repeat(test + validation, unit_counts)
    picked = np.where(middle <= test_rows, _TEST, np.where(middle <= held_rows, _VALIDATION, _TRAIN)).astype(np.int8)
    _mend(picked, starts, unit_counts, quota)
    codes[order] = picked
    return codes


def _quotas(rows: Numbers, units: Numbers, quota: Quota) -> tuple[Numbers, Numbers]:
    """Return how many rows of each class go to test and to validation; together they follow the shares."""
    test = _apportion(rows, quota.test)
    validation = _apportion(rows, quota.validation)
    if quota.validation:
        validation = np.where(units >= 2, np.maximum(validation, 1), 0)
    if quota.test:
        needed = 3 if quota.validation else 2
        test = np.where(units >= needed, np.maximum(test, 1), 0)
    return test, validation


def _apportion(rows: Numbers, share: float) -> Numbers:
    exact = rows * share
    counts: Numbers = np.floor(exact).astype(np.int64)
    missing = round(float(exact.sum())) - int(counts.sum())
    if missing > 0:
        counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return counts


def _mend(picked: Codes, starts: Numbers, counts: Numbers, quota: Quota) -> None:
    """See that each class has a unit in training and, where it has enough units, one in each held-back part."""
    for code, share, needed in ((_TRAIN, 1.0, 1), (_VALIDATION, quota.validation, 2), (_TEST, quota.test, 3)):
        if not share:
            continue
        have = np.add.reduceat(picked == code, starts)
        least = needed if quota.validation or code != _TEST else 2
        for index in np.flatnonzero((have == 0) & (counts >= least)):
            part = picked[starts[index] : starts[index] + counts[index]]
            numbers = np.bincount(part, minlength=3)
            donor = int(np.argmax(numbers))
            if numbers[donor] > 1 or code == _TRAIN:
                part[np.flatnonzero(part == donor)[-1]] = code


def _teach_every_class(labels: Numbers, unit: Numbers, codes: Codes) -> None:
    """Move units back to training when a class that shares its units with others would be missing there."""
    taught = np.unique(labels[codes[unit] == _TRAIN])
    for label in np.setdiff1d(np.unique(labels), taught):
        if label not in labels[codes[unit] == _TRAIN]:
            codes[unit[np.flatnonzero(labels == label)[0]]] = _TRAIN


def together(groups: Numbers | None, same: Numbers) -> Numbers:
    """Return a number per row, equal for rows of one group and for identical rows, followed through both.

    `groups` numbers groups from 0 (-1: none), `same` sets of identical rows (-1: unique).
    """
    units = np.arange(len(same), dtype=np.int64)
    links = [number for number in (groups, same) if number is not None and bool((number >= 0).any())]
    while True:
        before = units.copy()
        for numbers in links:
            linked = np.flatnonzero(numbers >= 0)
            lowest = np.full(int(numbers.max()) + 1, len(units), dtype=np.int64)
            np.minimum.at(lowest, numbers[linked], units[linked])
            units[linked] = lowest[numbers[linked]]
        if len(links) < 2 or np.array_equal(before, units):
            return units
