"""Several labels in a cell, and numbers in a cell: written, read back, and told from anything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core import label_sets, plain_numbers

LABEL = st.text(st.characters(exclude_categories=("C",)), min_size=1).map(str.strip).filter(bool)


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("sport|politics", ("sport", "politics")),
        ("sport; politics ;sport", ("sport", "politics")),
        ("one\ntwo", ("one", "two")),
        ("sport", ("sport",)),
        ("Rio, Brazil", ("Rio, Brazil",)),
        ('["a", "b;c"]', ("a", "b;c")),
        ("['a', 'b']", ("a", "b")),
        ("[1, 2]", ("1", "2")),
        ("[]", ()),
        ("  ", ()),
        ("a||b|", ("a", "b")),
    ],
)
def test_labels_are_read_as_people_write_them(cell: str, labels: tuple[str, ...]) -> None:
    assert label_sets.read(cell) == labels


@pytest.mark.parametrize(
    "cell", ["[1, [2]]", '[{"a": 1}]', "[a, b]", "[" * 5000 + "]" * 5000, "[open('x')]", "[" + "1," * 90_000 + "1]"]
)
def test_what_is_no_list_of_labels_is_refused(cell: str) -> None:
    with pytest.raises(ValueError):
        label_sets.read(cell)


@given(st.lists(LABEL, max_size=5, unique=True))
def test_labels_come_back_as_they_were_written(labels: list[str]) -> None:
    assert list(label_sets.read(label_sets.write(labels))) == labels


@pytest.mark.parametrize(
    ("cell", "number"),
    [("3", 3.0), (" -2.5 ", -2.5), ("1e3", 1000.0), ("3,5", 3.5), (".5", 0.5), ("n/a", None), ("1e999", None),
     ("nan", None), ("inf", None), ("1,234,567", None), ("12 kg", None), ("", None), ("0x10", None), ("1_000", None)],
)  # fmt: skip
def test_numbers_are_read_and_nothing_else(cell: str, number: float | None) -> None:
    assert plain_numbers.read(cell) == number
