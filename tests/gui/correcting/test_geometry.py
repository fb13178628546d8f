"""Boxes under a hand stay in their picture, and a closer look goes back and forth between picture and screen."""

from __future__ import annotations

import pytest

from ftstudio.core.boxes import Box
from ftstudio.gui.correcting import geometry
from ftstudio.gui.correcting.drag import Drag
from ftstudio.gui.correcting.viewport import Viewport

SIZE = (100.0, 80.0)


def box(x: float, y: float, width: float = 20, height: float = 10, label: str = "cat") -> Box:
    return Box(label=label, x=x, y=y, width=width, height=height)


def test_a_box_stops_at_the_edge_and_keeps_its_size() -> None:
    assert geometry.moved(box(10, 10), -50, 200, SIZE) == box(0, 70)
    assert geometry.moved(box(10, 10), 3.5, -2, SIZE) == box(13.5, 8)


def test_every_handle_moves_its_own_edges() -> None:
    start = box(30, 30)
    pulled = {handle: geometry.pulled(start, handle, 4, 2, SIZE) for handle in (*geometry.HANDLES, geometry.INSIDE)}

    assert pulled["lt"] == box(34, 32, 16, 8)
    assert pulled["rb"] == box(30, 30, 24, 12)
    assert pulled["r"] == box(30, 30, 24, 10)
    assert pulled["t"] == box(30, 32, 20, 8)
    assert pulled[""] == box(34, 32)
    assert all(one.is_sound for one in pulled.values())


def test_a_box_pulled_past_its_other_edge_turns_over_and_is_cut_at_the_picture() -> None:
    assert geometry.pulled(box(30, 30), "l", 25, 0, SIZE) == box(50, 30, 5, 10)
    assert geometry.pulled(box(30, 30), "rb", 500, 500, SIZE) == box(30, 30, 70, 50)
    assert geometry.spanned("cat", (-5, 90), (-3, 95), SIZE) == box(0, 79, 1, 1)


def test_of_several_boxes_the_smallest_is_meant_and_a_second_click_means_the_next() -> None:
    boxes = [box(0, 0, 60, 60), box(10, 10, 20, 20), box(float("nan"), 0)]

    assert geometry.box_at(boxes, (15, 15), 2) == 1
    assert geometry.box_at(boxes, (15, 15), 2, after=1) == 0
    assert geometry.box_at(boxes, (50, 50), 2) == 0
    assert geometry.box_at(boxes, (90, 70), 2) == -1


def test_edges_and_corners_are_found_even_in_a_tiny_box() -> None:
    assert geometry.handle_at(box(10, 10), (10.5, 10.5), 3) == "lt"
    assert geometry.handle_at(box(10, 10), (20, 21), 3) == "b"
    assert geometry.handle_at(box(10, 10, 4, 4), (12, 12), 7) == ""
    assert geometry.handle_at(box(10, 10), (50, 10), 3) is None


def test_a_click_draws_nothing_and_a_drag_draws_a_box() -> None:
    drag = Drag.begin([box(0, 0)], -1, (50, 50), 2, draws=False)

    assert drag.drawn((51, 51), SIZE, "dog") == ((box(0, 0),), -1)
    assert drag.drawn((70, 60), SIZE, "dog") == ((box(0, 0), box(50, 50, 20, 10, "dog")), 1)
    assert Drag.begin([box(0, 0)], -1, (5, 5), 2, draws=False).box == 0
    assert Drag.begin([box(0, 0)], -1, (5, 5), 2, draws=True).box == -1


@pytest.mark.parametrize("size", [(4000.0, 3000.0), (30.0, 200.0)])
def test_zooming_keeps_the_point_under_the_pointer(size: tuple[float, float]) -> None:
    view = Viewport(size, (800, 600)).fitted()
    assert view.seen().getRect() == pytest.approx((0, 0, *size))
    under = view.to_picture(400, 310)

    closer = view.zoomed(3, (400, 310))

    assert closer.to_picture(400, 310) == pytest.approx(under)
    assert closer.zoomed(1e-3, (0, 0)).fits
    assert closer.zoomed(1e6, (0, 0)).scale == 16


def test_the_picture_cannot_be_pushed_out_of_sight_and_a_chosen_box_comes_into_sight() -> None:
    view = Viewport((4000, 3000), (800, 600)).fitted().zoomed(10, (0, 0))

    assert view.shifted(1e6, 1e6).seen().topLeft().toTuple() == (0, 0)
    far = box(3900, 2900)
    assert not view.seen().intersects(view.seen().__class__(far.x, far.y, far.width, far.height))
    assert view.showing(far).seen().contains(far.x + 5, far.y + 5)
    assert view.showing(far).showing(far) == view.showing(far)
