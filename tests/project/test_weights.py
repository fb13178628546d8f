"""Hashes of a run's weights: what was written is known from what lies there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.errors import InputError
from ftstudio.project import weights
from ftstudio.project.layout import RunLayout


@pytest.fixture
def run(tmp_path: Path) -> RunLayout:
    layout = RunLayout(tmp_path / "run")
    for folder in (layout.model, layout.adapter):
        (folder / "inner").mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"weights" * 1000)
        (folder / "inner" / "config.json").write_text("{}")
    weights.seal(layout)
    return layout


def test_untouched_weights_pass(run: RunLayout) -> None:
    weights.check(run, "first")


def test_weights_of_runs_from_before_hashes_were_taken_pass(run: RunLayout) -> None:
    run.weights.unlink()
    (run.model / "model.safetensors").write_bytes(b"other")

    weights.check(run, "first")


@pytest.mark.parametrize("folder", ["model", "adapter"])
@pytest.mark.parametrize("name", ["model.safetensors", "inner/config.json"])
def test_a_missing_file_is_named(run: RunLayout, folder: str, name: str) -> None:
    (run.root / folder / name).unlink()

    with pytest.raises(InputError, match="lacks the file") as refused:
        weights.check(run, "first")

    assert f"{folder}/{name}" in str(refused.value)
    assert refused.value.hint is not None


@pytest.mark.parametrize("altered", [b"WEIGHTS" + b"weights" * 999, b"weights", b""])
def test_an_altered_file_is_named_whatever_its_size(run: RunLayout, altered: bytes) -> None:
    (run.model / "model.safetensors").write_bytes(altered)

    with pytest.raises(InputError, match="not the one that training wrote"):
        weights.check(run, "first")


def test_a_damaged_list_of_hashes_is_told(run: RunLayout) -> None:
    run.weights.write_text('{"files": 3}')

    with pytest.raises(InputError):
        weights.check(run, "first")
