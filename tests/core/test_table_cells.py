"""No cell of a table that we write can run as a formula, and no other cell is changed."""

from __future__ import annotations

import pytest

from ftstudio.core.table_cells import safe_cell, safe_row


@pytest.mark.parametrize(
    "dangerous",
    [
        '=HYPERLINK("http://x","click")',
        "+1+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "  =1+1",
        "＝1+1",
        "-",
        "\ufeff=1",
        "-1\n=1+1",
    ],
)
def test_a_formula_becomes_text(dangerous: str) -> None:
    assert safe_cell(dangerous) == f"'{dangerous}"


@pytest.mark.parametrize(
    "harmless", ["", "plain", "a=b", "-5", "+3.25", "-1,5", "-1.234,5", "-3e-4", "-12 %", "1+1", "'=1", "é"]
)
def test_text_and_numbers_stay_as_they_are(harmless: str) -> None:
    assert safe_cell(harmless) == harmless


def test_a_row_is_text_throughout() -> None:
    assert safe_row([None, 3, 0.5, True, "=1"]) == ["", "3", "0.5", "True", "'=1"]
