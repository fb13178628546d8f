"""Work in threads keeps its order, and what goes wrong in them is raised where the result is asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from ftstudio.datasets.parallel import ordered_map, prefetched


def test_items_made_ahead_come_in_order_from_another_thread() -> None:
    makers = set()

    def items() -> Iterator[int]:
        for number in range(20):
            makers.add(threading.current_thread().name)
            yield number

    assert list(prefetched(items())) == list(range(20))
    assert threading.current_thread().name not in makers


def test_a_fault_of_the_maker_is_raised_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("third")

    seen: list[int] = []
    with pytest.raises(ValueError, match="third"):
        seen.extend(prefetched(items()))
    assert seen == [1, 2]


def test_who_stops_early_stops_the_maker() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    taken = prefetched(items(), ahead=2)
    assert next(taken) == 0
    taken.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(made) <= 4


def test_results_keep_the_order_of_the_items() -> None:
    assert list(ordered_map(lambda number: number * number, range(50))) == [number * number for number in range(50)]
