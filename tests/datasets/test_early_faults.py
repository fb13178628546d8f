"""The review before an import already shows what the import would refuse at the start of a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.problems import Severity
from ftstudio.core.specs import Modality
from ftstudio.datasets.importing import inspect
from tests.datasets import making
from tests.datasets.test_faults import BAD_TABLES, GOOD, refused

SEEN_AT_ONCE = ("too many cells", "too few cells", "quote never closed", "quote closed by a later row", "zero byte")


@pytest.mark.parametrize("name", SEEN_AT_ONCE)
def test_a_look_shows_what_the_import_would_refuse(name: str, tmp_path: Path) -> None:
    content, row, message = BAD_TABLES[name]
    source = tmp_path / "rows.csv"
    source.write_bytes(content)

    errors = [problem for problem in inspect([source], Modality.TEXT).problems if problem.severity is Severity.ERROR]

    assert [problem.where.row for problem in errors] == [row]
    assert message in errors[0].message.render()
    assert errors[0].message == refused(source).message


@pytest.mark.parametrize("cells", ["plain", '"in quotes"'])
def test_a_look_sees_a_quote_that_no_row_closes_in_a_long_table(cells: str, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    rows = [f"{cells},{'ab'[number % 2]}\n" for number in range(60_000)]
    source.write_text("text,label\n" + "".join([*rows[:50], '"open,a\n', *rows[50:]]), encoding="utf-8")

    (problem,) = inspect([source], Modality.TEXT).problems

    assert problem.where.row == 51
    assert "never closed" in problem.message.render()


def test_a_header_with_an_open_quote_is_told_as_such(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text('"text,label\n' + GOOD[11:], encoding="utf-8")

    assert "never closed" in str(refused(source))


def test_a_table_without_names_may_begin_with_an_empty_cell(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("".join(f"{'words' if n else ''} {n or ''},{'ab'[n % 2]}\n" for n in range(20)), encoding="utf-8")

    dataset = making.imported(source, tmp_path / "data")

    assert dataset.columns == ["column 1", "column 2"]
