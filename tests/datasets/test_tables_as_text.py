"""What a person may save as a text table: any delimiter, encoding, quotes, line ends, with or without a header."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftstudio.core.errors import InputError
from ftstudio.core.specs import Modality
from ftstudio.datasets import dialect, quoting, records
from ftstudio.datasets.importing import ReadOptions, inspect
from ftstudio.datasets.readers import delimited
from tests.datasets import making

cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufeff"), max_size=12)
plain_cells = st.text("abc ,;\t|\"'\n\r.é日-1", max_size=8)


@given(
    st.lists(st.tuples(plain_cells, cells, st.sampled_from(["x", "y"])), min_size=1, max_size=25),
    st.sampled_from(dialect.DELIMITERS),
    st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_csv_writes_is_read_back(
    tmp_path: Path, rows: list[tuple[str, ...]], delimiter: str, line_end: str
) -> None:
    source = tmp_path / "rows.csv"
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([("text", "other", "label"), *rows])
    source.write_bytes(written.getvalue().encode())

    options = ReadOptions(delimiter=delimiter, header=True, encoding="utf-8")
    batches = [chunk.batch for chunk in delimited.read(source, delimited.look(source, options).options)]

    read = [tuple(row.values()) for batch in batches for row in batch.to_pylist()]
    assert [tuple(_line_ends(cell) for cell in row) for row in read] == [
        tuple(_line_ends(cell) for cell in row) for row in rows
    ]


def _line_ends(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("delimiter", dialect.DELIMITERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_delimiter_and_encoding_are_found(delimiter: str, encoding: str, tmp_path: Path) -> None:
    source = making.write_csv(tmp_path / "rows.csv", making.reviews(), delimiter, encoding)

    found = inspect([source], Modality.TEXT)
    table = making.imported(source, tmp_path / "data").table()

    assert found.options.delimiter == delimiter
    assert found.problems == ()
    assert table["text"].to_pylist() == [row["text"] for row in making.reviews()]


def test_an_old_western_file_is_read_and_told(tmp_path: Path) -> None:
    rows = [
        {"text": f"le café était fermé, naïve façade n° {number}", "label": "ab"[number % 2]} for number in range(30)
    ]
    source = making.write_csv(tmp_path / "rows.csv", rows, encoding="cp1252")

    dataset = making.imported(source, tmp_path / "data")

    assert dataset.table()["text"].to_pylist() == [row["text"] for row in rows]
    assert "cp1252" in str(making.found(dataset)["encoding_guessed"].message)


def test_another_alphabet_is_asked_for_not_guessed(tmp_path: Path) -> None:
    words = "Съешь же ещё этих мягких французских булок да выпей чаю"
    rows = [{"text": f"{words} {number}", "label": "ab"[number % 2]} for number in range(30)]
    source = making.write_csv(tmp_path / "rows.csv", rows, encoding="cp1251")

    with pytest.raises(InputError, match="not UTF-8"):
        making.imported(source, tmp_path / "data")
    dataset = making.imported(source, tmp_path / "data", options=ReadOptions(encoding="cp1251"))

    assert dataset.table()["text"].to_pylist() == [row["text"] for row in rows]


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    source = making.write_csv(tmp_path / "rows.csv", making.reviews())

    with pytest.raises(InputError, match="no text encoding"):
        inspect([source], Modality.TEXT, ReadOptions(encoding="klingon"))


def test_a_wrong_declared_encoding_is_refused(tmp_path: Path) -> None:
    source = making.write_csv(tmp_path / "rows.csv", making.reviews())

    with pytest.raises(InputError, match="ascii"):
        making.imported(source, tmp_path / "data", options=ReadOptions(encoding="ascii"))


HEADERS: list[tuple[str, bool]] = [
    ("text,label\nhello,a\nworld,b\n", True),
    ("review,sentiment\nhello,a\nworld,b\n", True),
    ("Wort,Sorte\nhello,a\nworld,b\n", True),
    ("hello there you,spam\nanother one,ham\na third one,spam\nfourth,ham\n", False),
    ("1,hello\n2,world\n3,again\n", False),
    ("0.5,a\n0.7,b\n", False),
    ("I really did not like this film at all,bad\nIt was fine for what it was I guess,good\n", False),
]


@pytest.mark.parametrize(("content", "has_header"), HEADERS)
def test_the_header_is_found(content: str, has_header: bool) -> None:
    assert dialect.detect_header(dialect.split_rows(content, ",")) == has_header


def test_a_table_without_a_header_keeps_its_first_row(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("".join(f"some words {number},{'ab'[number % 2]}\n" for number in range(30)), encoding="utf-8")

    dataset = making.imported(source, tmp_path / "data")

    assert dataset.columns == ["column 1", "column 2"]
    assert dataset.table()["text"].to_pylist()[0] == "some words 0"


def test_a_detected_header_can_be_overruled(tmp_path: Path) -> None:
    source = making.write_csv(tmp_path / "rows.csv", making.reviews())

    assert inspect([source], Modality.TEXT, ReadOptions(header=False)).rows()[0] == ("text", "label")


def test_quotes_can_be_ordinary_characters(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    lines = [f'"the {number}" film;{"ab"[number % 2]}' for number in range(20)]
    source.write_text("text;label\n" + "\n".join([*lines, '"open;a']), encoding="utf-8")

    with pytest.raises(InputError, match="quote"):
        making.imported(source, tmp_path / "data")
    dataset = making.imported(source, tmp_path / "data", options=ReadOptions(quote=""))

    assert dataset.table()["text"].to_pylist()[-1] == '"open'


def test_tab_separated_tables_need_no_quotes(tmp_path: Path) -> None:
    source = tmp_path / "rows.tsv"
    lines = [f'"the {number}" film\t{"ab"[number % 2]}' for number in range(20)]
    source.write_text("text\tlabel\n" + "\n".join([*lines, '"open\ta']), encoding="utf-8")

    dataset = making.imported(source, tmp_path / "data")

    assert dataset.table()["text"].to_pylist()[:1] == ['"the 0" film']
    assert "ordinary_quotes" in making.found(dataset)


def test_quotes_in_the_middle_of_bare_cells_mean_nothing(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    lines = [f'a 5" nail {number},{"ab"[number % 2]}' for number in range(21)]
    source.write_text("text,label\n" + "\n".join(lines), encoding="utf-8")

    table = making.imported(source, tmp_path / "data").table()

    assert table["text"].to_pylist()[3] == 'a 5" nail 3'


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems(line_end: str, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    lines = ["text,label", *[f"words {number},{'ab'[number % 2]}" for number in range(30)]]
    source.write_bytes(line_end.join(lines).encode())

    table = making.imported(source, tmp_path / "data").table()

    assert table["text"].to_pylist() == [f"words {number}" for number in range(30)]


def test_odd_line_separators_inside_cells_are_text(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    lines = [f"one\u2028two\x0bthree {number},{'ab'[number % 2]}" for number in range(30)]
    source.write_text("text,label\n" + "\n".join(lines), encoding="utf-8", newline="")

    table = making.imported(source, tmp_path / "data").table()

    assert table["text"].to_pylist()[0] == "one\u2028two\x0bthree 0"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("size", [7, 16, 61, 500])
def test_blocks_may_end_anywhere(size: int, encoding: str, tmp_path: Path) -> None:
    rows = making.reviews(60)
    source = making.write_csv(tmp_path / "rows.csv", rows, encoding=encoding)
    options = delimited.look(source, ReadOptions()).options
    blocks = list(records.blocks_of_rows(source, options, size))

    assert b"".join(block.content for block in blocks) == source.read_bytes().decode(encoding).encode()
    assert [block.done for block in blocks] == sorted(block.done for block in blocks)
    assert blocks[-1].done == source.stat().st_size
    read = [row["text"] for chunk in _parsed(blocks, options) for row in chunk]
    assert read == [row["text"] for row in rows]


def test_a_row_longer_than_a_block_is_found_whole(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    long = "word\n" * 5000
    source.write_text(f'text,label\n"{long}",a\nshort,b\n', encoding="utf-8")
    options = delimited.look(source, ReadOptions()).options

    read = _parsed(list(records.blocks_of_rows(source, options, 16)), options)

    assert [row for chunk in read for row in chunk] == [{"text": long, "label": "a"}, {"text": "short", "label": "b"}]


def _parsed(blocks: list[records.Rows], options: ReadOptions) -> list[list[dict[str, str]]]:
    blocks[0] = records.without_first_row(blocks[0])
    found = [records.parse(block, ["text", "label"], options) for block in blocks]
    assert not any(isinstance(one, records.Fault) for one in found)
    return [one.to_pylist() for one in found if not isinstance(one, records.Fault)]


@given(st.text('ab",\n', max_size=40))
@settings(max_examples=400)
def test_the_quick_search_for_quotes_agrees_with_the_slow_one(content: str) -> None:
    import numpy as np

    block = content.encode()
    quick = quoting.find_quotes(block, ",")
    slow = quoting._walk(block, np.flatnonzero(np.frombuffer(block, np.uint8) == 34), 44)

    assert (quick.unclosed is None) == (slow.unclosed is None)
    assert quick.broken == slow.broken
    assert [quick.inside(place) is not None for place in range(len(block)) if block[place] == 10] == [
        slow.inside(place) is not None for place in range(len(block)) if block[place] == 10
    ]
