"""Files of a token and its tag a line: every common form of them, and those that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, Modality
from ftstudio.datasets.importing import ReadOptions, inspect
from ftstudio.datasets.readers import token_lines
from ftstudio.datasets.reading import Look
from tests.datasets import making

LINES = ["Ana\tB-person", "lives\tO", "in\tO", "Lisbon\tB-city", "", "New\tB-city", "York\tI-city", "calls\tO", ""]
ROWS = [
    ("Ana lives in Lisbon", '[[0, 3, "person"], [13, 19, "city"]]'),
    ("New York calls", '[[0, 8, "city"]]'),
]


def write(path: Path, lines: list[str], end: str = "\n", encoding: str = "utf-8") -> Path:
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    return path


def look_at(path: Path) -> Look:
    return token_lines.look(path, ReadOptions())


def rows_of(path: Path) -> list[tuple[str, str]]:
    chunks = list(token_lines.read(path, look_at(path).options))
    rows = [row for chunk in chunks for row in chunk.batch.to_pylist()]
    return [(row["text"], row["label"]) for row in rows]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("space", ["\t", " ", "   "])
@pytest.mark.parametrize("last", ["", "\n\n\n"])
def test_texts_and_places_are_read(end: str, space: str, last: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.conll", [line.replace("\t", space) for line in LINES], end)
    path.write_bytes(path.read_bytes().rstrip() + last.encode())

    assert rows_of(path) == ROWS


def test_of_four_columns_the_first_and_the_last_count(tmp_path: Path) -> None:
    lines = ["-DOCSTART- -X- -X- O", "", "EU NNP B-NP B-ORG", "rejects VBZ B-VP O", "", "-DOCSTART- -X- O O"]

    assert rows_of(write(tmp_path / "a.conll", [*lines, "Lisbon NNP B-NP B-LOC"])) == [
        ("EU rejects", '[[0, 2, "ORG"]]'),
        ("Lisbon", '[[0, 6, "LOC"]]'),
    ]


def test_remarks_are_left_out_and_a_number_sign_is_a_token(tmp_path: Path) -> None:
    lines = ["# id 77\tdomain=news", "# sent_id = 3", "Item _ _ O", "# _ _ O", "5 _ _ B-number"]

    assert rows_of(write(tmp_path / "a.conll", lines)) == [("Item # 5", '[[7, 8, "number"]]')]


def test_a_token_with_spaces_inside_loses_them(tmp_path: Path) -> None:
    assert rows_of(write(tmp_path / "a.bio", ["10 000\tB-sum", "€\tI-sum"])) == [("10000 €", '[[0, 7, "sum"]]')]


@pytest.mark.parametrize(("line", "number"), [("alone", 3), ("\tO", 3), ("word\t", 3)])
def test_a_line_without_token_or_tag_is_refused_with_its_number(line: str, number: int, tmp_path: Path) -> None:
    path = write(tmp_path / "a.conll", [*LINES[:2], line, *LINES[3:]])

    with pytest.raises(InputError, match=f"Line {number} of “a.conll”") as caught:
        look_at(path)

    assert caught.value.where.row == number
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"\n\n", b"-DOCSTART- -X- O O\n\n"])
def test_a_file_without_a_token_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_bytes(content)

    with pytest.raises(InputError) as caught:
        look_at(tmp_path / "a.conll")

    assert "a.conll" in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    lines = ["café\tB-place", "fermé\tO", *["word\tO"] * 30]
    path = write(tmp_path / "a.conll", lines, encoding=encoding)

    assert rows_of(path)[0][0].startswith("café fermé word")
    assert bool(look_at(path).problems) == (encoding == "cp1252")


def test_bytes_that_are_no_letters_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.conll", ["naïve\tO"] * 20)
    path.write_bytes(path.read_bytes() + b"caf\xe9\tO\n")

    with pytest.raises(InputError, match="not valid UTF-8"):
        look_at(path)


def test_tags_without_a_beginning_are_told_with_their_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.conll", [*LINES, "to\tO", "New\tI-city", "York\tI-city"])

    problem = look_at(path).problems[0]

    assert (problem.code, problem.count, problem.severity) == ("tags_without_beginning", 1, "note")
    assert problem.examples == ("11: New",)
    assert rows_of(path)[2] == ("to New York", '[[3, 11, "city"]]')


def test_texts_larger_than_a_block_and_a_chunk_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_lines, "TEXTS_AT_ONCE", 7)
    monkeypatch.setattr(token_lines.encoding.utf8_blocks, "__defaults__", (64,))
    lines = [line for number in range(50) for line in (f"café{number}\tB-x", f"ß{number}\tO", "")]
    path = write(tmp_path / "a.conll", lines)

    assert [words for words, _ in rows_of(path)] == [f"café{number} ß{number}" for number in range(50)]
    done = [chunk.done for chunk in token_lines.read(path, look_at(path).options)]
    assert done == sorted(done)
    assert done[-1] == path.stat().st_size


def test_the_ending_txt_is_read_so_only_where_places_are_marked(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", LINES)

    assert inspect([path], Modality.TEXT, answer=Answer.SPANS).reader == "token-lines"
    assert inspect([path], Modality.TEXT, answer=Answer.LABEL).reader == "csv"


def test_it_is_imported_as_it_was_read(tmp_path: Path) -> None:
    lines = [line for number in range(12) for line in (f"Ana{number}\tB-person", "sings\tO", "")]

    dataset = making.imported(write(tmp_path / "a.iob2", lines), tmp_path / "data", making.span_task())

    assert dataset.labels == ["person"]
    assert dataset.label_counts() == {"person": 12}
    assert dataset.table()["text"].to_pylist()[:2] == ["Ana0 sings", "Ana1 sings"]
