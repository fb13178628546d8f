"""Real models, fine-tuned on real rows, in every format they can have; each proven by its certificate."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftstudio.core import catalog
from ftstudio.engine.export.certificates import DOCUMENT, READABLE
from ftstudio.planning import litert
from tests.benchmarks.exports import export, possible, trained_project
from tests.exporters.projects import export as export_project
from tests.exporters.projects import flip, front_matter
from tests.support.real_data import CACHE

pytestmark = pytest.mark.slow

EXACT = 2e-3
FORMATS = {
    "minilm": {"standalone", "hf-folder", "onnx", "onnx-int8"},
    "minilm-lora": {"standalone", "hf-folder", "onnx", "onnx-int8", "adapter", "merged"},
    "efficientnet-lite0": {"standalone", "hf-folder", "onnx", "onnx-int8"},
    "mobilenet-v2": {"standalone", "torchvision", "onnx", "onnx-int8"},
}


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_of_a_real_model_is_proven(name: str, tmp_path: Path) -> None:
    project = trained_project(name, tmp_path, rows=300)

    assert set(possible(project)) == FORMATS[name]
    for key in sorted(FORMATS[name]):
        document = export(project, key, tmp_path / "out" / key)
        certificate = document["certificate"]
        assert 100 <= certificate["rows"] <= 300, "as many as fit into the time of a proof, but a hundred at least"
        assert certificate["split"] == "test"
        if key == "onnx-int8":  # a model trained this shortly is unsure, and its seal may well be red: if so, rightly
            assert certificate["passed"] is _keeps_to_its_bounds(certificate), certificate.get("reason")
            assert certificate["bytes"]["after"] < 0.4 * certificate["bytes"]["before"]
            continue
        assert certificate["passed"], (key, certificate.get("reason"))
        assert certificate["agreement"] >= 0.99
        resizing = certificate["bounds"].get("most_probability_difference", 0.0)  # where others resize pictures
        assert certificate["largest_probability_difference"] < max(EXACT, resizing)
        card = (tmp_path / "out" / key / "README.md").read_text(encoding="utf-8")
        licence = "bsd-3-clause" if name == "mobilenet-v2" else "apache-2.0"
        assert f'license: "{licence}"' in front_matter(card)
        assert " to " in card.split("## Results")[1].split("##")[0], "scores have intervals"


def _keeps_to_its_bounds(certificate: dict[str, Any]) -> bool:
    """Judge the figures of an 8-bit export by what its certificate states: same answers, and what may be lost."""
    before, after = (certificate["metrics"][when][certificate["metric"]] for when in ("before", "after"))
    bounds = certificate["bounds"]
    return bool(
        certificate["agreement"] >= bounds["least_agreement"]
        and before - after <= max(bounds["most_loss"], 1.5 / certificate["rows"])
    )


@pytest.fixture
def converter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the environment of the TensorFlow Lite converter once, as the program tells its users to; about 1 GB."""
    monkeypatch.setenv(litert.VARIABLE, str(CACHE / "litert"))
    if litert.missing() is None:
        return
    subprocess.run([sys.executable, "-m", "venv", str(litert.folder())], check=True)
    torch = f"torch=={litert._torch_here()}"
    packages = [str(litert.interpreter()), "-m", "pip", "install", "-q", "litert-torch", torch, "pillow"]
    subprocess.run(packages, check=True, capture_output=True, timeout=1_200)
    assert litert.missing() is None


@pytest.mark.usefixtures("converter")
@pytest.mark.parametrize("name", ["mobilenet-v2", "minilm"])
def test_tensorflow_lite_is_proven_and_turns_red_when_damaged(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = trained_project(name, tmp_path, rows=100)

    document = export(project, "tflite", tmp_path / "out")

    assert document["certificate"]["passed"], document["certificate"].get("reason")
    assert document["certificate"]["agreement"] >= 0.99
    assert "torch" not in document["certificate"]["runs_with"]

    def copy_damaged(source: Any, target: Path) -> list[Path]:
        kept = [path for path in (tmp_path / "out").iterdir() if path.name not in (DOCUMENT, READABLE)]
        copied = [Path(shutil.copy2(path, target / path.name)) for path in kept]
        flip(next(path for path in copied if path.suffix == ".tflite"))
        return copied

    monkeypatch.setattr(catalog.exporters().module("tflite"), "export", copy_damaged)
    damaged = export_project(project, "tflite", tmp_path / "damaged")

    assert damaged["certificate"]["passed"] is False
    assert damaged["certificate"]["reason"]
    assert not (tmp_path / "damaged").exists()
    assert (tmp_path / "damaged.failed-check").is_dir()
