"""Cells for tables that a spreadsheet will open: text from data must never run there as a formula.

A cell that begins with one of the signs below is calculated when a CSV file is opened, and a formula can send data
away or start programs (OWASP, "CSV Injection"). An apostrophe in front makes it text. Numbers are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_BEGINS_A_FORMULA = re.compile(r"[\s\ufeff]*[=+\-@\t\r\n＝＋－＠]")
_IS_A_NUMBER = re.compile(r"\s*[+-]?(\d{1,3}([.,]\d{3})+|\d+)?([.,]\d+)?([eE][+-]?\d+)?\s*%?\s*", re.ASCII)


def safe_cell(value: str) -> str:
    """Return `value` so that no spreadsheet takes it for a formula; everything else stays as it is."""
    if not _BEGINS_A_FORMULA.match(value) or _is_a_number(value):
        return value
    return f"'{value}"


def safe_row(values: Iterable[object]) -> list[str]:
    """Return a row ready to be written: None as an empty cell, everything else as safe text."""
    return ["" if value is None else safe_cell(str(value)) for value in values]


def _is_a_number(value: str) -> bool:
    return any(letter.isdigit() for letter in value) and _IS_A_NUMBER.fullmatch(value) is not None
