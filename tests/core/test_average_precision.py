"""mAP as COCO counts it: a case known by hand, and pycocotools' own figures on boxes drawn by chance."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest

from ftstudio.core.average_precision import Present, best_threshold, judge, mean_average_precision
from ftstudio.core.detections import Drawn
from ftstudio.core.sized_precision import SIZES, count_of_size, judge_of_size


def drawn(*boxes: tuple[int, float, float, float, float, float]) -> Drawn:
    values = np.array(boxes, dtype=np.float64).reshape(-1, 6)
    return Drawn(values[:, 2:], values[:, 0].astype(np.int64), values[:, 1])


def present(*boxes: tuple[int, float, float, float, float]) -> Present:
    values = np.array(boxes, dtype=np.float64).reshape(-1, 5)
    return Present(values[:, 1:], values[:, 0].astype(np.int64))


def test_one_of_two_things_found_exactly_is_half_of_everything() -> None:
    judged = judge([drawn((0, 0.9, 0, 0, 10, 10))], [present((0, 0, 0, 10, 10), (0, 20, 20, 30, 30))], 1)

    half, everything = mean_average_precision(judged)

    assert (half, everything) == (pytest.approx(51 / 101), pytest.approx(51 / 101))


def test_a_second_box_around_one_thing_is_wrong_and_the_threshold_lies_above_it() -> None:
    said = drawn((0, 0.9, 0, 0, 10, 10), (0, 0.4, 0, 0, 10, 9))
    judged = judge([said], [present((0, 0, 0, 10, 10))], 1)

    best = best_threshold(judged)

    assert judged[0].right[0].tolist() == [True, False]
    assert (best.value, best.precision, best.recall) == (0.9, 1.0, 1.0)


def test_without_a_thing_or_a_box_nothing_breaks() -> None:
    assert mean_average_precision(judge([drawn()], [present()], 2)) == (0.0, 0.0)
    assert mean_average_precision(judge([drawn()], [present((1, 0, 0, 5, 5))], 2)) == (0.0, 0.0)
    assert best_threshold(judge([], [], 1)).value == 0.5


@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_of_pycocotools(seed: int) -> None:
    chance = np.random.default_rng(seed)
    truth, said = [], []
    for _ in range(12):
        corners = _boxes(chance, int(chance.integers(0, 6)))
        kinds = chance.integers(0, 3, len(corners))
        near = corners + chance.normal(0, 3, corners.shape)
        extra = _boxes(chance, 3)
        both = np.concatenate([near, extra])
        names = np.concatenate([kinds, chance.integers(0, 3, 3)])
        order = np.argsort(-(shares := chance.permutation(1000)[: len(both)] / 1000))
        truth.append(Present(corners, kinds))
        said.append(Drawn(both[order], names[order], shares[order]))

    half, everything = mean_average_precision(judge(said, truth, 3))

    theirs = _theirs(said, truth)
    assert (everything, half) == (pytest.approx(theirs[0]), pytest.approx(theirs[1]))
    assert 0 < everything < half < 1


def test_a_small_thing_is_judged_apart_from_a_large_one_around_it() -> None:
    """By hand: of the small things (20 x 20) one of two is found; the large box is neither right nor wrong there."""
    truth = present((0, 0, 0, 0.1, 0.1), (0, 0.2, 0.2, 0.3, 0.3), (0, 0.5, 0, 1, 1))
    said = drawn((0, 0.9, 0.5, 0, 1, 1), (0, 0.8, 0, 0, 0.1, 0.1), (0, 0.7, 0.6, 0.6, 0.7, 0.7))
    shape = [(200, 200)]

    found = {size: mean_average_precision(judge_of_size([said], [truth], shape, 1, size)) for size in SIZES}

    assert found["small"] == (pytest.approx(51 / 101), pytest.approx(51 / 101))
    assert found["large"] == (pytest.approx(1), pytest.approx(1))
    assert found["medium"] == (0.0, 0.0)
    assert [count_of_size([truth], shape, size) for size in SIZES] == [2, 0, 1]


@pytest.mark.parametrize("seed", range(4))
def test_figures_by_size_are_those_of_pycocotools(seed: int) -> None:
    chance = np.random.default_rng(seed)
    truth, said = [], []
    for _ in range(14):
        start = chance.uniform(0, 200, (8, 2))
        corners = np.concatenate([start, start + chance.uniform(10, 160, (8, 2))], axis=1)
        kinds = chance.integers(0, 3, 8)
        near = np.concatenate([corners + chance.normal(0, 4, corners.shape), _boxes(chance, 3), _boxes(chance, 3) * 2])
        order = np.argsort(-(shares := chance.permutation(1000)[: len(near)] / 1000))
        truth.append(Present(corners, kinds))
        said.append(Drawn(near[order], np.concatenate([kinds, chance.integers(0, 3, 6)])[order], shares[order]))

    theirs = _theirs(said, truth)[3:6]
    ours = [mean_average_precision(judge_of_size(said, truth, [(1, 1)] * 14, 3, size))[1] for size in SIZES]

    assert ours == pytest.approx(list(theirs))
    assert len({round(one, 3) for one in ours}) == 3


def _boxes(chance: np.random.Generator, count: int) -> np.ndarray:
    start = chance.uniform(0, 80, (count, 2))
    return np.concatenate([start, start + chance.uniform(15, 60, (count, 2))], axis=1)


def _theirs(said: list[Drawn], truth: list[Present]) -> Any:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    things, found = [], []
    for picture, (drawn_here, there) in enumerate(zip(said, truth, strict=True), start=1):
        for corners, kind in zip(there.corners, there.kinds, strict=True):
            things.append({"id": len(things) + 1, "image_id": picture, "category_id": int(kind) + 1, "iscrowd": 0,
                           "bbox": _sides(corners), "area": float(np.prod(corners[2:] - corners[:2]))})  # fmt: skip
        for corners, kind, share in zip(drawn_here.corners, drawn_here.kinds, drawn_here.probabilities, strict=True):
            found.append({"image_id": picture, "category_id": int(kind) + 1, "bbox": _sides(corners), "score": share})
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = {"images": [{"id": at} for at in range(1, len(truth) + 1)], "annotations": things,
                         "categories": [{"id": at, "name": str(at)} for at in (1, 2, 3)], "info": {}}  # fmt: skip
        known.createIndex()
        judged = COCOeval(known, known.loadRes(found), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return judged.stats


def _sides(corners: np.ndarray) -> list[float]:
    left, top, right, bottom = (float(one) for one in corners)
    return [left, top, right - left, bottom - top]
