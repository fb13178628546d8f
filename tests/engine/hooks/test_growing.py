"""Small pictures first: sizes follow from the step, checks see whole pictures, models of one size go on as always."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.messages import Remark, Stop
from ftstudio.core.settings import build
from ftstudio.engine.hooks.growing import STAGES
from ftstudio.engine.vision import pictures
from tests.engine import projects
from tests.engine.projects import Tiny


def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool]]:
    """Return the sides of all batches from now on, each with whether it is learned from."""
    sides: list[tuple[int, bool]] = []
    batch = pictures.PictureExamples.batch

    def noted(self: pictures.PictureExamples, indices: object, seed: int | None) -> object:
        made = batch(self, indices, seed)  # type: ignore[arg-type]
        sides.append((int(made.inputs["pixel_values"].shape[-1]), seed is not None))
        return made

    monkeypatch.setattr(pictures.PictureExamples, "batch", noted)
    return sides


def test_pictures_grow_in_three_stages(image_project: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    sides = watched(monkeypatch)
    done = image_project.train(progressive_resizing=True, max_steps=9, epochs=20.0, batch_size=8)

    assert done["state"] == "finished"
    assert [side for side, learned in sides if learned] == [16] * 3 + [24] * 3 + [32] * 3
    assert {side for side, learned in sides if not learned} >= {32}
    tried = {16, 24, 32}
    assert {side for side, learned in sides if not learned} <= tried


def test_without_the_setting_all_pictures_are_whole(image_project: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    sides = watched(monkeypatch)
    image_project.train(max_steps=4, epochs=20.0, batch_size=8)

    assert {side for side, _ in sides} == {32}


def test_a_model_of_one_size_is_told_of_and_trained_as_always(
    image_template: Path, tiny_vit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = projects.copy(image_template, tmp_path / "project", tiny_vit)
    sides = watched(monkeypatch)
    done = project.train(progressive_resizing=True, max_steps=4, epochs=20.0, batch_size=8)

    assert done["state"] == "finished"
    assert {side for side, learned in sides if learned} == {32}
    assert "one_picture_size" in [remark.code for remark in project.of(Remark)]


def test_a_resumed_run_goes_on_with_the_sizes_of_an_unbroken_one(
    image_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ftstudio.engine.control import Control

    control, seen = Control(), [0]

    def stop(event: object) -> None:
        seen[0] += getattr(event, "kind", "") == "measured" and getattr(event, "split", "") == "train"
        if seen[0] == 4:
            control.obey(Stop())

    first = image_project.train(
        control, stop, progressive_resizing=True, max_steps=9, epochs=20.0, batch_size=8, early_stopping=False
    )
    sides = watched(monkeypatch)
    image_project.train(resume=first["run"])

    assert [side for side, learned in sides if learned][-3:] == [32] * 3
    assert [side for side, learned in sides if learned].count(24) == 6 - first["steps"]


def test_layers_cannot_be_computed_once_while_pictures_grow() -> None:
    assert build({"progressive_resizing": True}).changes_inputs
    assert STAGES[-1] == (1.0, 1.0)
