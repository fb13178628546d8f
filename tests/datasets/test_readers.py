"""Every reader keeps the same promises: it finds the columns, loses no letter, and streams in order."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.specs import Answer, Modality, ReaderSpec
from ftstudio.core.states import Split
from ftstudio.datasets.importing import ImportPlan, import_data, inspect
from ftstudio.datasets.reading import WATCHED, reader_for
from tests.datasets import making

TABLES = [spec.key for spec in catalog.readers() if Modality.TEXT in spec.modalities and Answer.LABEL in spec.answers]


def source_for(key: str, folder: Path, rows: making.Rows) -> Path:
    name, write = making.WRITERS[key]
    return write(folder / name, rows)


def test_every_reader_has_a_writer_here() -> None:
    assert set(making.WRITERS) | {"image-folder"} == {spec.key for spec in catalog.readers() if _labels_rows(spec)}


def _labels_rows(spec: ReaderSpec) -> bool:
    """Whether a reader is for rows with one label; readers made for another kind of label have tests of their own."""
    return Answer.LABEL in spec.answers


@pytest.mark.parametrize("spec", list(catalog.readers()), ids=lambda spec: spec.key)
def test_a_reader_describes_itself(spec: ReaderSpec) -> None:
    module = catalog.readers().module(spec.key)

    assert spec.title
    assert spec.example
    assert spec.is_folder != bool(spec.suffixes)
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in spec.suffixes)
    assert callable(module.look)
    assert callable(module.read)


@pytest.mark.parametrize("answer", Answer)
def test_it_is_certain_which_reader_an_ending_belongs_to(answer: Answer) -> None:
    """Of two for the same ending, the one that is made for fewer kinds of label comes first."""
    claims = [
        (suffix, len(spec.answers)) for spec in catalog.readers() if answer in spec.answers for suffix in spec.suffixes
    ]

    assert len(claims) == len(set(claims))


def test_a_reader_made_for_the_kind_of_label_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rows.csv").write_text("text,label\n")
    wide, narrow = catalog.readers().spec("csv"), replace(catalog.readers().spec("csv"), key="narrow")
    narrow = replace(narrow, answers=frozenset({Answer.SPANS}))
    for order in ([wide, narrow], [narrow, wide]):
        listed = Listed(order)
        monkeypatch.setattr(catalog, "readers", lambda listed=listed: listed)

        assert reader_for(tmp_path / "rows.csv", Modality.TEXT, Answer.LABEL) == "csv"
        assert reader_for(tmp_path / "rows.csv", Modality.TEXT, Answer.SPANS) == "narrow"


class Listed(list[ReaderSpec]):
    """Readers in a certain order; each one's module is its key."""

    def module(self, key: str) -> str:
        return key


@pytest.mark.parametrize("key", TABLES)
def test_a_look_finds_columns_and_meaning(key: str, tmp_path: Path) -> None:
    source = source_for(key, tmp_path, making.reviews())

    found = inspect([source], Modality.TEXT)

    assert found.reader == key
    assert found.roles["text"] == "text"
    assert found.roles["label"] == "label"
    assert len(found.rows()) == 40
    assert [problem for problem in found.problems if problem.severity == "error"] == []


@pytest.mark.parametrize("key", TABLES)
def test_no_letter_is_lost(key: str, tmp_path: Path) -> None:
    rows = making.reviews()
    source = source_for(key, tmp_path, rows)

    table = making.imported(source, tmp_path / "data").table()

    assert sorted(zip(table["text"].to_pylist(), table["label"].to_pylist(), strict=True)) == sorted(
        (row["text"], row["label"]) for row in rows
    )


@pytest.mark.parametrize("key", [key for key in TABLES if key != "text-folder"])
def test_rows_keep_their_order_and_number(key: str, tmp_path: Path) -> None:
    rows = making.reviews()

    table = making.imported(source_for(key, tmp_path, rows), tmp_path / "data").table()

    assert table["row"].to_pylist() == list(range(1, 41))
    assert table["text"].to_pylist() == [row["text"] for row in rows]


@pytest.mark.parametrize("key", TABLES)
def test_reading_twice_gives_the_same(key: str, tmp_path: Path) -> None:
    source = source_for(key, tmp_path, making.reviews())
    reader = reader_for(source, Modality.TEXT)
    options = reader.look(source, making.ReadOptions()).options

    first, second = ([chunk.batch for chunk in reader.read(source, options)] for _ in range(2))

    assert first == second
    assert all(batch.schema.types == [first[0].schema.types[0]] * len(batch.schema) for batch in first)


@pytest.mark.parametrize(("name", "write"), [("rows.xls", making.write_xls), ("rows.ods", making.write_ods)])
def test_older_spreadsheets(name: str, write: object, tmp_path: Path) -> None:
    rows = [{"text": f"plain {number}", "label": "ab"[number % 2]} for number in range(30)]
    assert callable(write)

    table = making.imported(write(tmp_path / name, rows), tmp_path / "data").table()

    assert table["text"].to_pylist() == [row["text"] for row in rows]


def test_an_unknown_ending_names_those_that_can_be_read(tmp_path: Path) -> None:
    source = tmp_path / "rows.docx"
    source.write_bytes(b"x")

    with pytest.raises(InputError) as caught:
        inspect([source], Modality.TEXT)

    assert caught.value.hint is not None
    assert ".csv" in str(caught.value.hint)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        inspect([tmp_path / "nothing.csv"], Modality.TEXT)


def test_the_table_inside_a_folder_is_proposed(tmp_path: Path) -> None:
    making.write_csv(tmp_path / "rows.csv", making.reviews())

    with pytest.raises(InputError) as caught:
        inspect([tmp_path], Modality.TEXT)

    assert "“rows.csv”" in str(caught.value.hint)


def test_several_files_are_read_as_one(tmp_path: Path) -> None:
    rows = making.reviews()
    first = making.write_csv(tmp_path / "a.csv", rows[:20])
    second = making.write_jsonl(
        tmp_path / "b.jsonl", [{"label": row["label"], "text": row["text"]} for row in rows[20:]]
    )

    plan = making.ImportPlan((first, second))
    making.import_data(tmp_path / "data", making.text_task(), plan)
    table = making.Dataset.open(tmp_path / "data").table()

    assert table["text"].to_pylist() == [row["text"] for row in rows]
    assert table["row"].to_pylist() == [*range(1, 21), *range(1, 21)]


def test_files_with_other_columns_are_refused(tmp_path: Path) -> None:
    first = making.write_csv(tmp_path / "a.csv", making.reviews())
    second = making.write_csv(tmp_path / "b.csv", [{"words": "a", "label": "b"}, {"words": "c", "label": "d"}])

    with pytest.raises(InputError, match="same columns"):
        inspect([first, second], Modality.TEXT)


def test_numbers_of_a_parquet_file_become_words(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"text": [f"t{number}" for number in range(8)], "label": pa.array([0, 1] * 4), "score": [0.5] * 8})
    pq.write_table(table, tmp_path / "rows.parquet")

    dataset = making.imported(tmp_path / "rows.parquet", tmp_path / "data")

    assert dataset.labels == ["0", "1"]
    assert dataset.preview(0, 1)[0]["score"] == "0.5"


def test_test_rows_may_come_in_another_form(tmp_path: Path) -> None:
    train = making.write_csv(tmp_path / "train.csv", making.reviews())
    test = making.write_jsonl(tmp_path / "test.jsonl", [{"text": "new words", "label": "good"}])

    dataset = making.imported(train, tmp_path / "data", test=test)

    assert dataset.count(Split.TEST) == 1
    assert dataset.table(Split.TEST)["text"].to_pylist() == ["new words"]
    assert dataset.counts()["train"] + dataset.counts()["validation"] == 40


def test_cells_of_a_spreadsheet_become_words(tmp_path: Path) -> None:
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([])
    sheet.append(["text", "label", "when", "sure"])
    for number in range(8):
        sheet.append([f"words {number}", number % 2, datetime.date(2024, 1, 1 + number), number % 2 == 0])
    book.create_sheet("notes").append(["not read"])
    book.save(tmp_path / "rows.xlsx")

    dataset = making.imported(tmp_path / "rows.xlsx", tmp_path / "data")

    assert dataset.labels == ["0", "1"]
    assert dataset.preview(2, 1)[0]["when"] == "2024-01-03"
    assert dataset.preview(0, 1)[0]["sure"] == "true"
    assert "notes" in str(making.found(dataset)["other_sheets"].hint)


def test_a_sheet_can_be_chosen(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in [["text", "label"], *[[f"words {number}", "ab"[number % 2]] for number in range(8)]]:
        if not book.sheetnames[1:]:
            book.create_sheet("second")
        book["second"].append(row)
    book.save(tmp_path / "rows.xlsx")

    found = inspect([tmp_path / "rows.xlsx"], Modality.TEXT, making.ReadOptions(sheet="second"))

    assert found.options.sheet == "second"
    with pytest.raises(InputError, match="no sheet called"):
        inspect([tmp_path / "rows.xlsx"], Modality.TEXT, making.ReadOptions(sheet="third"))


def test_text_files_may_mix_encodings(tmp_path: Path) -> None:
    root = making.write_text_folder(tmp_path / "mails", making.reviews(20))
    (root / "good" / "old.txt").write_bytes("café fermé".encode("cp1252"))
    (root / "bad" / "wide.txt").write_bytes("größe".encode("utf-16"))

    dataset = making.imported(root, tmp_path / "data")

    assert {"café fermé", "größe"} <= set(dataset.table()["text"].to_pylist())
    assert making.found(dataset)["encoding_guessed"].examples == ("good/old.txt",)


def test_half_a_surrogate_pair_in_json_is_survived(tmp_path: Path) -> None:
    lines = [f'{{"text": "words \\ud83d {number}", "label": "{"ab"[number % 2]}"}}' for number in range(8)]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")

    dataset = making.imported(tmp_path / "rows.jsonl", tmp_path / "data")

    assert dataset.table()["text"].to_pylist()[0] == "words ? 0"


FOLDERS = {"text-folder": ("0000.txt", making.text_task), "image-folder": ("000.png", making.image_task)}


def folder_of(key: str, root: Path) -> Path:
    if key == "image-folder":
        return making.write_image_folder(root, 40, ("good", "bad"))
    return making.write_text_folder(root, making.reviews(40))


@pytest.mark.parametrize("key", FOLDERS)
def test_a_file_name_that_is_not_utf8_is_left_out_and_told(key: str, tmp_path: Path) -> None:
    name, task = FOLDERS[key]
    root = folder_of(key, tmp_path / "rows")
    (root / "good" / name).rename(root / "good" / os.fsdecode(b"caf\xe9" + name.encode()))

    dataset = making.imported(root, tmp_path / "data", task())
    problem = making.found(dataset, task())["odd_names"]

    assert sum(dataset.counts().values()) == 39
    assert problem.count == 1
    assert problem.examples == (f"good/caf\ufffd{name}",)
    assert f"good/caf\ufffd{name}" in problem.message.render()
    assert inspect([root], task().modality).problems == dataset.manifest.problems


def test_a_class_whose_name_is_not_utf8_is_refused(tmp_path: Path) -> None:
    root = folder_of("image-folder", tmp_path / "rows")
    (root / "good").rename(root / os.fsdecode(b"caf\xe9"))

    with pytest.raises(InputError, match="“caf\ufffd” is not valid UTF-8"):
        making.imported(root, tmp_path / "data", making.image_task())


@pytest.mark.parametrize("key", FOLDERS)
def test_a_folder_tells_how_far_it_was_listed_before_it_is_read(key: str, tmp_path: Path) -> None:
    root = folder_of(key, tmp_path / "rows")
    name, task = FOLDERS[key]
    for number in range(WATCHED):
        os.link(root / "good" / name, root / "good" / f"more-{number}{Path(name).suffix}")
    shown: list[str] = []

    import_data(tmp_path / "data", task(), ImportPlan((root,)), lambda event: shown.append(event.phase.render()))

    assert shown[:2] == ["Looking through “rows”", f"{WATCHED} files found in “rows”"]
    assert shown.index("Reading “rows”") > 1


def test_a_folder_can_be_left_while_it_is_listed(tmp_path: Path) -> None:
    root = folder_of("text-folder", tmp_path / "rows")
    for number in range(WATCHED):
        (root / "good" / f"more-{number}.txt").write_text("more")
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) == 2

    shown: list[str] = []
    with pytest.raises(CancelledError):
        plan = ImportPlan((root,))
        import_data(
            tmp_path / "data", making.text_task(), plan, lambda event: shown.append(event.phase.render()), cancelled
        )

    assert shown == ["Looking through “rows”"]
    assert not (tmp_path / "data").exists()
