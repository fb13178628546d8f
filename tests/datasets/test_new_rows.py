"""Unlabelled rows: any table, or a folder of texts or pictures; the column is never guessed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from ftstudio.core.errors import InputError
from ftstudio.core.specs import ColumnRole, Modality
from ftstudio.datasets import new_rows

TEXT, PAIR, IMAGE = ColumnRole.TEXT, ColumnRole.TEXT_PAIR, ColumnRole.IMAGE


def table(folder: Path, content: str = "body,number\nhello,1\nworld,2\n") -> Path:
    path = folder / "letters.csv"
    path.write_text(content, encoding="utf-8")
    return path


def rows_of(source: new_rows.NewRows) -> tuple[list[dict[str, str | None]], list[str]]:
    rows, reasons = [], []
    for chunk, unread in source.chunks():
        rows += chunk.batch.to_pylist()
        reasons += unread
    return rows, reasons


def test_a_table_keeps_all_its_columns(tmp_path: Path) -> None:
    source = new_rows.look(table(tmp_path), Modality.TEXT)

    assert source.columns == ("body", "number")
    assert rows_of(source) == ([{"body": "hello", "number": "1"}, {"body": "world", "number": "2"}], ["", ""])


def test_a_folder_of_texts_is_read_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "b.txt").write_text("second", encoding="utf-8")
    (tmp_path / "inner" / "a.txt").write_text("first", encoding="utf-8")
    (tmp_path / "broken.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "other.bin").write_bytes(b"x")
    rows, reasons = rows_of(new_rows.look(tmp_path, Modality.TEXT))

    assert [row["file"] for row in rows] == ["b.txt", "broken.txt", "inner/a.txt"]
    assert [row["text"] for row in rows][::2] == ["second", "first"]
    assert [bool(reason) for reason in reasons] == [False, rows[1]["text"] is None, False]


def test_a_folder_of_pictures_needs_no_classes(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg"):
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    source = new_rows.look(tmp_path, Modality.IMAGE)

    assert source.columns == ("image",)
    assert [row["image"] for row in rows_of(source)[0]] == ["a.jpg", "b.png"]


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="right kind"):
        new_rows.look(tmp_path, Modality.IMAGE)


@pytest.mark.parametrize("trained", [{}, {TEXT: "review"}])
def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path, trained: dict[ColumnRole, str]) -> None:
    source = new_rows.look(table(tmp_path), Modality.TEXT)
    with pytest.raises(InputError) as refused:
        new_rows.settle(source, [TEXT], trained, {})

    assert trained.get(TEXT, "text") in str(refused.value)
    assert refused.value.hint is not None and "body, number" in refused.value.hint.render()


def test_the_column_of_the_training_is_read_or_the_one_chosen(tmp_path: Path) -> None:
    source = new_rows.look(table(tmp_path), Modality.TEXT)

    assert new_rows.settle(source, [TEXT], {TEXT: "body"}, {}) == {TEXT: "body"}
    assert new_rows.settle(source, [TEXT], {TEXT: "body"}, {TEXT: "number"}) == {TEXT: "number"}
    with pytest.raises(InputError, match="no column called"):
        new_rows.settle(source, [TEXT], {}, {TEXT: "nothing"})


def test_pairs_need_both_columns(tmp_path: Path) -> None:
    trained = {TEXT: "body", PAIR: "number"}
    assert new_rows.needed(Modality.TEXT, trained) == [TEXT, PAIR]
    assert new_rows.needed(Modality.TEXT, {TEXT: "body"}) == [TEXT]
    assert new_rows.needed(Modality.IMAGE, {}) == [IMAGE]
    source = new_rows.look(table(tmp_path), Modality.TEXT)

    assert new_rows.settle(source, [TEXT, PAIR], trained, {}) == trained


def test_a_broken_table_is_refused_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cells"):
        new_rows.look(table(tmp_path, "a,b\n1,2\n1,2,3\n"), Modality.TEXT)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_among_the_texts_is_told_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("good", encoding="utf-8")
    os.mkfifo(tmp_path / "b.txt")
    (_, reasons), *_ = new_rows.look(tmp_path, Modality.TEXT).chunks()
    assert reasons[0] == "" and "not a file" in reasons[1]
