"""Bad input is refused with file, row or column and a next step, and leaves nothing on disk."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ftstudio.core.errors import CancelledError, InputError
from ftstudio.datasets.importing import ImportPlan, ReadOptions, import_data
from tests.datasets import making

GOOD = "text,label\n" + "".join(f"words {number},{'ab'[number % 2]}\n" for number in range(20))


def refused(source: Path, options: ReadOptions | None = None, test: Path | None = None) -> InputError:
    """Import and return the error; fails when it is accepted or anything is left on disk."""
    data = source.parent / "project" / "data"
    data.parent.mkdir(exist_ok=True)
    with pytest.raises(InputError) as caught:
        making.imported(source, data, options=options, test=test)
    assert list(data.parent.iterdir()) == []
    assert caught.value.hint is not None
    assert "{" not in str(caught.value)
    assert caught.value.where.file
    return caught.value


BAD_TABLES: dict[str, tuple[bytes, int | None, str]] = {
    "empty": (b"", None, "is empty"),
    "only blank lines": (b"\n\n\n", None, "is empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", None, "is empty"),
    "header only": (b"text,label\n", None, "no rows"),
    "one row": (b"text,label\nhello,a\n", None, "only one"),
    "one class": (b"text,label\nhello,a\nworld,a\nagain,a\n", None, "have the label"),
    "too many cells": ((GOOD + "a,b,c\n").encode(), 21, "3 cells where 2"),
    "too few cells": ((GOOD + "alone\n" + GOOD[11:]).encode(), 21, "1 cells where 2"),
    "quote never closed": ((GOOD + '"open,a\n' + GOOD[11:]).encode(), 21, "never closed"),
    "quote closed by a later row": ((GOOD + '"open,a\n' + GOOD[11:] + '"x",b\n').encode(), 21, "quote"),
    "quote inside a quoted cell": ((GOOD + '"she said "no" to me",a\n').encode(), 21, "quote"),
    "column twice": (b"text,label,text\na,b,c\nd,e,f\n", None, "two columns"),
    "column without a name": (b"text,,label\na,b,c\nd,e,f\n", None, "Column 2 of “rows.csv” has no name"),
    "first column without a name": (b",kind\nhello there,a\nworld,b\n", None, "Column 1 of “rows.csv” has no name"),
    "odd names, one missing": (b"a,,b\nx,y,z\nv,,w\n", None, "Column 2 of “rows.csv” has no name"),
    "zero byte": ((GOOD + "a\0b,a\n").encode(), 21, "zero byte"),
    "broken UTF-8": ((GOOD + "caf\u00e9 na\u00efve,a\n").encode() + b"caf\xe9,b\n", 22, "UTF-8"),
    "spreadsheet with a wrong name": (b"PK\x03\x04" + b"\0" * 50, None, "xlsx"),
    "one column": (b"text\nhello\nworld\n", None, "only one column"),
    "no label column": (
        b"text,other\n" + b"".join(b"w %d,some longer words %d\n" % (n, n) for n in range(9)),
        None,
        "label",
    ),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_bad_tables(name: str, tmp_path: Path) -> None:
    content, row, message = BAD_TABLES[name]
    source = tmp_path / "rows.csv"
    source.write_bytes(content)

    error = refused(source)

    assert message in str(error)
    assert error.where.row == row or row is None


def test_classes_that_only_judging_rows_have_are_not_denied(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    rows = [f"words {number},{'ab'[number % 2]},test" for number in range(6)]
    rows += [f"other words {number},a,train" for number in range(20)]
    source.write_text("text,label,split\n" + "\n".join(rows) + "\n", encoding="utf-8")

    error = refused(source)

    assert "All training rows" in str(error)
    assert "validation or test rows" in str(error.hint)


@pytest.mark.parametrize("line", [5, 60_000])
def test_the_row_is_right_far_into_a_file(line: int, tmp_path: Path) -> None:
    rows = [f'"text, number\n{number}",{"ab"[number % 2]} ' + "x" * 60 for number in range(1, 100_001)]
    rows[line - 1] += ",more"
    source = tmp_path / "rows.csv"
    source.write_text("text,label\n" + "\n".join(rows), encoding="utf-8")

    assert refused(source).where.row == line


def test_a_delimiter_that_is_not_there(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text(GOOD, encoding="utf-8")

    error = refused(source, ReadOptions(delimiter=";"))

    assert "semicolon" in f"{error} {error.hint}"


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text(GOOD, encoding="utf-8")

    with pytest.raises(InputError, match="no column called") as caught:
        making.imported(source, tmp_path / "data", roles={making.ColumnRole.LABEL: "klass"})

    assert "text, label" in str(caught.value.hint)


BAD_LINES: dict[str, tuple[str, int, str]] = {
    "cut off": ('{"text": "a", "label": ', 3, "not valid JSON"),
    "not an object": ('["a", "b"]', 3, "not an object"),
    "not a number": ('{"text": "a", "label": NaN}', 3, "NaN"),
    "key twice": ('{"text": "a", "text": "b", "label": "c"}', 3, "there twice"),
    "nested for ever": ("[" * 100_000, 3, "deep"),
    "endless number": ('{"text": "a", "label": ' + "9" * 5000 + "}", 3, "not valid JSON"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_bad_json_lines(name: str, tmp_path: Path) -> None:
    line, row, message = BAD_LINES[name]
    good = [json.dumps({"text": f"t{number}", "label": "ab"[number % 2]}) for number in range(6)]
    source = tmp_path / "rows.jsonl"
    source.write_text("\n".join([*good[:2], line, *good[2:]]), encoding="utf-8")

    error = refused(source)

    assert error.where.row == row
    assert message in str(error)


@pytest.mark.parametrize("cut", [1, 10, 60, 200])
def test_a_json_list_that_is_cut_off(cut: int, tmp_path: Path) -> None:
    source = making.write_json(tmp_path / "rows.json", making.reviews())
    source.write_bytes(source.read_bytes()[:-cut])

    refused(source)


def test_json_that_is_no_list(tmp_path: Path) -> None:
    source = tmp_path / "rows.json"
    source.write_text('{\n "rows": 1\n}', encoding="utf-8")

    assert "not a list" in str(refused(source))


@pytest.mark.parametrize("keep", [0, 10, 400])
def test_a_parquet_file_that_is_cut_off(keep: int, tmp_path: Path) -> None:
    source = making.write_parquet(tmp_path / "rows.parquet", making.reviews(400))
    source.write_bytes(source.read_bytes()[:keep])

    refused(source)


def test_a_parquet_file_damaged_inside(tmp_path: Path) -> None:
    source = making.write_parquet(tmp_path / "rows.parquet", making.reviews(400))
    content = bytearray(source.read_bytes())
    content[10:300] = b"\xff" * 290
    source.write_bytes(content)

    refused(source)


def test_a_locked_spreadsheet(tmp_path: Path) -> None:
    source = tmp_path / "rows.xlsx"
    source.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)

    assert "password" in str(refused(source))


@pytest.mark.parametrize("keep", [0, 100, 3000])
def test_a_spreadsheet_that_is_cut_off(keep: int, tmp_path: Path) -> None:
    source = making.write_xlsx(tmp_path / "rows.xlsx", making.reviews())
    source.write_bytes(source.read_bytes()[:keep])

    refused(source)


def test_a_spreadsheet_made_to_fill_the_memory(tmp_path: Path) -> None:
    source = tmp_path / "rows.xlsx"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/a.xml", "w") as entry:
        for _ in range(260):
            entry.write(b" " * (1 << 20))

    assert "too large" in str(refused(source))


def test_a_label_only_in_the_test_file(tmp_path: Path) -> None:
    train = tmp_path / "train.csv"
    train.write_text(GOOD, encoding="utf-8")
    test = tmp_path / "test.csv"
    test.write_text("text,label\nnew,a\nother,zebra\n", encoding="utf-8")

    error = refused(train, test=test)

    assert "zebra" in str(error)
    assert error.where.row == 2
    assert str(error.where.file).endswith("test.csv")


def test_a_label_only_in_the_test_split(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    lines = [f"words {number},{'ab'[number % 2]},train\n" for number in range(20)]
    source.write_text("text,label,split\n" + "".join(lines) + "x,zebra,test\n", encoding="utf-8")

    error = refused(source)

    assert "zebra" in str(error)
    assert error.where.row == 21


def test_an_unknown_split(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    lines = [f"words {number},{'ab'[number % 2]},train\n" for number in range(300)]
    source.write_text("text,label,split\n" + "".join(lines) + "x,a,sometimes\n", encoding="utf-8")

    error = refused(source)

    assert "sometimes" in str(error)
    assert error.where.row == 301


def test_labels_that_never_repeat(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("text,label\n" + "".join(f"t {number},{number}\n" for number in range(50)), encoding="utf-8")

    assert "50 different values" in str(refused(source))


def test_ten_thousand_columns_are_too_many(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text(",".join(f"c{number}" for number in range(20_000)) + "\n1\n", encoding="utf-8")

    assert "columns" in str(refused(source))


def test_a_very_long_cell_is_no_fault(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text(GOOD + "x" * 6_000_000 + ",a\n", encoding="utf-8")

    table = making.imported(source, tmp_path / "data").table()

    assert max(len(one) for one in table["text"].to_pylist()) == 6_000_000


def test_stopping_an_import_leaves_the_old_data(tmp_path: Path) -> None:
    data = tmp_path / "data"
    source = tmp_path / "rows.csv"
    source.write_text(GOOD, encoding="utf-8")
    before = making.imported(source, data).fingerprint

    with pytest.raises(CancelledError):
        import_data(data, making.text_task(), ImportPlan((source,)), cancelled=lambda: True)

    assert making.Dataset.open(data).fingerprint == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data", "rows.csv"]


@pytest.mark.parametrize("step", ["write_unsynced", "sync_file", "write_json"])
def test_a_full_disk_leaves_the_old_data(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ftstudio.core.errors import StudioError
    from ftstudio.datasets import writing

    data = tmp_path / "data"
    source = tmp_path / "rows.csv"
    source.write_text(GOOD, encoding="utf-8")
    before = making.imported(source, data).fingerprint

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, step, full)
    with pytest.raises(StudioError, match="No space left"):
        import_data(data, making.text_task(), ImportPlan((source,)))

    assert making.Dataset.open(data).fingerprint == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data", "rows.csv"]


DAMAGE: dict[str, Callable[[Path], object]] = {
    "manifest cut off": lambda data: (data / "manifest.json").write_text("{"),
    "manifest from the future": lambda data: (data / "manifest.json").write_text('{"format_version": 99}'),
    "table cut off": lambda data: (data / "table.arrow").write_bytes(b"x"),
    "splits gone": lambda data: (data / "splits.arrow").unlink(),
    "unknown change": lambda data: (data / "edits.json").write_text('[{"key": "explode"}]'),
    "change without its values": lambda data: (data / "edits.json").write_text('[{"key": "drop_labels"}]'),
}


@pytest.mark.parametrize("change", DAMAGE.values(), ids=DAMAGE)
def test_damaged_data_is_told(change: Callable[[Path], object], tmp_path: Path) -> None:
    from ftstudio.core.errors import StudioError

    source = tmp_path / "rows.csv"
    source.write_text(GOOD, encoding="utf-8")
    making.imported(source, tmp_path / "data")
    change(tmp_path / "data")

    with pytest.raises(StudioError) as caught:
        making.Dataset.open(tmp_path / "data")

    assert caught.value.hint is not None
