"""Planted leaks are found whatever was done to the copies, and clean data raises no alarm."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Fix
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets import leaks, near_duplicates, picture_hashes
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.matches import NEIGHBOURS
from ftstudio.datasets.store import Dataset
from tests.datasets.making import text_task, write_csv

WORDS = [
    f"{start}{end}" for start in ("ba", "co", "du", "fe", "gri", "lo", "mu", "ne", "pla", "sto") for end in
    ("ner", "ling", "mat", "rus", "vel", "wick", "don", "pex")
]  # fmt: skip


def sentences(count: int, words: int = 25, seed: int = 0) -> list[str]:
    chance = np.random.default_rng(seed)
    return [" ".join(chance.choice(WORDS, words)) + "." for _ in range(count)]


def in_parts(train: int, validation: int, test: int) -> np.ndarray:
    return np.repeat(np.array([0, 1, 2], dtype=np.int8), (train, validation, test))


def found_in(texts: list[str], parts: np.ndarray, alike: float = 0.8) -> set[tuple[int, int]]:
    matches = near_duplicates.find(pa.chunked_array([pa.array(texts)]), parts, alike)
    assert (parts[matches.left] < parts[matches.right]).all()
    return set(zip(matches.left.tolist(), matches.right.tolist(), strict=True))


CHANGES: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "punctuation": lambda value: "“" + value.replace(" ", ", ", 3).rstrip(".") + "”…",
    "white space": lambda value: value.replace(" ", "\n  "),
    "wide letters": lambda value: "".join(chr(ord(one) + 0xFEE0) if one.isalpha() else one for one in value),
    "a word changed": lambda value: value.replace(value.split()[10], "really", 1),
    "a word left out": lambda value: " ".join(value.split()[1:]),
    "a word added": lambda value: value + " indeed",
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_of_texts_are_found(change: str) -> None:
    texts = sentences(300)
    copies = [CHANGES[change](value) for value in texts[:30]]
    found = found_in([*texts, *copies], in_parts(250, 50, 30))
    assert found == {(at, 300 + at) for at in range(30)}


def test_clean_texts_raise_no_alarm() -> None:
    assert found_in(sentences(4_000), in_parts(3_000, 500, 500)) == set()


def test_short_questions_that_share_a_beginning_are_not_the_same() -> None:
    beginnings = ("what is", "who was the first", "how far is it to", "tell me about the")
    ends = (*WORDS[:40], "world war 1", "world war 2", "al", "ag")
    texts = [f"{begin} {end}" for begin in beginnings for end in ends]
    parts = np.arange(len(texts)).astype(np.int8) % 3
    assert found_in(texts, parts) == set()


def test_texts_of_symbols_only_are_compared_as_they_are() -> None:
    assert found_in([":-)", ":-(", ":-)"], in_parts(2, 0, 1)) == {(0, 2)}


def test_similarity_is_the_share_of_shingles_in_common() -> None:
    texts = pa.array(["abcdef", "abcdeg"])
    one, other = ({f"   {value}   "[at : at + 4] for at in range(9)} for value in texts.to_pylist())
    expected = len(one & other) / len(one | other)
    assert near_duplicates.jaccard(texts, np.array([[0, 1]]))[0] == pytest.approx(expected)


def test_one_text_in_very_many_rows_is_linked_for_each_of_them() -> None:
    texts = [*["this sentence is in every single row"] * 200, *sentences(50)]
    parts = in_parts(100, 0, 150)
    found = found_in(texts, parts)
    assert {left for left, _ in found} == set(range(100))
    assert {right for _, right in found} == set(range(100, 200))
    assert len(found) < 300


def test_many_versions_of_one_text_are_all_linked_although_their_bucket_is_large() -> None:
    base = sentences(1, words=60)[0]
    texts = [f"{base} {word}" for word in WORDS]
    assert len(texts) > 2 * NEIGHBOURS
    found = found_in(texts, in_parts(40, 0, 40))
    assert {right for _, right in found} == set(range(40, 80))


def picture(seed: int, side: int = 96) -> Image.Image:
    chance = np.random.default_rng(seed)
    small = Image.fromarray(chance.integers(0, 255, (9, 9, 3), dtype=np.uint8))
    fine = chance.integers(-12, 12, (side, side, 3))
    large = np.asarray(small.resize((side, side), Image.Resampling.BICUBIC)).astype(int) + fine
    return Image.fromarray(large.clip(0, 255).astype(np.uint8))


def as_jpeg(source: Image.Image) -> Image.Image:
    raw = io.BytesIO()
    source.save(raw, "JPEG", quality=50)
    return Image.open(raw)


PICTURE_CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "smaller": lambda source: source.resize((61, 61)),
    "larger": lambda source: source.resize((180, 180)),
    "as jpeg": as_jpeg,
    "cropped": lambda source: source.crop((4, 3, 92, 93)),
    "brighter": lambda source: source.point(lambda value: min(255, int(value * 1.08))),
}


def pictures_found(folder: Path, pictures: list[Image.Image], parts: np.ndarray) -> set[tuple[int, int]]:
    paths = [folder / f"{at}.png" for at in range(len(pictures))]
    for path, one in zip(paths, pictures, strict=True):
        one.save(path)
    matches = picture_hashes.find(paths, parts)
    return set(zip(matches.left.tolist(), matches.right.tolist(), strict=True))


@pytest.mark.parametrize("change", PICTURE_CHANGES)
def test_changed_copies_of_pictures_are_found(change: str, tmp_path: Path) -> None:
    pictures = [picture(seed) for seed in range(60)]
    copies = [PICTURE_CHANGES[change](one) for one in pictures[:20]]
    found = pictures_found(tmp_path, [*pictures, *copies], in_parts(50, 10, 20))
    assert found <= {(at, 60 + at) for at in range(20)}
    assert len(found) >= 19


def test_different_and_flat_pictures_raise_no_alarm(tmp_path: Path) -> None:
    flat = [Image.new("RGB", (40, 40), (200, 200, at)) for at in range(6)]
    pictures = [*flat[:3], *map(picture, range(60)), *flat[3:]]
    assert pictures_found(tmp_path, pictures, in_parts(40, 10, 16)) == set()


def test_pictures_alike_by_nature_must_be_more_alike_to_count(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    base = np.asarray(picture(1, 24)).astype(int)
    noisy = [(base + chance.integers(-25, 26, base.shape)).clip(0, 255).astype(np.uint8) for _ in range(60)]
    found = pictures_found(tmp_path, [Image.fromarray(one) for one in noisy], in_parts(40, 0, 20))
    assert len({right for _, right in found}) <= 4


def dataset(folder: Path, rows: list[dict[str, str]]) -> Dataset:
    import_data(folder / "data", text_task(), ImportPlan(sources=(write_csv(folder / "rows.csv", rows),)))
    return Dataset.open(folder / "data")


@pytest.fixture
def leaky(tmp_path: Path) -> Dataset:
    """Rows 1 to 30 train, 31 to 40 validation, 41 to 50 test; 41 is row 1, 42 nearly row 2, 43 nearly row 31 and 3."""
    texts = sentences(50)
    texts[40], texts[41], texts[42] = texts[0], texts[1].upper() + "!", texts[30] + " indeed"
    texts[2] = "so " + texts[30]
    parts = ["train"] * 30 + ["validation"] * 10 + ["test"] * 10
    rows = [
        {"text": value, "label": "ab"[at % 2], "split": parts[at], "group": f"g{at if at != 49 else 5}"}
        for at, value in enumerate(texts)
    ]
    return dataset(tmp_path, rows)


def numbers(found: leaks.Leaks, kind: str) -> set[tuple[int, int]]:
    row, matches = found.view.row, found.matches[kind]
    return set(zip(row[matches.left].tolist(), row[matches.right].tolist(), strict=True))


def audit(data: Dataset) -> leaks.Leaks:
    return leaks.find(data.view, data.folder, 0.8, lambda done, total: None)


def test_each_kind_is_found_between_the_right_parts(leaky: Dataset) -> None:
    leaky.set_roles({**leaky.roles, ColumnRole.GROUP: "group"})
    found = audit(leaky)
    assert numbers(found, "exact") == {(1, 41)}
    assert numbers(found, "near") == {(2, 42), (3, 31), (3, 43), (31, 43)}
    assert numbers(found, "group") == {(6, 50)}
    assert found.rows(("exact", "near"), Split.TEST, later=True).size == 3
    assert found.rows(("near",), Split.VALIDATION, later=True).size == 1


def test_removing_keeps_the_later_rows_and_leaves_nothing_to_find(leaky: Dataset) -> None:
    before = leaky.fingerprint
    leaky.apply(Fix(key="drop_rows", label=text("x"), params={"places": audit(leaky).to_drop(("exact", "near"))}))
    assert leaky.counts() == {"train": 27, "validation": 9, "test": 10}
    assert leaky.fingerprint != before
    after = audit(leaky)
    assert not len(after.matches["exact"]) and not len(after.matches["near"])


def test_moving_keeps_all_rows_and_brings_whatever_is_alike_into_its_first_part(leaky: Dataset) -> None:
    leaky.apply(Fix(key="move_rows", label=text("x"), params={"splits": audit(leaky).to_move(("exact", "near"))}))
    assert leaky.counts() == {"train": 34, "validation": 9, "test": 7}
    after = audit(leaky)
    assert not len(after.matches["exact"]) and not len(after.matches["near"])
    assert leaky.preview(0, 1, np.array([40]))[0]["#split"] == "train"
    reopened = Dataset.open(leaky.folder)
    assert reopened.counts() == leaky.counts()
    leaky.set_edits(())
    assert leaky.counts() == {"train": 30, "validation": 10, "test": 10}


def test_rows_cannot_be_moved_to_a_part_that_does_not_exist(leaky: Dataset) -> None:
    with pytest.raises(InputError, match="exam"):
        leaky.apply(Fix(key="move_rows", label=text("x"), params={"splits": {"exam": [1]}}))
    assert leaky.edits == ()
