"""Boxes: cells that come back as they were written, what is cut at edges, and how far boxes overlap."""

from __future__ import annotations

import numpy as np
import pytest

from ftstudio.core import boxes
from ftstudio.core.boxes import Box, Spotted


def box(label: str = "cat", x: float = 10, y: float = 20, width: float = 30, height: float = 40) -> Box:
    return Box(label=label, x=x, y=y, width=width, height=height)


def test_a_cell_comes_back_as_it_was_written() -> None:
    there = (box(), box("a “dog”", 1.25, 2.5))

    assert boxes.read(boxes.write(there)) == there
    assert boxes.read(boxes.write(())) == ()
    assert boxes.read(boxes.write([Spotted(**box().model_dump(), probability=0.4)])) == (box(),)


def test_objects_as_other_programs_write_them_are_read() -> None:
    assert boxes.read('[{"category": "cat", "bbox": [10, 20, 30, 40]}]') == (box(),)
    assert boxes.read('[{"label": "cat", "x": 10, "y": 20, "width": 30, "height": 40}]') == (box(),)


@pytest.mark.parametrize("cell", ["", "cat", "{}", "[1]", '[["cat", 1, 2, 3]]', '[["", 1, 2, 3, 4]]', "[[" * 3000])
def test_what_is_no_list_of_boxes_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        boxes.read(cell)


def test_boxes_are_cut_at_the_edge_and_what_has_no_area_is_left_out() -> None:
    found = [box(x=-10), box(x=200), box(width=float("nan")), box(height=-3), box(), box()]

    assert boxes.fitting(found, 100, 50) == (box(x=0, width=20, height=30), box(height=30))


def test_overlap_is_the_common_share_of_both() -> None:
    one, other = (
        boxes.corners([box(x=0, y=0, width=10, height=10)]),
        boxes.corners([box(x=5, y=0, width=10, height=10)]),
    )

    assert boxes.overlaps(one, other) == pytest.approx(np.array([[1 / 3]]))
    assert boxes.sentence([box(), box("dog"), box()]) == "2 cat, 1 dog"
