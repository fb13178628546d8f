"""Masks in run lengths (RLE), as COCO has them for crowds and masks without polygons: the box around one.

A mask is gone through column by column; its runs are of nothing and of the thing in turn. Packed ones write each run as
letters of six bits, from the third on as the difference to the one before the last (pycocotools' `maskApi.c`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_RUNS = 1_000_000


def around(mask: Any) -> list[float] | None:
    """Return left, top, width and height of the box around a mask, None for one that is empty or cannot be read."""
    if not isinstance(mask, Mapping):
        return None
    counts, size = mask.get("counts"), mask.get("size")
    if not (isinstance(size, list) and len(size) == 2 and all(type(side) is int and side > 0 for side in size)):
        return None
    try:
        runs = _unpacked(counts) if isinstance(counts, str) else counts
    except (IndexError, OverflowError):
        return None
    if not isinstance(runs, list) or not all(type(run) is int and run >= 0 for run in runs):
        return None
    return _box(runs, size[0]) if sum(runs) == size[0] * size[1] else None


def _unpacked(counts: str) -> list[int]:
    """Return the runs of a packed mask; raises IndexError for one that ends in the middle of a number."""
    runs, at = list[int](), 0
    while at < len(counts) and len(runs) < MOST_RUNS:
        value, shift, more = 0, 0, True
        while more:
            bits = ord(counts[at]) - 48
            value |= (bits & 0x1F) << shift
            shift, at, more = shift + 5, at + 1, bool(bits & 0x20)
            if not more and bits & 0x10:
                value |= -1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
    return runs


def _box(runs: list[int], height: int) -> list[float] | None:
    left, top, right, low, start = float("inf"), float("inf"), -1, -1, 0
    for number, run in enumerate(runs):
        if number % 2 and run:
            first, last = divmod(start, height), divmod(start + run - 1, height)
            whole = first[0] != last[0]  # it goes on in the next column, so it reaches from top to bottom
            left, right = min(left, first[0]), max(right, last[0])
            top, low = min(top, 0 if whole else first[1]), max(low, height - 1 if whole else last[1])
        start += run
    return [float(left), float(top), right - left + 1, low - top + 1] if right >= 0 else None
