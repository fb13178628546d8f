"""Pictures that are changed with their boxes: what is cut, what leaves, what stays, and that pixels agree with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ftstudio.core import boxes
from ftstudio.engine import backend
from ftstudio.engine.answers.detecting import matched
from ftstudio.engine.vision import boxed_augmentation as changing
from ftstudio.engine.vision.augmentation import Changes
from ftstudio.engine.vision.boxed_pictures import BoxedPictures, encode
from ftstudio.engine.vision.pictures import Preparer, square_preparer

SIZE = (100, 50)  # width, height
GROUND = torch.tensor([10, 20, 30], dtype=torch.uint8)


def thing(left: float, top: float, right: float, bottom: float, kind: float = 0) -> list[float]:
    return [kind, left / SIZE[0], top / SIZE[1], right / SIZE[0], bottom / SIZE[1]]


def seen(window: tuple[int, int, int, int], *things: list[float]) -> list[list[float]]:
    """Return kind and corners in pixels of the window."""
    left = changing.moved(np.array(things, dtype=np.float64).reshape(-1, 5), window, SIZE)
    sides = [window[2] - window[0], window[3] - window[1]]
    return [[one[0], *(one[1:] * np.array(sides * 2)).round(6).tolist()] for one in left]


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        ((30, 10, 50, 30), [0, 10, 5, 30, 25]),  # within
        ((10, 10, 40, 30), [0, 0, 5, 20, 25]),  # cut by the edge
        ((20, 5, 60, 45), [0, 0, 0, 40, 40]),  # exactly the window
        ((0, 0, 100, 50), [0, 0, 0, 40, 40]),  # around the window, its middle in it
        ((0, 0, 40.2, 50), [0, 0, 0, 20.2, 40]),  # its middle just in
        ((0, 10, 30, 30), [0, 0, 5, 10, 25]),  # its middle out, exactly a third of it in
        ((0, 10, 29, 30), None),  # less than a third
        ((60, 10, 70, 20), None),  # touches the edge from outside
        ((10, 10, 20, 20), None),  # and so on the other side
        ((0, 0, 15, 10), None),  # away
    ],
)
def test_a_crop_moves_cuts_and_drops_boxes(one: tuple[float, ...], wanted: list[float] | None) -> None:
    assert seen((20, 5, 60, 45), thing(*one)) == ([] if wanted is None else [wanted])


def test_kinds_stay_with_their_boxes() -> None:
    shown = seen((0, 0, 50, 50), thing(60, 0, 90, 40, 2), thing(10, 10, 30, 30, 1), thing(0, 0, 8, 8, 3))

    assert [one[0] for one in shown] == [1, 3]


def test_a_wider_window_makes_things_smaller_and_loses_none() -> None:
    assert seen((-50, -25, 150, 75), thing(0, 0, 100, 50), thing(10, 10, 20, 20, 1)) == [
        [0, 50, 25, 150, 75],
        [1, 60, 35, 70, 45],
    ]


def test_a_thing_of_less_than_a_pixel_leaves() -> None:
    assert seen((-50, -25, 150, 75), thing(10, 10, 11.5, 40)) == []
    assert seen((0, 0, 100, 50), thing(10, 10, 10.5, 40)), "a whole picture is as it is"


def test_mirrored_boxes_lie_on_the_other_side() -> None:
    assert changing.turned(np.array([[1.0, 0.1, 0.2, 0.4, 0.5]])).round(6).tolist() == [[1.0, 0.6, 0.2, 0.9, 0.5]]


@pytest.mark.parametrize("strength", list(changing.REACH))
@pytest.mark.parametrize("place", [(0, 0, 6, 4), (90, 40, 100, 50), (45, 20, 55, 30)])
def test_something_always_stays_in_the_window(strength: str, place: tuple[float, ...]) -> None:
    truth = np.array([thing(*place)])
    chance = np.random.default_rng(0)
    windows = [changing.draw(truth, SIZE, changing.REACH[strength], chance) for _ in range(300)]

    assert all(len(changing.moved(truth, one, SIZE)) == 1 for one in windows)
    smaller = [one for one in windows if one[0] < 0 or one[1] < 0 or one[2] > 100 or one[3] > 50]
    crops = [one for one in windows if one[2] - one[0] < 100 or one[3] - one[1] < 50]
    assert len(smaller) > 30
    assert len(crops) > 30
    assert (0, 0, *SIZE) in windows
    least = changing.REACH[strength].crop / changing.STRETCH**0.5
    assert all(one[2] - one[0] >= least * 100 - 1 and one[3] - one[1] >= least * 50 - 1 for one in windows)


def test_a_picture_without_things_stays_one_and_is_cropped_as_well() -> None:
    chance = np.random.default_rng(0)
    nothing = np.zeros((0, 5))
    windows = {changing.draw(nothing, SIZE, changing.REACH["light"], chance) for _ in range(50)}

    assert len(windows) > 10
    assert all(changing.moved(nothing, one, SIZE).shape == (0, 5) for one in windows)


def test_what_cannot_stay_in_any_crop_keeps_its_picture_whole() -> None:
    hair = np.array([thing(10, 10, 10.2, 40)])  # thinner than a pixel however it is looked at
    chance = np.random.default_rng(0)

    assert {changing.draw(hair, SIZE, changing.REACH["strong"], chance) for _ in range(50)} == {(0, 0, *SIZE)}


def bright_square(side: int = 64) -> tuple[torch.Tensor, np.ndarray]:
    pixels = torch.zeros(3, side, side, dtype=torch.uint8)
    pixels[:, 20:40, 12:44] = 255
    return pixels, np.array([[0, 12 / side, 20 / side, 44 / side, 40 / side]])


@pytest.mark.parametrize("strength", ["light", "strong"])
def test_the_pixels_lie_where_the_boxes_say(strength: str) -> None:
    backend.prepare()
    picture, truth = bright_square()
    changes = Changes(strength, colours=False)
    kinds_of_change = set()
    for seed in range(60):
        (shown,), (there,) = changing.augment(picture[None], [truth], changes, seed, torch.zeros(3, dtype=torch.uint8))
        bright = shown[0] > 127
        across, down = np.flatnonzero(bright.any(0).numpy()), np.flatnonzero(bright.any(1).numpy())
        found = np.array([across[0], down[0], across[-1] + 1, down[-1] + 1])
        assert found == pytest.approx(there[0, 1:] * 64, abs=1.01), f"seed {seed}"
        kinds_of_change.add(tuple(found))
    assert len(kinds_of_change) > 30


def test_around_a_smaller_picture_is_plain_ground() -> None:
    backend.prepare()
    shown = changing.through(torch.full((3, 50, 100), 255, dtype=torch.uint8), (-100, -50, 200, 100), GROUND)

    assert shown.shape == (3, 50, 100)
    assert shown[:, 2, 2].tolist() == GROUND.tolist()
    assert shown[:, 25, 50].tolist() == [255, 255, 255]


def test_colours_change_only_where_they_may() -> None:
    backend.prepare()
    picture, truth = bright_square()
    kept = Changes("strong", mirrors=False, colours=False)
    grey = torch.full_like(picture, 100)
    ground = torch.full((3,), 100, dtype=torch.uint8)
    for seed in range(10):
        plain, _ = changing.augment(grey[None], [truth], kept, seed, ground)
        assert plain.unique().tolist() == [100]
    coloured = [changing.augment(grey[None], [truth], Changes("strong"), seed, ground)[0] for seed in range(5)]
    assert any(one.unique().tolist() != [100] for one in coloured)


def test_the_same_seed_gives_the_same_pictures_and_no_other_chance_is_used_up() -> None:
    backend.prepare()
    picture, truth = bright_square()

    def made(seed: int) -> tuple[bytes, bytes]:
        shown, there = changing.augment(picture[None], [truth], Changes("randaugment"), seed, GROUND)
        return shown.numpy().tobytes(), there[0].tobytes()

    torch.manual_seed(4)
    wanted = torch.rand(1)
    torch.manual_seed(4)
    assert made(7) == made(7)
    assert torch.equal(torch.rand(1), wanted)
    assert len({made(seed) for seed in range(8)}) > 4


def pictures(folder: Path, changes: Changes) -> BoxedPictures:
    paths = [folder / f"{at}.png" for at in range(3)]
    for path in paths:
        Image.new("RGB", (40, 40), (200, 0, 0)).save(path)
    cells = [boxes.write([boxes.Box(label="a", x=4, y=4, width=24, height=24)]), "[]", None]
    like = Preparer(lambda image: torch.empty(0), torch.full((3, 1, 1), 0.5), torch.ones(3, 1, 1))
    steps = np.stack(np.meshgrid(np.arange(4), np.arange(4)), axis=-1).reshape(-1, 2) / 4
    places = np.concatenate([steps, steps + 0.25], axis=1)
    return encode(paths, cells, ["a"], square_preparer(32, like), places, changes)


def test_batches_are_changed_only_with_a_seed_and_weigh_as_before(tmp_path: Path) -> None:
    backend.prepare()
    some = pictures(tmp_path, Changes("light"))

    plain = some.batch([0, 1], None)
    changed = [some.batch([0, 1], seed) for seed in range(20)]

    assert plain.weight == 1.0
    assert plain.labels[0, 0].tolist() == pytest.approx([0, 0.1, 0.1, 0.7, 0.7])
    assert plain.labels[1, 0, 0] == -1
    assert any(not torch.equal(one.labels, plain.labels) for one in changed)
    for one in changed:
        assert one.inputs["pixel_values"].shape == plain.inputs["pixel_values"].shape
        there = one.labels[0][one.labels[0, :, 0] >= 0][:, 1:].double().numpy()
        answering = int((matched(there, some.places) >= 0).sum())
        assert one.weight * answering == pytest.approx(some.losses[0]), "a step averages over what it looked at"
        assert (one.labels[1, :, 0] == -1).all(), "nothing comes into an empty picture"


def test_pictures_whose_boxes_are_not_known_stay_as_they_are(tmp_path: Path) -> None:
    backend.prepare()
    some = pictures(tmp_path, Changes("strong", colours=False))

    assert all(torch.equal(some.batch([2], seed).labels, some.batch([2], None).labels) for seed in range(10))
