"""Guessing the delimiter of a table in a text file and whether its first line names the columns."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from ftstudio.datasets.quoting import find_quotes
from ftstudio.datasets.roles import is_known_name

DELIMITERS = (",", "\t", ";", "|")
NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe", " ": "space", ":": "colon"}


def name_of(delimiter: str) -> str:
    """Return what people call a delimiter."""
    return NAMES.get(delimiter, delimiter)


def split_rows(sample: str, delimiter: str, quote: str = '"', limit: int = 200) -> list[list[str]]:
    """Cut the start of a text into at most `limit` rows of cells; blank lines are left out."""
    csv.field_size_limit(1 << 28)
    rows: list[list[str]] = []
    lines = io.StringIO(sample, newline="")
    if quote:
        reader = csv.reader(lines, delimiter=delimiter, quotechar=quote)
    else:
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    for row in reader:
        if row:
            rows.append(row)
        if len(rows) >= limit:
            break
    return rows


def detect_quote(sample: str, suffix: str) -> str:
    """Return the quote character, or "" for a tab-separated table whose quotes clearly do not enclose cells."""
    if suffix.lower() not in (".tsv", ".tab") or '"' not in sample:
        return '"'
    whole_rows = sample[: sample.rfind("\n") + 1].encode()
    quotes = find_quotes(whole_rows, "\t")
    return "" if quotes.broken is not None or quotes.unclosed is not None else '"'


def detect_delimiter(sample: str, quote: str = '"', preferred: str = ",") -> str:
    """Return the delimiter that cuts the sample into the most even columns; `preferred` when none does.

    A delimiter counts only if it is in the first line. Evenness is the share of rows as wide as the first.
    """
    best, best_score = preferred, 0.0
    for delimiter in sorted(DELIMITERS, key=lambda one: one != preferred):
        widths = Counter(len(row) for row in split_rows(sample, delimiter, quote, 100))
        first = split_rows(sample, delimiter, quote, 1)
        width = len(first[0]) if first else 0
        if width < 2:
            continue
        even = widths[width] / sum(widths.values())
        score = even + (0.001 * min(width, 50) if even > 0.9 else 0)
        if score > best_score + 1e-9:
            best, best_score = delimiter, score
    return best


def detect_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row names the columns rather than being data. Empty cells speak neither way."""
    if not rows:
        return True
    first = {place: cell.strip() for place, cell in enumerate(rows[0]) if cell.strip()}
    if any(is_known_name(cell) for cell in first.values()):
        return True
    if not first or any(_is_number(cell) or len(cell) > 64 or cell.count(" ") > 5 for cell in first.values()):
        return False
    return not any(row[place].strip() == cell for row in rows[1:] for place, cell in first.items() if place < len(row))


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def numbered_columns(count: int) -> list[str]:
    """Return names for the columns of a table without a header line."""
    return [f"column {number}" for number in range(1, count + 1)]
