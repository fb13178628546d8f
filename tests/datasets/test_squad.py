"""Questions and answers: SQuAD files of both versions, tables, and what is wrong with answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftstudio.core import answers
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, ColumnRole, Modality, TaskSpec
from ftstudio.core.states import Split
from ftstudio.datasets.options import Shares
from ftstudio.datasets.reading import reader_for
from tests.datasets import making

PASSAGE = "Ana lives in Lisbon. Lisbon is in Portugal."


def task() -> TaskSpec:
    found: TaskSpec = making.catalog.tasks().spec("question-answering")
    return found


def paragraph(number: int, impossible: bool = False) -> dict[str, Any]:
    context = f"{PASSAGE} {number}"
    first = {
        "id": f"{number}a",
        "question": "Where does Ana live?",
        "answers": [{"text": "Lisbon", "answer_start": 13}],
    }
    second = {"id": f"{number}b", "question": "Who lives in Rome?", "answers": [], "is_impossible": True}
    return {"context": context, "qas": [first, second] if impossible else [first]}


def write(folder: Path, document: object) -> Path:
    path = folder / "questions.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def squad(folder: Path, count: int = 40) -> Path:
    paragraphs = [paragraph(number, impossible=number % 2 == 0) for number in range(count)]
    return write(folder, {"version": "v2.0", "data": [{"title": "Cities", "paragraphs": paragraphs}]})


def test_squad_is_read_with_its_answers_and_paragraphs(tmp_path: Path) -> None:
    dataset = making.imported(squad(tmp_path), tmp_path / "data", task(), shares=Shares(validation=0.2, test=0.2))

    roles = dataset.manifest.roles
    assert dataset.manifest.reader == "squad"
    assert roles[ColumnRole.TEXT] == "question"
    assert roles[ColumnRole.TEXT_PAIR] == "context"
    assert roles[ColumnRole.GROUP] == "paragraph_id"
    assert sum(dataset.counts().values()) == 60
    assert dataset.labels == ["answer"]
    table = dataset.table(Split.TRAIN)
    assert answers.read(table["label"][0].as_py()) == (answers.Given(start=13, text="Lisbon"),)
    assert set(making.found(dataset, task())) <= {"small_test"}


def test_the_questions_of_a_paragraph_stay_in_one_part(tmp_path: Path) -> None:
    dataset = making.imported(squad(tmp_path), tmp_path / "data", task(), shares=Shares(validation=0.25, test=0.25))

    parts = [set(dataset.table(split)["text_pair"].to_pylist()) for split in Split]
    assert all(parts)
    assert not parts[0] & parts[1]
    assert not (parts[0] | parts[1]) & parts[2]


def test_a_json_list_is_read_as_a_table(tmp_path: Path) -> None:
    rows = [{"question": f"Where {at}?", "context": f"{PASSAGE} {at}", "answer": "Lisbon"} for at in range(30)]

    dataset = making.imported(write(tmp_path, rows), tmp_path / "data", task())

    assert dataset.manifest.columns == ("question", "context", "answer")
    assert dataset.manifest.roles[ColumnRole.LABEL] == "answer"


def test_other_tasks_do_not_get_this_reader(tmp_path: Path) -> None:
    path = squad(tmp_path)

    assert reader_for(path, Modality.TEXT).SPEC.key == "json"
    assert reader_for(path, Modality.TEXT, Answer.EXTRACT).SPEC.key == "squad"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"data": 3}, "“data” is missing"),
        ({"data": [{"paragraphs": [{"qas": []}]}]}, "no “context”"),
        ({"data": [{"paragraphs": [{"context": "x", "qas": [{"answers": []}]}]}]}, "no “question”"),
        ({"data": [{"paragraphs": [{"context": "x", "qas": [{"question": "y", "answers": [{"text": 3}]}]}]}]}, "text"),
        ({"data": [{"paragraphs": []}]}, "no rows"),
    ],
)
def test_what_is_not_squad_is_told_with_its_place(tmp_path: Path, document: object, words: str) -> None:
    with pytest.raises(InputError) as error:
        making.imported(write(tmp_path, document), tmp_path / "data", task())

    assert words in str(error.value)
    assert error.value.where.file


def test_a_file_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = squad(tmp_path)
    path.write_text(path.read_text(encoding="utf-8")[:-40], encoding="utf-8")

    with pytest.raises(InputError, match="not valid JSON"):
        making.imported(path, tmp_path / "data", task())


def table(folder: Path, changed: dict[int, dict[str, str]]) -> making.Dataset:
    rows = [{"question": f"Where is {at}?", "context": f"{PASSAGE} {at}", "answer": "Lisbon"} for at in range(40)]
    rows[0]["answer"] = "[]"
    for at, cells in changed.items():
        rows[at] |= cells
    return making.imported(
        making.write_csv(folder / "rows.csv", rows), folder / "data", task(), shares=Shares(validation=0.0, test=0.0)
    )


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("answers_not_found", {"answer": "Rome"}),
        ("answers_elsewhere", {"answer": '[[3, "Lisbon"]]'}),
        ("unreadable_answers", {"answer": "[1, 2]"}),
        ("missing_values", {"context": ""}),
        ("missing_values", {"answer": ""}),
        ("duplicates", {"question": "Where is 3?", "context": f"{PASSAGE} 3"}),
    ],
)
def test_each_fault_is_counted_with_its_row(tmp_path: Path, code: str, cells: dict[str, str]) -> None:
    found = making.found(table(tmp_path, {5: cells}), task())

    problem = found[code]
    assert 6 in problem.rows
    assert problem.hint


def test_questions_that_cannot_be_learned_are_no_training_rows(tmp_path: Path) -> None:
    dataset = table(tmp_path, {5: {"answer": "Rome"}, 7: {"answer": "[1, 2]"}})

    assert dataset.count(Split.TRAIN) == 38
    assert not {6, 8} & set(dataset.table(Split.TRAIN)["row"].to_pylist())


def test_a_note_says_that_an_answer_is_always_given(tmp_path: Path) -> None:
    assert "always_an_answer" not in making.found(table(tmp_path, {}), task())
    assert "always_an_answer" in making.found(table(tmp_path, {0: {"answer": "Ana"}}), task())


def test_long_questions_are_counted(tmp_path: Path, tiny_text_model: Path) -> None:
    from ftstudio.datasets.checks import run_checks
    from ftstudio.models.library import read_model

    dataset = table(tmp_path, {3: {"question": "story " * 60}})

    found = {one.code: one for one in run_checks(dataset, task(), read_model(tiny_text_model), 64)}
    assert found["long_questions"].rows == (4,)
    assert "long_texts" not in found


def test_data_without_a_single_answer_are_refused(tmp_path: Path) -> None:
    unanswered = {"context": PASSAGE, "qas": [{"id": "1", "question": "Why?", "answers": [], "is_impossible": True}]}
    source = write(
        tmp_path, {"data": [{"paragraphs": [{**unanswered, "context": f"{PASSAGE} {at}"} for at in range(9)]}]}
    )

    with pytest.raises(InputError, match=r"No question of “questions\.json” has an answer"):
        making.imported(source, tmp_path / "data", task())
