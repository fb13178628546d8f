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
MOST_WRITTEN = 1_000
"""Of texts that are learned word by word a thousand say enough, and each costs as much as hundreds of short answers."""
_TRAIN, _VALIDATION, _TEST = 0, 1, 2

Codes = npt.NDArray[np.int8]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Quota:
    """The shares of the open rows that go to validation and to test; 0 for a split that is already there."""

    validation: float
    test: float


def default_quota(rows: int, *, has_validation: bool, has_test: bool, most: int = MOST_HELD_BACK) -> Quota:
    """Return sensible shares: a sixth of small sets for each held-back part, a tenth of larger ones, `most` rows."""
    share = 0.15 if rows < 2000 else 0.1
    if has_test and not has_validation:
        share = 0.2 if rows < 1000 else 0.15 if rows < 5000 else 0.1
    share = min(share, most / max(rows, 1))
    return Quota(0.0 if has_validation else share, 0.0 if has_test else share)


def assign(labels: Numbers, units: Numbers, given: Codes, quota: Quota, seed: int) -> Codes:
    """Divide the rows whose `given` code is `OPEN`; all other codes stay.

    `labels` numbers each row's class; `units` holds for each row the first row of those it must stay together with.
    Every class with enough units is in training first, then in validation, then in test.
    """
    is_open = given == OPEN
    if is_open.all() and len(given):
        return _divide_rows(_narrow(labels), units, quota, seed)
    result = given.copy()
    if is_open.any():
        result[is_open] = _divide_rows(_narrow(labels[is_open]), _first_of_unit(units[is_open]), quota, seed)
    return result


def _narrow(labels: Numbers) -> Numbers:
    """Return class numbers in as few bytes as they need: they are gone through often, and two bytes sort by radix."""
    return labels.astype(np.uint16) if int(labels.max()) < 1 << 16 else labels


def _divide_rows(classes: Numbers, unit: Numbers, quota: Quota, seed: int) -> Codes:
    """Divide rows of which each names the first row of its unit."""
    is_head = unit == np.arange(len(unit))
    others = np.flatnonzero(~is_head)
    if not len(others):
        return _divide(classes, None, quota, seed)
    sizes = np.bincount(unit, minlength=len(unit))
    codes = np.zeros(len(unit), np.int8)
    codes[is_head] = _divide(_main_class(classes, unit, sizes)[is_head], sizes[is_head], quota, seed)
    codes[others] = codes[unit[others]]
    _teach_every_class(classes, unit, codes)
    return codes


def _first_of_unit(units: Numbers) -> Numbers:
    """Return for each row the place of the first row of its unit."""
    places = np.arange(len(units))
    first = np.zeros(int(units.max()) + 1, dtype=np.int64)
    first[units[::-1]] = places[::-1]
    found: Numbers = first[units]
    return found


def _main_class(classes: Numbers, unit: Numbers, sizes: Numbers) -> Numbers:
    """Return, at the place of each unit's first row, the unit's most frequent class."""
    main = classes.copy()
    rows = np.flatnonzero(sizes[unit] > 1)
    width = int(classes.max()) + 1
    pairs, times = np.unique(unit[rows] * width + classes[rows], return_counts=True)
    order = np.lexsort((-times, pairs // width))
    shared, first = np.unique((pairs // width)[order], return_index=True)
    main[shared] = (pairs % width)[order][first]
    return main


def _divide(classes: Numbers, sizes: Numbers | None, quota: Quota, seed: int) -> Codes:
    """Give each unit a split: drawn at random within its class, first for test, then for validation, the rest training.

    `sizes` are the rows of each unit, None when each is one row.
    """
    generator = np.random.default_rng(seed)
    order = np.argsort(classes, kind="stable")
    units = np.bincount(classes)
    rows = units if sizes is None else units + _further_rows(classes, sizes)
    rows, units = rows[units > 0], units[units > 0]
    starts = np.cumsum(units) - units
    codes = np.zeros(len(classes), np.int8)
    for start, count, test, validation in zip(starts, units, *_quotas(rows, units, quota), strict=True):
        here = order[start : start + count]
        drawn = here[generator.choice(count, min(count, test + validation), replace=False)]
        size = np.ones(len(drawn)) if sizes is None else sizes[drawn]
        middle = np.cumsum(size) - size / 2
        codes[drawn[middle <= test + validation]] = _VALIDATION
        codes[drawn[middle <= test]] = _TEST
        numbers = np.bincount(codes[drawn], minlength=3)
        numbers[_TRAIN] += count - len(drawn)
        _mend(codes, here, numbers, quota)
    return codes


def _further_rows(classes: Numbers, sizes: Numbers) -> Numbers:
    """Return how many rows each class has beyond the first of each unit."""
    large = np.flatnonzero(sizes > 1)
    further = np.bincount(classes[large], sizes[large] - 1, minlength=int(classes.max()) + 1)
    return further.astype(np.int64)


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


def _mend(codes: Codes, here: Numbers, numbers: Numbers, quota: Quota) -> None:
    """See that a class has a unit in training and, where it has enough units, one in each held-back part.

    `here` are its units and `numbers` how many of them are in each part.
    """
    wanted = [_TRAIN, *[_VALIDATION] * bool(quota.validation), *[_TEST] * bool(quota.test)]
    for code in wanted[: len(here)]:
        if not numbers[code]:
            donor = int(np.argmax(numbers))
            codes[here[np.flatnonzero(codes[here] == donor)[-1]]] = code
            numbers[donor] -= 1
            numbers[code] += 1


def _teach_every_class(labels: Numbers, unit: Numbers, codes: Codes) -> None:
    """Move units back to training when a class that shares its units with others would be missing there."""
    taught = np.bincount(labels[codes == _TRAIN], minlength=int(labels.max()) + 1)
    for label in np.flatnonzero(taught == 0):
        rows = np.flatnonzero(labels == label)
        if len(rows) and not bool((codes[rows] == _TRAIN).any()):
            codes[unit == unit[rows[0]]] = _TRAIN


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
