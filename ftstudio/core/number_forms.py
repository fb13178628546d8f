"""Columns of numbers as people and offices write them: 1.234,5 or 1,234.5 or 1 234,5, with a currency or in percent.

What one cell means often only its column tells: 1.234 is a thousand beside 1.234,5, and little more than one beside
0.75. So a column is read as a whole, and only where all its numbers agree on one way of writing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ftstudio.core import plain_numbers

MOSTLY = 0.9
"""The share of cells that must be numbers before their way of writing is believed."""

_SPACES = " \u00a0\u2009\u202f"
_SIGNS = "".join(chr(at) for at in range(0x20, 0x20C1) if unicodedata.category(chr(at)) == "Sc")
_CODES = (
    *("EUR", "USD", "GBP", "CHF", "BRL", "JPY", "CNY", "INR", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "CZK"),
    *("HUF", "RON", "MXN", "TRY", "ZAR", "R$", "US$", "Fr.", "kr.", "kr", "zł", "Kč", "Ft"),
)
_SHARES = ("%", "‰")
_SAME = {"EUR": "€", "USD": "$", "US$": "$", "GBP": "£", "BRL": "R$", "kr.": "kr", "PLN": "zł", "CZK": "Kč"}
_UNIT = "|".join([*sorted(map(re.escape, _CODES), key=len, reverse=True), *_SHARES, f"[{re.escape(_SIGNS)}]"])
_GROUPED = rf"\d{{1,3}}(?:(?P<mark>[.,'’{_SPACES}])\d{{3}}(?:(?P=mark)\d{{3}})*)(?:(?!(?P=mark))[.,]\d+)?"
_NUMBER = re.compile(
    rf"(?P<sign>[+\-−]?)(?:(?P<before>{_UNIT})[{_SPACES}]*)?(?P<second>[+\-−]?)"
    rf"(?P<body>{_GROUPED}|\d+(?:[.,]\d*)?(?:[eE][+-]?\d+)?|[.,]\d+)"
    rf"(?:[{_SPACES}]*(?P<after>{_UNIT}))?"
)


@dataclass(frozen=True)
class Form:
    """A way of writing: the mark before decimals ("" where no number shows which), and the unit, if there is one."""

    decimals: str
    unit: str


@dataclass(frozen=True)
class _Written:
    """A number as it is written: what stands for its decimals, if that is sure, what parts its thousands, its unit."""

    sign: str
    body: str
    decimals: str
    thousands: str
    unit: str

    def plain(self, form: Form) -> str:
        """Return it as other programs write it."""
        body = re.sub(rf"['’{_SPACES}]", "", self.body)
        if form.decimals:
            body = body.replace("." if form.decimals == "," else ",", "").replace(form.decimals, ".")
        return ("-" if self.sign in ("-", "−") else "") + body


def plain(cells: Sequence[str | None]) -> list[str]:
    """Return the cells of a column with its numbers written as 1234.5, where all of them are written in one way.

    Where they are not, or hardly any cell is a number, all cells are as they were; so are those that are no numbers.
    """
    found = [cell or "" for cell in cells]
    form = settle(found)
    if form is None:
        return found
    written = (_read(cell) for cell in found)
    return [cell if one is None else one.plain(form) for cell, one in zip(found, written, strict=True)]


def settle(cells: Sequence[str]) -> Form | None:
    """Return the one way in which the numbers of a column are written; None where there is none, or nothing to do."""
    filled = [cell for cell in cells if cell.strip()]
    if all(plain_numbers.read(cell) is not None and "," not in cell for cell in filled):
        return None
    written = [one for cell in filled if (one := _read(cell)) is not None]
    if not written or len(written) < MOSTLY * len(filled):
        return None
    marks, units = {one.decimals for one in written} - {""}, {one.unit for one in written}
    unit = max(units)
    if len(marks) > 1 or len(units - {""}) > 1 or (unit in _SHARES and "" in units):
        return None
    decimals = max(marks, default="")
    if not decimals and unit and any(re.search("[.,]", one.body) for one in written):  # € 1.234 alone says nothing
        return None
    return Form(decimals, unit) if _thousands_are_sure(written, decimals) else None


def are_numbers(cells: Sequence[str]) -> bool:
    """Whether nearly all filled cells are numbers, each in whatever way."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and sum(_read(cell) is not None for cell in filled) >= MOSTLY * len(filled)


def _thousands_are_sure(written: Sequence[_Written], decimals: str) -> bool:
    """Whether no mark like that in 1.234 is taken for one of thousands without any number that shows it to be one."""
    other = {",": ".", ".": ","}.get(decimals, "")
    unsure = other and any(not one.decimals and other in one.body for one in written)
    return not unsure or any(one.thousands == other for one in written)


def _read(cell: str) -> _Written | None:
    found = _NUMBER.fullmatch(cell.strip())
    if found is None or (found["before"] and found["after"]) or (found["sign"] and found["second"]):
        return None
    unit = found["before"] or found["after"] or ""
    marks = _marks(found["body"])
    return _Written(found["sign"] or found["second"], found["body"], *marks, _SAME.get(unit, unit))


def _marks(body: str) -> tuple[str, str]:
    """Return what surely stands before the decimals of a number, and what surely parts its thousands; "" if unsure."""
    present = [letter for letter in body if letter in ".,"]
    if not present:
        return "", ""
    if len(set(present)) == 2:
        return present[-1], present[0]
    mark = present[0]
    if len(present) > 1:
        return {",": ".", ".": ","}[mark], mark
    before, after = re.split("[.,]", body)
    grouped = len(after) == 3 and len(before) <= 3 and before not in ("", "0")
    return ("", "") if grouped else (mark, "")
