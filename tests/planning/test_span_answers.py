"""Stored answers of a run that marks places: each beside its text, and damage is told, not shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import ipc

from ftstudio.core import spans, units
from ftstudio.core.errors import InputError
from ftstudio.core.problems import Fix
from ftstudio.core.spans import Marked, Span
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import FILE
from ftstudio.planning.span_answers import MISSED, RIGHT, WRONG, SpanAnswer, read_span_answers
from ftstudio.project.layout import ProjectLayout, RunLayout
from tests.support.marked_runs import marked_project, marked_run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return marked_project(tmp_path / "letters")


def dataset_of(project: Path) -> Dataset:
    return Dataset.open(ProjectLayout(project).data)


def rewrite(run: RunLayout, **columns: object) -> None:
    path = run.predictions / FILE
    with ipc.open_file(str(path)) as reader:
        table = reader.read_all()
    for name, values in columns.items():
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.array(values)) if values is not None else table.drop_columns([name])
    with ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)


def test_every_answer_stands_beside_its_text_and_what_is_there(project: Path) -> None:
    dataset, run = dataset_of(project), marked_run(project)
    for split in (Split.VALIDATION, Split.TEST):
        answers, table = read_span_answers(run, dataset, split), dataset.table(split)
        assert [one.row for one in answers] == table["row"].to_pylist()
        assert [one.text for one in answers] == table["text"].to_pylist()
        assert [spans.write(one.truth) for one in answers] == table["label"].to_pylist()
        assert [row["text"] for row in dataset.preview(0, len(table), np.array([one.place for one in answers]))] == [
            one.text for one in answers
        ]
        assert {one.mistakes for one in answers} == {0, 1}


def test_places_are_right_wrong_or_missed() -> None:
    passage = "Ana met Rui in Faro"
    truth = (Span(start=0, end=3, label="person"), Span(start=15, end=19, label="city"))
    marked = (
        Marked(start=0, end=3, label="person", text="Ana", probability=0.9),
        Marked(start=8, end=11, label="city", text="Rui", probability=0.6),
    )
    answer = SpanAnswer(1, 0, passage, truth, marked)

    assert [(state, one.text) for state, one in answer.judged] == [(RIGHT, "Ana"), (WRONG, "Rui"), (MISSED, "Faro")]
    assert answer.mistakes == 2
    assert answer.has("city")
    assert not answer.has("drug")


def test_a_place_of_the_wrong_kind_is_both_wrong_and_missed() -> None:
    there = (Span(start=0, end=3, label="person"),)
    answer = SpanAnswer(1, 0, "Ana", there, (Marked(start=0, end=3, label="city", text="Ana"),))

    assert sorted(state for state, _ in answer.judged) == [MISSED, WRONG]


def test_answers_of_changed_data_are_refused(project: Path) -> None:
    dataset, run = dataset_of(project), marked_run(project)
    dataset.apply(Fix(key="drop_rows", label=text("x"), params={"places": [0]}))

    with pytest.raises(InputError, match="data has changed since the run"):
        read_span_answers(run, dataset, Split.TEST)


def test_damaged_answers_are_told(project: Path) -> None:
    dataset = dataset_of(project)
    for columns in (
        {"truth": None},
        {"logits": [[0.0]] * 24},
        {"truth": [[99, 0, 0, 0]] * 24},
        {"truth": [[0]] * 24},
    ):
        run = marked_run(project)
        rewrite(run, **columns)
        with pytest.raises(InputError, match="damaged"):
            read_span_answers(run, dataset, Split.TEST)
    run = marked_run(project)
    (run.predictions / FILE).write_bytes(b"x" * 80)
    with pytest.raises(InputError, match="damaged"):
        read_span_answers(run, dataset, Split.TEST)


def test_the_certainty_of_a_place_is_the_mean_over_its_words(project: Path) -> None:
    dataset, run = dataset_of(project), marked_run(project, margin=1.0)
    tags = len(units.tags_for(["city", "person"]))
    share = np.exp(1.0) / (np.exp(1.0) + tags - 1)

    answers = read_span_answers(run, dataset, Split.TEST)

    assert {round(one.probability, 6) for answer in answers for one in answer.marked} == {round(float(share), 6)}
