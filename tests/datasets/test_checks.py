"""Each check finds what it is for, counts it, shows examples, and its fix mends it without touching the source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Fix, Severity
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets import identity
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.gathering import is_filled
from ftstudio.datasets.manifest import Edit
from tests.datasets import making

Rows = list[dict[str, str]]


def plain(count: int = 200) -> Rows:
    return [{"text": f"some words {number}", "label": "ab"[number % 2]} for number in range(count)]


def changed(rows: Rows, **changes: Callable[[int], str | None]) -> Rows:
    for number, row in enumerate(rows):
        for column, value in changes.items():
            new = value(number)
            if new is not None:
                row[column] = new
    return rows


def dataset_of(rows: Rows, folder: Path) -> making.Dataset:
    return making.imported(making.write_csv(folder / "rows.csv", rows), folder / "data")


def test_good_data_has_no_problem(tmp_path: Path) -> None:
    problems = making.found(dataset_of(plain(400), tmp_path))

    assert problems == {}


def test_missing_values(tmp_path: Path) -> None:
    rows = changed(plain(), text=lambda n: "  " if n in (3, 8) else None, label=lambda n: "" if n == 11 else None)

    dataset = dataset_of(rows, tmp_path)
    found = [one for one in run_checks(dataset, making.text_task()) if one.code == "missing_values"]

    assert [(one.where.column, one.count, one.rows) for one in found] == [("text", 2, (4, 9)), ("label", 1, (12,))]
    assert sum(dataset.counts().values()) == 197
    assert found[0].fix is not None
    dataset.apply(found[0].fix)
    assert "missing_values" not in making.found(dataset)


def test_duplicates(tmp_path: Path) -> None:
    rows = changed(plain(), text=lambda n: "some words 1" if n in (5, 7, 9) else None)

    dataset = dataset_of(rows, tmp_path)
    problem = making.found(dataset)["duplicates"]

    assert (problem.count, problem.examples) == (3, ("some words 1",))
    assert problem.rows == (6, 8, 10)
    assert problem.fix is not None
    dataset.apply(problem.fix)
    assert "duplicates" not in making.found(dataset)
    assert sum(dataset.counts().values()) == 197


def test_copies_across_splits(tmp_path: Path) -> None:
    train = making.write_csv(tmp_path / "train.csv", plain())
    test = making.write_csv(tmp_path / "test.csv", [*plain(4), {"text": "new", "label": "a"}])

    dataset = making.imported(train, tmp_path / "data", test=test)
    problem = making.found(dataset)["leaks"]

    assert problem.count == 4
    assert problem.fix is not None
    dataset.apply(problem.fix)
    assert "leaks" not in making.found(dataset)
    assert dataset.count(Split.TEST) == 5
    assert dataset.count(Split.TRAIN) + dataset.count(Split.VALIDATION) == 196


def test_conflicting_labels(tmp_path: Path) -> None:
    rows = changed(plain(), text=lambda n: "the same" if n in (4, 5, 8) else None)

    dataset = dataset_of(rows, tmp_path)
    problem = making.found(dataset)["conflicting_labels"]

    assert problem.count == 3
    assert problem.fix is not None
    dataset.apply(problem.fix)
    assert "conflicting_labels" not in making.found(dataset)


def test_label_spelling(tmp_path: Path) -> None:
    odd = {2: "A", 4: " a ", 6: "A", 7: "B"}
    dataset = dataset_of(changed(plain(), label=odd.get), tmp_path)
    problem = making.found(dataset)["label_spelling"]

    assert problem.count == 3
    assert "“A” → “a”" in problem.examples
    assert problem.fix is not None
    dataset.apply(problem.fix)
    assert dataset.labels == ["a", "b"]
    assert dataset.label_counts() == {"a": 100, "b": 100}
    assert sorted(set(dataset.table()["label"].to_pylist())) == ["a", "b"]


def test_labels_that_stand_for_nothing(tmp_path: Path) -> None:
    dataset = dataset_of(changed(plain(), label=lambda n: "NaN" if n % 10 == 0 else None), tmp_path)
    problem = making.found(dataset)["label_placeholder"]

    assert (problem.count, problem.severity) == (20, Severity.WARNING)
    assert problem.fix is not None
    dataset.apply(problem.fix)
    assert dataset.labels == ["a", "b"]


def test_small_classes(tmp_path: Path) -> None:
    dataset = dataset_of(changed(plain(), label=lambda n: "rare" if n in (3, 50, 90) else None), tmp_path)
    problem = making.found(dataset)["small_classes"]

    assert (problem.count, problem.examples) == (1, ("rare: 1",))
    assert problem.fix is not None
    dataset.apply(problem.fix)
    assert dataset.labels == ["a", "b"]


def test_imbalance(tmp_path: Path) -> None:
    rows = changed(plain(600), label=lambda n: "b" if n % 20 == 0 else "a")

    problem = making.found(dataset_of(rows, tmp_path))["imbalance"]

    assert "“a” has 20 times as many rows" in str(problem.message)
    assert problem.where.field == "class_weights"


def test_one_class_left(tmp_path: Path) -> None:
    dataset = dataset_of(plain(), tmp_path)
    dataset.apply(Fix(key="drop_labels", label=text("Remove"), params={"labels": ["a"]}))

    assert making.found(dataset)["one_class"].severity is Severity.ERROR


def test_labels_without_a_training_row(tmp_path: Path) -> None:
    dataset = dataset_of(plain(), tmp_path)
    view = dataset.view
    places = view.index[view.in_split(Split.TRAIN) & (view.label_numbers == 0)].tolist()
    dataset.set_edits([Edit(key="drop_rows", params={"places": places})])

    problem = making.found(dataset)["untaught_labels"]

    assert (problem.severity, problem.examples) == (Severity.ERROR, ("a",))


def test_texts_longer_than_the_model_reads(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"word": 0, "[UNK]": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=50)
    (tmp_path / "model").mkdir()
    tokenizer.save(str(tmp_path / "model" / "tokenizer.json"))
    rows = changed(plain(), text=lambda n: f"{n} " + "word " * 99 if n in (6, 60) else None)
    dataset = dataset_of(rows, tmp_path)

    class Model:
        path = tmp_path / "model"

    found = {one.code: one for one in run_checks(dataset, making.text_task(), Model(), 50)}

    assert (found["long_texts"].count, found["long_texts"].rows) == (2, (7, 61))
    assert "50 %" in str(found["long_texts"].message)
    assert "long_texts" not in {one.code for one in run_checks(dataset, making.text_task(), Model(), 100)}
    measured = dataset.lengths("tokens", Model.path)
    assert measured is not None
    assert (measured.quantile(0.5), measured.quantile(1.0)) == (3, 100)


def test_lengths(tmp_path: Path) -> None:
    dataset = dataset_of(plain(), tmp_path)

    words, characters = dataset.lengths("words"), dataset.lengths("characters")

    assert words is not None
    assert characters is not None
    assert (words.quantile(0), words.quantile(1)) == (3, 3)
    assert characters.quantile(1) == len("some words 199")
    assert characters.histogram(5)[0].sum() == 200
    assert dataset.lengths("tokens") is None


def test_changes_can_be_undone_and_are_kept(tmp_path: Path) -> None:
    rows = changed(plain(), text=lambda n: "some words 1" if n in (5, 7, 9) else None)
    dataset = dataset_of(rows, tmp_path)
    before, table = dataset.fingerprint, (tmp_path / "data" / "table.arrow").read_bytes()
    problem = making.found(dataset)["duplicates"]
    assert problem.fix is not None

    dataset.apply(problem.fix)
    after = dataset.fingerprint
    edits = dataset.edits
    again = making.Dataset.open(tmp_path / "data")
    assert again.fingerprint == after != before
    assert sum(again.counts().values()) == 197

    dataset.set_edits(())
    assert dataset.fingerprint == before
    assert sum(dataset.counts().values()) == 200
    dataset.set_edits(edits)
    assert dataset.fingerprint == after
    assert (tmp_path / "data" / "table.arrow").read_bytes() == table


def test_an_unknown_change_is_refused(tmp_path: Path) -> None:
    dataset = dataset_of(plain(), tmp_path)

    with pytest.raises(InputError, match="no change"):
        dataset.apply(Fix(key="explode", label=text("Explode")))

    assert dataset.edits == ()


def test_columns_can_be_given_another_meaning_without_the_source(tmp_path: Path) -> None:
    rows = [{"text": f"t {n}", "label": "ab"[n % 2], "other": f"x {n}", "kind": "cd"[n // 2 % 2]} for n in range(200)]
    source = making.write_csv(tmp_path / "rows.csv", rows)
    dataset = making.imported(source, tmp_path / "data")
    source.unlink()
    first = dataset.table(Split.TEST)

    dataset.set_roles({ColumnRole.TEXT: "other", ColumnRole.LABEL: "kind"})

    again = making.Dataset.open(tmp_path / "data")
    assert dict(again.roles) == {ColumnRole.TEXT: "other", ColumnRole.LABEL: "kind"}
    assert again.labels == ["c", "d"]
    assert again.table()["text"].to_pylist()[:2] == ["x 0", "x 1"]
    assert again.table() == dataset.table()
    dataset.set_edits(())
    assert dataset.table(Split.TEST) == first


def test_an_impossible_meaning_changes_nothing(tmp_path: Path) -> None:
    dataset = dataset_of(plain(), tmp_path)

    impossible = (
        {ColumnRole.TEXT: "text"},
        {ColumnRole.TEXT: "nothing", ColumnRole.LABEL: "label"},
        {ColumnRole.TEXT: "label", ColumnRole.LABEL: "text"},
    )
    for roles in impossible:
        with pytest.raises(InputError):
            dataset.set_roles(roles)

    assert dataset.edits == ()
    assert dict(dataset.roles) == {ColumnRole.TEXT: "text", ColumnRole.LABEL: "label"}


def test_a_group_given_later_keeps_together(tmp_path: Path) -> None:
    rows = [{"text": f"t {n}", "label": "ab"[n % 2], "who": f"p{n // 5}"} for n in range(200)]
    dataset = making.imported(making.write_csv(tmp_path / "rows.csv", rows), tmp_path / "data")

    dataset.set_roles({ColumnRole.TEXT: "text", ColumnRole.LABEL: "label", ColumnRole.GROUP: "who"})

    places: dict[str, set[str]] = {}
    for row in dataset.table().to_pylist():
        places.setdefault(row["group"], set()).add(row["split"])
    assert all(len(found) == 1 for found in places.values())


def test_rows_can_be_found_and_shown(tmp_path: Path) -> None:
    dataset = dataset_of(plain(), tmp_path)

    places = dataset.find(label="a", contains="WORDS 1")
    shown = dataset.preview(0, 3, places)

    assert [row["text"] for row in shown] == ["some words 10", "some words 12", "some words 14"]
    assert shown[0]["#row"] == "11"
    assert len(dataset.find(split=Split.TRAIN)) == dataset.count(Split.TRAIN)
    assert dataset.find(rows=[3, 5]).tolist() == [2, 4]


@given(st.lists(st.one_of(st.none(), st.text(" \t\n\u00a0\u2003aé日\x00", max_size=4)), max_size=30), st.integers(0, 5))
def test_filled_means_more_than_white_space(values: list[str | None], offset: int) -> None:
    column = pa.array(values, pa.string()).slice(offset)

    assert is_filled(column).tolist() == [bool(value and value.strip()) for value in values[offset:]]


@given(st.lists(st.text("ab é", max_size=40), max_size=40))
def test_identical_rows_are_found_exactly(values: list[str]) -> None:
    column = pa.array(values, pa.string())

    same = identity.same_rows(identity.fingerprints(column), [pa.chunked_array([column])], np.ones(len(values), bool))

    for value, number in zip(values, same.tolist(), strict=True):
        assert [one for one, other in zip(values, same.tolist(), strict=True) if number >= 0 and other == number] == (
            [value] * values.count(value) if values.count(value) > 1 else []
        )


def test_a_shared_fingerprint_is_not_enough() -> None:
    column = pa.chunked_array([["a", "b"], ["a", "c"]])

    same = identity.same_rows(np.zeros(4, np.uint64), [column], np.ones(4, bool))

    assert same.tolist() == [0, -1, 0, -1]
