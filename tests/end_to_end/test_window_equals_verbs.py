"""The same project on real data, made and trained with the mouse and by verbs: the same weights, byte for byte.

The window's project and the verbs' have a home each, so that not even a prepared model is shared.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.gui.main_window import MainWindow
from ftstudio.project.layout import ProjectLayout, RunLayout
from tests.cli.running import ftstudio, tree
from tests.end_to_end.person import Person
from tests.faults.driving import curve, digest
from tests.gui.conftest import window
from tests.support import real_data

__all__ = ["window"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1700)]

MAILS = 220
LONGEST_MAIL = 1_000  # characters; half of all mails are no longer, and the test takes half the time
PICTURES_A_CLASS = 15
OF_ITS_OWN = {"run", "seconds", "seconds_preparing", "samples_per_second", "peak_memory_bytes"}
"""What the results of two equal runs may differ in."""


@dataclass(frozen=True)
class Case:
    """One kind of project: its task, its starter as `--model` names it and as the browser lists it, and its data."""

    task: str
    model: str
    listed: str
    data: Path


@pytest.fixture
def mails(tmp_path: Path) -> Case:
    """Some of SpamAssassin's mails, a text file each, in a folder for `ham` and one for `spam`."""
    short = [(number, row) for number, row in enumerate(real_data.mails()) if len(row[0]) <= LONGEST_MAIL]
    chosen = random.Random(7).sample(short, MAILS)
    for number, (mail, label) in chosen:
        file = tmp_path / "mails" / label / f"{number:04}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(mail, encoding="utf-8", errors="replace")
    return Case("text-classification", "starter:minilm", "MiniLM", tmp_path / "mails")


@pytest.fixture
def textures(tmp_path: Path) -> Case:
    """Some crops of photographs of brick, grass and gravel, in a folder for each."""
    folder = tmp_path / "textures"
    crops = [Path(path) for path, _ in real_data.textures(folder)]
    for label in sorted({path.parent for path in crops}):
        of_label = [path for path in crops if path.parent == label]
        for path in random.Random(7).sample(of_label, len(of_label) - PICTURES_A_CLASS):
            path.unlink()
    return Case("image-classification", "starter:efficientnet-lite0", "EfficientNet-Lite0", folder)


@pytest.mark.parametrize("kind", ["mails", "textures"])
def test_the_window_and_the_verbs_make_the_same_model(
    kind: str, request: pytest.FixtureRequest, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    case: Case = request.getfixturevalue(kind)
    before = tree(case.data)

    clicked = Person(window, qtbot)
    clicked.begin(kind, case.task)
    clicked.choose_model(case.listed)
    clicked.import_folder(case.data)
    by_mouse = clicked.train()
    exported_by_mouse = clicked.export("hf-folder")
    by_verb, exported_by_verb = with_verbs(case, tmp_path / "by-verb")

    same_data(clicked.project, ProjectLayout(tmp_path / "by-verb" / "project"))
    same_run(by_mouse, by_verb)
    same_export(exported_by_mouse, exported_by_verb)
    assert tree(case.data) == before


def with_verbs(case: Case, folder: Path) -> tuple[RunLayout, Path]:
    """Make, train and export the project with three commands, as a script would."""
    home = {"FTSTUDIO_HOME": str(folder / "home")}
    project, exported = folder / "project", folder / "exported"
    words = ("--task", case.task, "--model", case.model, "--data", case.data)
    ftstudio("new", project, *words, "--json", env=home)
    trained = ftstudio("train", project, "--json", env=home, timeout=900).document
    ftstudio("export", project, "--format", "hf-folder", "--to", exported, "--json", env=home)
    return ProjectLayout(project).run(trained["run"]), exported


def same_data(one: ProjectLayout, other: ProjectLayout) -> None:
    """Assert that both imported the same rows and divided them the same way."""
    for file in ("table.arrow", "splits.arrow"):
        assert (one.data / file).read_bytes() == (other.data / file).read_bytes(), file


def same_run(one: RunLayout, other: RunLayout) -> None:
    """Assert that both runs had the same settings and seed, learned the same and ended with the same weights."""
    asked, also_asked = (json.loads(run.request.read_text(encoding="utf-8")) for run in (one, other))
    assert (asked["settings"], asked["seed"]) == (also_asked["settings"], also_asked["seed"])
    assert curve(one) == curve(other)
    assert document(one) == document(other)
    assert document(one)["metrics"]["test"]["accuracy"] > 0.7, "nothing was learned, so nothing is proved"
    assert digest(one) == digest(other)


def document(run: RunLayout) -> dict[str, Any]:
    """Return the result of a run as far as two equal runs must agree in it: the times that things took differ."""
    report = json.loads(run.report.read_text(encoding="utf-8"))["document"]
    timeless = [{**one, "seconds": None} for one in report["baselines"]]
    return {key: value for key, value in report.items() if key not in OF_ITS_OWN} | {"baselines": timeless}


def same_export(one: Path, other: Path) -> None:
    """Assert that both exports have the same files and passed their proof; only what is told about them differs.

    The verb has looked at the test result when it trained, so its certificate and card may be of the test rows.
    """
    files, others = tree(one), tree(other)
    assert files.keys() == others.keys()
    told = {"README.md", "certificate.json", "CERTIFICATE.txt"}
    assert [name for name in files if files[name] != others[name] and name not in told] == []
    for folder in (one, other):
        assert json.loads((folder / "certificate.json").read_text(encoding="utf-8"))["passed"]
