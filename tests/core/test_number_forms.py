"""Numbers as people and offices write them, column by column."""

from __future__ import annotations

import pytest

from ftstudio.core import number_forms, plain_numbers


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1.234,5", "12,25", "1.234", "7", "-2,5"], [1234.5, 12.25, 1234.0, 7.0, -2.5]),
        (["1,234.5", "0.5", "2,000"], [1234.5, 0.5, 2000.0]),
        (["1,234,567", "12"], [1234567.0, 12.0]),
        (["1 234,5", "2\u00a0000", "3\u202f000,25"], [1234.5, 2000.0, 3000.25]),
        (["1'234.50", "12"], [1234.5, 12.0]),
        (["12 %", "3,5%", "−0,25 %"], [12.0, 3.5, -0.25]),
        (["€ 1.234,50", "12 €", "EUR 3", "4"], [1234.5, 12.0, 3.0, 4.0]),
        (["$1,234.50", "-$12", "$ -3"], [1234.5, -12.0, -3.0]),
        (["R$ 1.234,56", "R$ 3"], [1234.56, 3.0]),
        (["12,5 kr", "n/a", *["7 kr"] * 20], [12.5, None, *[7.0] * 20]),
    ],
)
def test_numbers_of_a_column_are_read_as_they_are_meant(cells: list[str], numbers: list[float | None]) -> None:
    plain = number_forms.plain(cells)

    assert [plain_numbers.read(cell) for cell in plain] == numbers
    assert number_forms.plain(plain) == plain, "what is plain stays so"


@pytest.mark.parametrize(
    "cells",
    [
        ["1.234,5", "1,234.5"],  # two ways
        ["3,5", "1.234"],  # one of them may be a thousand
        ["0.75", "1,234"],
        ["12 %", "0.5"],  # a share, or a number?
        ["$5", "€ 5"],
        ["€ 1.234", "€ 12"],  # nothing shows whether that is a thousand
        ["12 kg", "3 kg"],
        ["1.2.3", "4.5.6"],
        ["2021-01-02", "2021-01-03"],
        ["1 2", "3 4"],
        ["good", "12 €", "bad"],
        ["€", "%"],
        ["1.5", "2.25", "1.234"],  # plain already
        [],
    ],
)
def test_what_is_not_clear_or_no_number_stays_as_it_is(cells: list[str]) -> None:
    assert number_forms.plain(cells) == cells


def test_a_column_may_be_numbers_without_one_way_of_writing_them() -> None:
    assert number_forms.are_numbers(["1.234,5", "1,234.5", "12 %", "€ 5"])
    assert not number_forms.are_numbers(["1.234,5", "12 kg"])
