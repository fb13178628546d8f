"""Doing the same to many pieces at once, in order, with only a few pieces in memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pyarrow as pa

Item = TypeVar("Item")
Result = TypeVar("Result")

WORKERS = max(2, min(4, os.cpu_count() or 1))
WORTH_PARTS = 100_000


def ordered_map(function: Callable[[Item], Result], items: Iterable[Item], ahead: int = 2) -> Iterator[Result]:
    """Yield `function(item)` in the order of `items`, working on a few at a time in threads.

    The work must spend its time outside Python (Arrow, numpy, Pillow, files) to gain anything.
    """
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="data") as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > WORKERS + ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def prefetched(items: Iterable[Item], ahead: int = 2) -> Iterator[Item]:
    """Yield `items` as they are, each made ahead of time by one thread; what goes wrong there is raised here."""
    iterator, end = iter(items), object()
    with ThreadPoolExecutor(1, thread_name_prefix="read") as reader:
        waiting = deque(reader.submit(next, iterator, end) for _ in range(ahead))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(reader.submit(next, iterator, end))
            yield item  # type: ignore[misc]  # the end is not an item


def in_parts(function: Callable[[pa.ChunkedArray], Result], column: pa.ChunkedArray) -> list[Result]:
    """Return what a function makes of consecutive parts of a column, one for each worker if it has many rows."""
    if len(column) < WORTH_PARTS:
        return [function(column)]
    size = -(-len(column) // WORKERS)
    return list(ordered_map(function, [column.slice(start, size) for start in range(0, len(column), size)]))
