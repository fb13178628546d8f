"""The label doctor on tiny projects: flipped labels come first, sealed rows stay out, decisions are remembered."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ftstudio.core.errors import InputError
from ftstudio.core.messages import Progress
from ftstudio.datasets import label_edits
from ftstudio.datasets.store import Dataset
from ftstudio.planning import doubts
from ftstudio.planning.doubts import Doubts
from ftstudio.project import seal
from ftstudio.project.runs import list_runs
from tests.benchmarks.label_errors import flip
from tests.engine import projects
from tests.engine.projects import FAST, SIGNS, Tiny


@pytest.fixture
def flipped(tiny_text_model: Path, tmp_path: Path) -> tuple[Tiny, set[int]]:
    """A project of texts with clear signs of their class and 5 % wrong labels, and the places of these."""
    chance, table = np.random.default_rng(5), tmp_path / "flipped.csv"
    labels = [sorted(SIGNS)[row % 3] for row in range(240)]
    wrong, given = flip(labels, seed=3)
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label"))
        for row, (truth, label) in enumerate(zip(labels, given, strict=True)):
            writer.writerow((f"{' '.join(chance.choice(SIGNS[truth].split(), 4))} number {row}", label))
    made = projects._import(tmp_path / "made", "text-classification", table)
    return projects.copy(made, tmp_path / "flipped", tiny_text_model), wrong


def look(project: Tiny, **options: Any) -> dict[str, Any]:
    return project.job("find_label_errors", settings={"values": FAST}, **{"answers": "quick", "repeats": 1, **options})


def found(project: Tiny) -> Doubts:
    result = doubts.latest_doubts(project.layout, Dataset.open(project.layout.data))
    assert result is not None
    return result


def test_flipped_labels_lead_the_list_and_the_table_by_label_counts_them(flipped: tuple[Tiny, set[int]]) -> None:
    project, wrong = flipped
    document = look(project)
    ranked = found(project)
    there = wrong & set(ranked.place.tolist())
    first = set(ranked.place[: len(ranked) // 10].tolist())
    assert len(there & first) >= 0.8 * len(there)
    assert document["probable"] == ranked.probable == sum(one["probable"] for one in document["by_label"])
    assert document["rows"] == len(ranked) == sum(one["rows"] for one in document["by_label"])
    top, row = ranked.at(0), document["ranked"][0]
    assert (top.label, top.suggested, top.row) == (row["label"], row["suggested"], row["row"])
    assert sum(top.beliefs.values()) == pytest.approx(1)
    assert document["advice"][0]["code"] == "labels_doubted"


def test_test_rows_are_left_out_until_they_are_opened(flipped: tuple[Tiny, set[int]]) -> None:
    project, _ = flipped
    project.train()
    look(project)
    assert "test" not in set(found(project).table["split"].to_pylist())

    seal.record(project.layout, list_runs(project.layout), "window", "results")
    look(project)
    counts = Dataset.open(project.layout.data).counts()
    assert found(project).table["split"].to_pylist().count("test") == counts["test"]


def test_what_was_decided_is_known_and_confirmed_rows_do_not_come_again(flipped: tuple[Tiny, set[int]]) -> None:
    project, _ = flipped
    look(project)
    first, second = found(project).at(0), found(project).at(1)
    dataset = Dataset.open(project.layout.data)
    dataset.set_edits(
        [label_edits.relabel(first.place, first.suggested), label_edits.confirm(second.place, second.label)]
    )
    decided = found(project)
    assert (decided.fixed, decided.kept) == ({first.place: first.suggested}, {second.place: second.label})

    look(project)
    again = found(project)
    assert second.place not in again.place
    at = again.place.tolist().index(first.place)
    assert again.at(at).label == first.suggested
    assert again.probable < decided.probable


def test_a_label_table_that_changed_since_is_refused_with_the_way_on(flipped: tuple[Tiny, set[int]]) -> None:
    project, _ = flipped
    look(project)
    roles = {"key": "set_roles", "params": {"roles": {"text": "text", "label": "label"}}}
    (project.layout.data / "edits.json").write_text(json.dumps([roles]), encoding="utf-8")
    with pytest.raises(InputError, match="label table has changed") as refused:
        found(project)
    assert "find-label-errors" in str(refused.value.hint)


def test_answers_of_a_cross_validation_are_used_when_they_fit(flipped: tuple[Tiny, set[int]]) -> None:
    project, _ = flipped
    with pytest.raises(InputError):
        look(project, answers="cross_validation")
    project.job("cross_validate", folds=2, refit=False, settings={"values": {**FAST, "max_steps": 2}})
    document = look(project, answers="auto")
    assert "cross-validation" in " ".join(document["advice"][0]["evidence"])
    assert document["rows"] == len(found(project))


def test_pictures_are_judged_too(image_project: Tiny) -> None:
    document = look(image_project)
    assert document["rows"] == len(found(image_project))
    assert set(document["labels"]) == {"plain", "striped"}


def test_too_few_rows_are_refused(tmp_path: Path, tiny_text_model: Path) -> None:
    project = projects.copy(projects.make_texts(tmp_path / "few", rows=9), tmp_path / "copy", tiny_text_model)
    with pytest.raises(InputError, match="no label can be judged"):
        look(project)
    assert not project.layout.studies.exists()


def test_a_damaged_list_is_told_and_names_its_file(flipped: tuple[Tiny, set[int]]) -> None:
    project, _ = flipped
    look(project)
    path = next(project.layout.studies.glob(f"*/{doubts.FILE}"))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match="cannot be read"):
        found(project)


def test_a_place_that_cannot_be_written_is_told_before_anything_is_worked_out(flipped: tuple[Tiny, set[int]]) -> None:
    project, _ = flipped
    project.layout.studies.write_text("a file where the folder should be")

    with pytest.raises(InputError):
        look(project)

    assert not project.of(Progress), "nothing was begun"
