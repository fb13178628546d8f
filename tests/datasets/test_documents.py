"""Pieces of documents: which are of one, that none is lost, and that what is held back are whole stretches."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ftstudio.core import catalog
from ftstudio.core.problems import Fix
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets import documents, encoding, folds, leaks, redividing
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.readers import plain_text
from ftstudio.datasets.store import Dataset

TASK = "text-generation"


def book(name: str, paragraphs: int) -> str:
    return "\n\n".join(f"{name} {number} " + "word " * 100 + "end." for number in range(paragraphs))


def imported(folder: Path, **books: str) -> Dataset:
    for name, words in books.items():
        (folder / f"{name}.txt").write_text(words, encoding="utf-8")
    sources = tuple(folder / f"{name}.txt" for name in books)
    import_data(folder / "data", catalog.tasks().spec(TASK), ImportPlan(sources=sources))
    return Dataset.open(folder / "data")


def test_a_file_is_one_document_and_ends_once(tmp_path: Path) -> None:
    dataset = imported(tmp_path, first=book("a", 30), second=book("b", 50))
    table = dataset.table()

    assert table.num_rows == 40
    assert table[documents.COLUMN].to_pylist() == [0] * 15 + [1] * 25
    assert np.flatnonzero(table[documents.ENDS].to_numpy()).tolist() == [14, 39]
    assert "".join(table["text"].to_pylist()[:15]) == book("a", 30)


def test_of_a_single_file_whole_stretches_are_held_back(tmp_path: Path) -> None:
    dataset = imported(tmp_path, book=book("a", 800))
    split = dataset.table()["split"].to_pylist()
    runs = np.diff(np.flatnonzero([True, *(one != other for one, other in pairwise(split)), True]))

    assert split.count("train") == 280
    assert abs(split.count("validation") - split.count("test")) <= 400 // documents.STRETCHES
    assert runs.min() >= 400 // documents.STRETCHES
    assert leaks.of_groups(dataset.view).left.tolist() == []


def test_documents_that_are_small_beside_all_stay_whole(tmp_path: Path) -> None:
    dataset = imported(tmp_path, **{f"book{number}": book(f"b{number}", 4) for number in range(120)})
    table = dataset.table()
    found = {}
    for document, split in zip(table[documents.COLUMN].to_pylist(), table["split"].to_pylist(), strict=True):
        found.setdefault(document, set()).add(split)

    assert len(found) == 120
    assert all(len(splits) == 1 for splits in found.values())
    assert dataset.count(Split.TEST) > 20


def test_a_stretch_is_never_in_two_folds(tmp_path: Path) -> None:
    pool = folds.pool(imported(tmp_path, book=book("a", 800)))
    fold = folds.divide(pool, 4, 0)

    assert all(len(np.unique(fold[pool.units == unit])) == 1 for unit in np.unique(pool.units))
    assert len(np.unique(pool.units)) > 30
    assert np.bincount(fold).min() > 50


@pytest.mark.parametrize("block", [7, 1 << 20])
def test_the_usual_mark_between_documents_ends_one(tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encoding.utf8_blocks
    monkeypatch.setattr(encoding, "utf8_blocks", lambda path, name: whole(path, name, block))
    texts = ["One day.\n\nIt rained.", book("x", 5), "The end."]
    path = tmp_path / "stories.txt"
    path.write_text("\n<|endoftext|>\n".join(texts) + "\n<|endoftext|>\n\n<|endoftext|>", encoding="utf-8")
    chunks = list(plain_text.read(path, plain_text.look(path, ReadOptions()).options))
    begins = np.concatenate([chunk.begins for chunk in chunks if chunk.begins is not None])
    words = [words for chunk in chunks for words in chunk.batch["text"].to_pylist()]
    found = ["".join(some) for some in np.split(words, np.flatnonzero(begins)[1:])]

    assert found == texts
    assert len(words) == 5


def test_what_columns_mean_can_be_said_anew(tmp_path: Path) -> None:
    dataset = imported(tmp_path, book=book("a", 800))
    table, rows = dataset._table, dataset._rows
    roles = {ColumnRole.TEXT: "text"}
    divided = redividing.stored_or_divided(dataset.folder, dataset.manifest, roles, table, rows, None)

    assert {name: divided[name].to_pylist() for name in rows.column_names} == rows.to_pydict()


def test_a_piece_that_was_removed_is_missed_and_does_not_end_a_document(tmp_path: Path) -> None:
    dataset = imported(tmp_path, first=book("a", 30), second=book("b", 50))
    dataset.apply(Fix(key="drop_rows", label=text("Remove"), params={"places": [14]}))
    table = dataset.table()

    assert table.num_rows == 39
    assert np.flatnonzero(table[documents.ENDS].to_numpy()).tolist() == [38]


@pytest.mark.parametrize("sizes", [[1], [3, 1, 700], [10_000], [1] * 30])
def test_stretches_are_as_even_as_can_be(sizes: list[int]) -> None:
    number = np.repeat(np.arange(len(sizes)), sizes)
    found = documents.stretches(number)
    longest = min(documents.LONGEST, max(1, sum(sizes) // documents.STRETCHES))

    assert np.all(np.diff(found) >= 0)
    assert np.bincount(found).max() <= longest
    assert len(np.unique(found)) == sum(-(-size // longest) for size in sizes)
    assert all(len(np.unique(number[found == one])) == 1 for one in np.unique(found))
