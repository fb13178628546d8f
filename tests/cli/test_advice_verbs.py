"""`find-lr` and `advise-depth`: their documents, their text, and that bad input changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftstudio.cli.main import main
from tests.cli.running import tree
from tests.support.tiny_projects import make_project, write_reviews


@pytest.fixture
def project(tmp_path: Path, tiny_text_model: Path) -> Path:
    """A project of short reviews on a tiny model."""
    source = write_reviews(tmp_path / "reviews.csv", rows=80)
    return make_project(tmp_path / "project", "text-classification", source, tiny_text_model, device="cpu")


def document(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> Any:
    capsys.readouterr()
    assert main([*map(str, words), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_find_lr_gives_a_rate_with_band_reason_and_remedy(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "find-lr", project, "--steps", 12, "--seeds", 2, "--highest-rate", 1.0)

    assert found["band"][0] <= found["suggested"] <= found["band"][1]
    assert found["seeds"] == 2
    assert found["advice"][0]["evidence"]
    for remedy in found["advice"][0]["remedies"]:
        assert remedy["values"]["learning_rate"] == found["suggested"]
    assert (project / "studies" / found["study"] / "report.json").is_file()


def test_find_lr_measures_the_settings_it_is_given(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ("--set", "tuning_method=full", "--set", "learning_rate=0.5", "--set", "head_learning_rate=1.0")
    found = document(capsys, "find-lr", project, "--steps", 10, *settings)

    assert found["current"] == 0.5
    assert found["groups"]["head"] == pytest.approx(2 * found["suggested"])


def test_advise_depth_gives_scores_by_depth_and_settings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "advise-depth", project, "--max-rows", 40)

    assert found["rows"] <= 41
    assert found["parts"][0] == "embeddings"
    assert len(found["score"]) == len(found["parts"])
    assert found["values"]["tuning_method"] in ("head", "top_layers", "full")


def test_people_read_the_advice_and_the_table(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["advise-depth", str(project)]) == 0
    shown = capsys.readouterr().out

    assert "bert.encoder.layer.1" in shown
    assert "each of 60 rows was answered by a simple linear fit" in shown


@pytest.mark.parametrize(
    "words",
    [
        ("find-lr", "--steps", "3"),
        ("find-lr", "--lowest-rate", "0.1", "--highest-rate", "0.01"),
        ("find-lr", "--seeds", "many"),
        ("advise-depth", "--max-rows", "0"),
    ],
)
def test_bad_options_are_refused_and_nothing_changes(
    words: tuple[str, ...], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(project)
    error = document(capsys, words[0], project, *words[1:], code=2)["error"]

    assert error["message"]
    assert error["hint"]
    assert tree(project) == before
