"""Numbers as a person writes them into a field: `3e-5`, `0.1`, `1 000`, with a decimal comma where that is usual.

Unlike `core.translation.number`, which rounds for reading, these keep every digit: what is shown is what is used.
"""

from __future__ import annotations

import re
from typing import Any

from ftstudio.core import translation

_SPACES = re.compile(r"[\s   _]+")
_GROUPED = re.compile(r"^[+-]?\d{1,3}([.,]\d{3})+$")


def write(value: Any) -> str:
    """Return a number as it stands in a field; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    written = repr(float(value)) if isinstance(value, float) else str(value)
    if "e" in written:
        mantissa, _, exponent = written.partition("e")
        written = f"{mantissa}e{int(exponent)}"
    elif isinstance(value, float) and value != 0 and abs(value) < 1e-3:
        mantissa, _, exponent = f"{value:.15e}".partition("e")
        written = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    written = written.removesuffix(".0")
    return written.replace(".", ",") if _writes_comma() else written


def read(written: str, kind: str) -> Any:
    """Return the number meant by `written`; the text itself when it is none, so that the form can say so.

    `kind` is `int` or `float`. A whole number may be grouped in thousands; a single comma or point in a decimal
    number is the decimal sign, whichever the reader's language uses.
    """
    bare = _SPACES.sub("", written).replace("−", "-").replace("×10^", "e")
    if kind == "int":
        bare = re.sub(r"[.,]", "", bare) if _GROUPED.match(bare) else bare
        return _as_int(bare, written)
    try:
        return float(_with_point(bare))
    except ValueError:
        return written


def _as_int(bare: str, written: str) -> Any:
    try:
        number = float(_with_point(bare))
    except ValueError:
        return written
    return int(number) if number.is_integer() else number


def _with_point(bare: str) -> str:
    if "," in bare and "." in bare:
        thousands, decimal = (",", ".") if bare.rfind(".") > bare.rfind(",") else (".", ",")
        return bare.replace(thousands, "").replace(decimal, ".")
    return bare.replace(",", ".")


def _writes_comma() -> bool:
    return translation.number(0.5) == "0,5"
