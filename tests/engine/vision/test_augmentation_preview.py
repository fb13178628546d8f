"""Pictures of a project beside what training makes of them, through the job the window starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ftstudio.core.errors import InputError
from ftstudio.engine.vision.augmentation_preview import SIDE
from tests.engine.projects import Tiny
from tests.engine.projects import _import as imported
from tests.support.box_projects import KINDS, write_shapes


def previewed(project: Tiny, **settings: Any) -> list[dict[str, Any]]:
    pictures: list[dict[str, Any]] = project.job("preview_augmentation", settings=settings)["pictures"]
    return pictures


def read(path: str) -> np.ndarray[Any, Any]:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.mark.parametrize("values", [{"augmentation": "light"}, {"augmentation": "randaugment"}, {"cutmix": 1.0}])
def test_each_picture_stands_beside_its_changes(image_project: Tiny, values: dict[str, Any]) -> None:
    pictures = previewed(image_project, **values)

    assert len(pictures) == 2
    assert {one["label"] for one in pictures} == {"plain", "striped"}, "of as many classes as there are"
    for one in pictures:
        assert read(one["original"]).shape == (SIDE, SIDE, 3)
        changed = [read(variant["path"]) for variant in one["variants"]]
        assert len(changed) == 4
        assert any(not np.array_equal(picture, read(one["original"])) for picture in changed)
        assert len({picture.tobytes() for picture in changed}) > 1, "the changes are all alike"
    files = [Path(variant["path"]) for one in pictures for variant in one["variants"]]
    assert all(image_project.layout.cache in path.parents for path in files)


def test_they_follow_from_the_seed(image_project: Tiny) -> None:
    def pixels(seed: int) -> list[bytes]:
        pictures = previewed(image_project, augmentation="strong", mixup=0.4, seed=seed)
        return [read(variant["path"]).tobytes() for one in pictures for variant in one["variants"]]

    assert pixels(3) == pixels(3)
    assert pixels(3) != pixels(4)


def test_what_was_mixed_in_is_said(image_project: Tiny) -> None:
    words = [variant["mixed"] for one in previewed(image_project, mixup=2.0) for variant in one["variants"]]

    assert any(word.startswith(("plain ", "striped ")) and word.endswith("%") for word in words)
    plain = [variant["mixed"] for one in previewed(image_project, augmentation="light") for variant in one["variants"]]
    assert set(plain) == {""}


def test_pictures_with_boxes_are_changed_with_them(tmp_path: Path) -> None:
    root = imported(tmp_path / "shapes", "object-detection", write_shapes(tmp_path / "source", pictures=12))

    pictures = previewed(Tiny(root), augmentation="light", mixup=0.5, seed=1)

    assert len(pictures) == 2
    variants = [variant for one in pictures for variant in one["variants"]]
    for one in (*pictures, *variants):
        bright = read(one.get("path") or one["original"]).max(axis=2) > 190
        assert one["boxes"], "something stays in every picture"
        for label, left, top, right, bottom in one["boxes"]:
            assert label in KINDS
            x, y = int((left + right) / 2 * SIDE), int((top + bottom) / 2 * SIDE)
            assert bright[y, x], "a bright shape is where the box says"
    assert all(variant["mixed"] == "" for variant in variants), "boxed pictures are not mixed"
    assert {one["label"] for one in pictures} <= {"1 square", "1 cross", "1 square, 1 cross", "1 cross, 1 square",
                                                  "2 square", "2 cross"}  # fmt: skip
    assert any(variant["boxes"] != one["boxes"] for one in pictures for variant in one["variants"])


def test_a_project_of_texts_has_none(text_project: Tiny) -> None:
    with pytest.raises(InputError, match="no pictures"):
        previewed(text_project, augmentation="light")


def test_settings_that_cannot_be_are_refused(image_project: Tiny) -> None:
    with pytest.raises(InputError, match="augmentation"):
        previewed(image_project, augmentation="wild")
