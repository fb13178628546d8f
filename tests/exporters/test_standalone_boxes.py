"""A detector leaves as ONNX and as a folder that answers by itself: certified by its boxes, red when damaged."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ftstudio.core.detections import HARDLY, Drawn, agree, drawn
from ftstudio.engine.conversion import torchvision
from tests.engine.projects import Tiny, copy
from tests.engine.projects import _import as imported
from tests.exporters.projects import flip
from tests.exporters.test_damage import _damaged
from tests.support.box_projects import KINDS, write_shapes
from tests.support.torchvision_files import save_checkpoint

PROGRAM = Path(__file__).parents[2] / "ftstudio/exporters/_predict_boxes.py"
LEARNING = {"max_steps": 30, "batch_size": 4, "epochs": 20.0, "augmentation": "none"}
RATES = {"learning_rate": 1e-3, "head_learning_rate": 1e-2}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """A small SSDLite that has learned a little about bright shapes."""
    root = tmp_path_factory.mktemp("boxes")
    model = root / "prepared"
    model.mkdir()
    torchvision.convert(save_checkpoint("mobilenet_v3_small", root), model)
    template = imported(root / "shapes", "object-detection", write_shapes(root / "source", pictures=30))
    project = copy(template, root / "project", model)
    project.train(**LEARNING, **RATES)
    return project


@pytest.fixture(scope="module")
def standalone(finished: Tiny, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("exports") / "alone"
    made = finished.job("export", format="standalone", to=str(folder))
    return folder, made["certificate"]


def program() -> Any:
    spec = importlib.util.spec_from_file_location("predict_boxes", PROGRAM)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_program_draws_what_the_studio_draws() -> None:
    chance, draw = np.random.default_rng(4), program().draw
    for _ in range(20):
        places, kinds = int(chance.integers(1, 300)), int(chance.integers(1, 5))
        said = chance.normal(0, 3, (places, kinds + 9)).astype(np.float32)
        first = chance.random((places, 2)) * 0.7
        said[:, -4:] = np.concatenate([first, first + 0.05 + 0.25 * chance.random((places, 2))], axis=1)
        ours, theirs = drawn(said), draw(said)
        boxes = np.array([corners for _, _, corners in theirs])
        kinds_of = np.array([kind for kind, _, _ in theirs])
        shares = np.array([share for _, share, _ in theirs])
        np.testing.assert_allclose(shares, ours.probabilities, atol=1e-6)
        assert agree(Drawn(boxes, kinds_of, shares), ours)
    assert draw(np.zeros((0, 11))) == []


def test_boxes_that_a_network_draws_itself_are_taken_as_they_are() -> None:
    """Each kind is judged by itself, and two boxes in one place both stay."""
    apart, corners = -1e4, [0.1, 0.2, 0.5, 0.6]
    rows = [[apart, 2.0, apart, *[apart] * 4, *corners], [apart, 0.0, -8.0, *[apart] * 4, *corners]]

    found = program().draw(np.array(rows))

    assert [kind for kind, _, _ in found] == [0, 0]
    assert [share for _, share, _ in found] == pytest.approx([0.8808, 0.5], abs=1e-4)
    assert all(box == pytest.approx(corners) for _, _, box in found)


def test_its_certificate_compares_boxes_and_precision(standalone: tuple[Path, dict[str, Any]]) -> None:
    _, certificate = standalone

    assert certificate["passed"], certificate["reason"]
    assert certificate["largest_difference"] < 1e-3
    assert set(certificate["metrics"]["before"]) == {"map_50", "map", "loss"}
    assert certificate["metrics"]["after"] == pytest.approx(certificate["metrics"]["before"], abs=1e-3)
    assert "onnxruntime" in certificate["runs_with"] and "torch" not in certificate["runs_with"]


def test_the_folder_answers_as_the_studio_does(finished: Tiny, standalone: tuple[Path, dict[str, Any]]) -> None:
    """A box at the threshold may come or go by rounding; those before it, in order of probability, are the same."""
    folder, _ = standalone
    pictures = sorted((finished.root / "data" / "images").rglob("*.png"))[:6]
    ours = finished.job("predict", files=[str(path) for path in pictures])["predictions"]
    command = [sys.executable, str(folder / "predict.py"), "--json", *map(str, pictures)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    theirs = json.loads(said.stdout)
    least = json.loads((folder / "decision.json").read_text(encoding="utf-8"))["threshold"]

    assert sum(len(one["boxes"]) for one in theirs) > 0, "nothing is drawn, so nothing is compared"
    for one, other in zip(ours, theirs, strict=True):
        more = max(one["boxes"], other["boxes"], key=len)[min(len(one["boxes"]), len(other["boxes"])) :]
        assert all(box["probability"] <= least + HARDLY for box in more)
        for mine, told in zip(one["boxes"], other["boxes"], strict=False):
            assert mine["label"] == told["label"]
            assert told["label"] in KINDS
            assert [told[key] for key in ("left", "top", "width", "height")] == pytest.approx(
                [mine[key] for key in ("x", "y", "width", "height")], abs=0.5
            )


def test_it_leaves_as_onnx(finished: Tiny, tmp_path: Path) -> None:
    made = finished.job("export", format="onnx", to=str(tmp_path / "out"))

    assert made["certificate"]["passed"], made["certificate"]["reason"]
    recipe = json.loads((tmp_path / "out" / "preprocessing.json").read_text(encoding="utf-8"))
    assert (recipe["resize"], recipe["size"], recipe["crop"], recipe["answer"]) == ("exact", [256, 256], None, "boxes")


@pytest.mark.parametrize("form", ["onnx", "standalone"])
def test_a_damaged_one_turns_red(finished: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    _damaged(monkeypatch, form, lambda folder: flip(folder / "model.onnx"))

    made = finished.job("export", format=form, to=str(tmp_path / "out"))

    assert made["certificate"]["passed"] is False
    assert [path.name for path in tmp_path.iterdir()] == ["out.failed-check"]


def test_a_program_that_draws_otherwise_turns_red(
    finished: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the program makes of the network is checked too, not only what the network says."""

    def harm(folder: Path) -> None:
        path = folder / "predict.py"
        program, right, wrong = path.read_text(encoding="utf-8"), "half = sides", "half = 0.8 * sides"
        assert right in program
        path.write_text(program.replace(right, wrong), encoding="utf-8")

    _damaged(monkeypatch, "standalone", harm)
    made = finished.job("export", format="standalone", to=str(tmp_path / "out"))

    assert made["certificate"]["passed"] is False
    assert made["certificate"]["agreeing"] < made["certificate"]["asked"]
