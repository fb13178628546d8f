"""Data for models that rewrite: two columns are recognised, and what is odd about the pairs is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.specs import ColumnRole, TaskSpec
from ftstudio.datasets import prompt_columns
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.store import Dataset
from ftstudio.models.library import read_model
from tests.datasets import making
from tests.support.tiny_rewriters import dates

TEXT, LABEL = ColumnRole.TEXT, ColumnRole.LABEL


def task() -> TaskSpec:
    found: TaskSpec = catalog.tasks().spec("text2text-generation")
    return found


def imported(source: Path, folder: Path) -> Dataset:
    import_data(folder, task(), ImportPlan(sources=(source,)))
    return Dataset.open(folder)


def pairs(count: int = 40) -> list[dict[str, str]]:
    return [{"source": source, "target": target} for source, target in dates(count)]


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        ("source target", {TEXT: "source", LABEL: "target"}),
        ("document summary", {TEXT: "document", LABEL: "summary"}),
        ("summary article", {TEXT: "article", LABEL: "summary"}),
        ("text label", {TEXT: "text", LABEL: "label"}),
        ("english german", {TEXT: "english", LABEL: "german"}),
        ("abc target", {TEXT: "abc", LABEL: "target"}),
        ("one two three", {}),
        ("text", {TEXT: "text"}),
    ],
)
def test_columns_are_recognised_by_their_names(names: str, roles: dict[ColumnRole, str]) -> None:
    assert prompt_columns.find_pair({name: name for name in names.split()}) == roles


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_tables_of_two_columns_are_read(kind: str, tmp_path: Path) -> None:
    source = getattr(making, f"write_{kind}")(tmp_path / f"rows.{kind}", pairs())
    dataset = imported(source, tmp_path / "data")

    assert dataset.roles == {TEXT: "source", LABEL: "target"}
    assert dataset.labels == []
    assert sum(dataset.counts().values()) == 40
    assert making.found(dataset, task()).keys() <= {"few_test_rows", "small_test"}


def test_one_column_alone_is_refused(tmp_path: Path) -> None:
    source = making.write_csv(tmp_path / "rows.csv", [{"source": source} for source, _ in dates(20)])

    with pytest.raises(InputError, match="only one column"):
        imported(source, tmp_path / "data")


def test_what_has_nothing_to_be_written_is_left_out_and_told(tmp_path: Path) -> None:
    rows = [*pairs(), {"source": "1.1.2000", "target": " "}, {"source": "", "target": "x"}]
    dataset = imported(making.write_csv(tmp_path / "rows.csv", rows), tmp_path / "data")

    told = [one for one in run_checks(dataset, task()) if one.code == "missing_values"]
    assert sum(dataset.counts().values()) == 40
    assert {one.where.column: one.rows for one in told} == {"target": (41,), "source": (42,)}


def test_odd_pairs_are_told(tmp_path: Path) -> None:
    first = pairs()
    rows = [*first, {**first[0], "target": "otherwise"}, {"source": "as it is", "target": "as it is "}, first[1]]
    dataset = imported(making.write_csv(tmp_path / "rows.csv", rows), tmp_path / "data")
    told = making.found(dataset, task())

    assert told["several_rewritings"].rows == (1, 41)
    assert told["unchanged_texts"].rows == (42,)
    assert told["duplicates"].rows == (43,), "the same text to be written otherwise is no copy"
    assert "conflicting_labels" not in told


def test_texts_to_be_written_that_do_not_fit_are_told(tmp_path: Path, tiny_t5: Path) -> None:
    rows = [*pairs(), {"source": "2.2.2002", "target": "1 2 3 4 5 6 7 8 9 " * 9}]
    dataset = imported(making.write_csv(tmp_path / "rows.csv", rows), tmp_path / "data")

    found = {one.code: one for one in run_checks(dataset, task(), read_model(tiny_t5), 64, 24)}
    assert found["written_cut_off"].rows == (41,)
    assert found["written_cut_off"].where.field == "target_length"
    assert "long_texts" not in found, "what is read and what is written are measured apart"
    assert "written_cut_off" not in {one.code for one in run_checks(dataset, task(), read_model(tiny_t5), 64, 512)}
