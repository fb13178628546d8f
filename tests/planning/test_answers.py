"""Stored answers stand beside the rows they are of, and are never read beside others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import ipc

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Fix
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.planning.answers import FILE, Answers, read_answers
from ftstudio.project.layout import ProjectLayout
from tests.support.stored_answers import answered_run
from tests.support.tiny_projects import make_project, write_reviews


def dataset_of(project: Path) -> Dataset:
    return Dataset.open(ProjectLayout(project).data)


def change(dataset: Dataset, key: str, **params: object) -> None:
    dataset.apply(Fix(key=key, label=text("x"), params=params))


def test_every_answer_stands_beside_its_row(tiny_text_project: Path) -> None:
    dataset = dataset_of(tiny_text_project)
    answers = read_answers(answered_run(tiny_text_project), dataset)
    for split in (Split.VALIDATION, Split.TEST):
        mine, table = answers.of(split), dataset.table(split)
        assert answers.row[mine].tolist() == table["row"].to_pylist()
        assert [answers.labels[at] for at in answers.label[mine]] == table["label"].to_pylist()
        shown = dataset.preview(0, len(table), answers.place[mine])
        assert [one["review"] for one in shown] == table["text"].to_pylist()


def test_probabilities_losses_and_margins_are_those_of_the_logits() -> None:
    logits = np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 5.0], [1.0, 1.0, 0.0]])
    rows = np.arange(3)
    answers = Answers(["a", "b", "c"], np.ones(3, np.int8), rows + 1, rows, np.array([0, 1, -1]), logits)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert answers.probabilities == pytest.approx(expected)
    assert answers.predicted[:2].tolist() == [0, 2]
    assert answers.right.tolist() == [True, False, False]
    assert answers.loss[:2] == pytest.approx([-np.log(expected[0, 0]), -np.log(expected[1, 1])])
    assert np.isnan(answers.loss[2]), "a row without a label has no loss"
    assert answers.margin[2] == pytest.approx(0.0)
    assert answers.confidence == pytest.approx(expected.max(axis=1))


def test_a_logit_that_is_huge_gives_no_infinity() -> None:
    logits = np.array([[5000.0, -5000.0]])
    one = np.array([1])
    answers = Answers(["a", "b"], np.ones(1, np.int8), one, one, one, logits)
    assert np.isfinite(answers.loss).all() and answers.probabilities[0].tolist() == [1.0, 0.0]


def test_answers_of_changed_data_are_refused_unless_asked_for(tiny_text_project: Path) -> None:
    dataset = dataset_of(tiny_text_project)
    run = answered_run(tiny_text_project)
    before = read_answers(run, dataset)
    change(dataset, "drop_rows", places=before.place[:3].tolist())
    change(dataset, "merge_labels", names={"negative": "bad"})
    with pytest.raises(InputError, match="data has changed since the run"):
        read_answers(run, dataset)
    after = read_answers(run, dataset, edited=True)
    assert [edit.key for edit in after.later] == ["drop_rows", "merge_labels"]
    assert np.array_equal(after.place, before.place), "rows are found although some of them were removed since"
    dataset.set_edits(())
    assert read_answers(run, dataset).later == ()


def test_answers_of_other_data_are_refused_in_any_case(
    tiny_text_project: Path, tiny_text_model: Path, tmp_path: Path
) -> None:
    run = answered_run(tiny_text_project)
    source = write_reviews(tmp_path / "other.csv", seed=9)
    other = make_project(tmp_path / "other", "text-classification", source, tiny_text_model)
    with pytest.raises(InputError, match="data has changed"):
        read_answers(run, dataset_of(other), edited=True)


def test_an_older_change_that_was_undone_makes_them_unusable(tiny_text_project: Path) -> None:
    dataset = dataset_of(tiny_text_project)
    change(dataset, "drop_duplicates")
    run = answered_run(tiny_text_project)
    dataset.set_edits(())
    with pytest.raises(InputError, match="data has changed"):
        read_answers(run, dataset, edited=True)


def test_a_run_without_answers_says_so(tiny_text_project: Path) -> None:
    run = answered_run(tiny_text_project)
    (run.predictions / FILE).unlink()
    with pytest.raises(InputError, match="has no stored answers"):
        read_answers(run, dataset_of(tiny_text_project))


def test_a_run_that_was_scored_on_no_rows_is_not_called_damaged(tiny_text_project: Path) -> None:
    run = answered_run(tiny_text_project)
    _rewrite(run.predictions / FILE, pa.table({key: pa.array([]) for key in ("split", "row", "label", "logits")}))
    with pytest.raises(InputError, match="scored on no rows") as caught:
        read_answers(run, dataset_of(tiny_text_project))
    assert "validation" in caught.value.hint.render()


def _rewrite(path: Path, table: pa.Table) -> None:
    with ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)


def _astray(rows: int) -> pa.Array:
    """Return texts whose offsets lead far out of their buffer: reading one would end the program."""
    offsets = np.arange(rows + 1, dtype=np.int32)
    offsets[1:-1] = 2**30
    return pa.Array.from_buffers(pa.string(), rows, [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"x" * rows)])


def test_damage_is_found(tiny_text_project: Path) -> None:
    dataset = dataset_of(tiny_text_project)
    run = answered_run(tiny_text_project)
    path = run.predictions / FILE
    whole = path.read_bytes()
    with ipc.open_file(pa.BufferReader(whole)) as reader:
        table = reader.read_all()
    label = table.column_names.index("label")
    damaged: list[bytes | pa.Table] = [
        whole[: len(whole) // 2],
        b"",
        table.drop_columns(["logits"]),
        table.slice(1),
        table.set_column(label, "label", pa.array([9] * table.num_rows)),
        table.set_column(label, "label", table["label"].cast(pa.float64())),
        table.set_column(0, "split", _astray(table.num_rows)),
        table.set_column(3, "logits", pa.array([[0.0]] * table.num_rows)),
        table.set_column(3, "logits", pa.array([[np.nan, 0.0]] * table.num_rows)),
        table.set_column(3, "logits", pa.array([[np.inf, 0.0]] * table.num_rows)),
        table.set_column(0, "split", pa.array(["tset"] * table.num_rows)),
        table.set_column(1, "row", pa.array(table["row"].to_pylist()[::-1])),
    ]
    for content in damaged:
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            _rewrite(path, content)
        with pytest.raises(InputError, match="are damaged") as caught:
            read_answers(run, dataset)
        assert caught.value.hint is not None and caught.value.where.file == str(path)


def test_fifty_thousand_answers_are_read_from_a_mapped_file(tiny_text_model: Path, tmp_path: Path) -> None:
    source = write_reviews(tmp_path / "many.csv", rows=100_000)
    project = make_project(tmp_path / "many", "text-classification", source, tiny_text_model)
    run, dataset = answered_run(project), dataset_of(project)
    before = pa.total_allocated_bytes()
    answers = read_answers(run, dataset)
    assert len(answers) >= 49_000
    assert pa.total_allocated_bytes() - before < answers.logits.nbytes / 2, "logits lie in the file, not in memory"
    worst = np.argsort(-answers.loss)[:10]
    assert answers.loss[worst].min() >= np.delete(answers.loss, worst).max()
