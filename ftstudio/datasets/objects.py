"""JSON objects as rows: strict parsing, columns from the keys, batches of strings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text
from ftstudio.datasets.cells import as_text
from ftstudio.datasets.reading import string_batch

ROWS_AT_ONCE = 20_000
_FILE_HINT = text("Correct that place, or save the data again as JSON in UTF-8.")


class BadObjectError(ValueError):
    """A row that is not a plain JSON object; `reason` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.template)
        self.reason = reason

    def as_error(self, file: str, shown: str, row: int) -> InputError:
        """Return the error that names file and row."""
        return InputError(
            text("Row {row} of “{file}” cannot be read: {reason}", row=row, file=shown, reason=self.reason),
            _FILE_HINT,
            file=file,
            row=row,
        )


def _no_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadObjectError(text("the key “{key}” is there twice.", key=twice))
    return found


def _no_constant(name: str) -> Any:
    raise BadObjectError(text("{name} is not allowed in JSON; use null for a missing value.", name=name))


DECODER = json.JSONDecoder(object_pairs_hook=_no_repeated_keys, parse_constant=_no_constant)


def parse(line: str) -> dict[str, Any]:
    """Return the object of one line; raises `BadObjectError` with the reason."""
    try:
        value = DECODER.decode(line)
    except json.JSONDecodeError as error:
        reason = text("it is not valid JSON ({reason} at character {place}).", reason=error.msg, place=error.pos + 1)
        raise BadObjectError(reason) from None
    except RecursionError:
        raise BadObjectError(text("it is nested too deeply.")) from None
    except BadObjectError:
        raise
    except ValueError as error:  # a number with more digits than Python accepts
        raise BadObjectError(text("it is not valid JSON ({reason}).", reason=str(error).splitlines()[0])) from None
    return as_object(value)


def as_object(value: Any) -> dict[str, Any]:
    """Return a parsed value if it is an object; raises `BadObjectError`."""
    if not isinstance(value, dict):
        raise BadObjectError(text("it is not an object with named fields."))
    return value


def columns_of(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return all keys in order of appearance."""
    return list(dict.fromkeys(key for row in rows for key in row))


def batches(rows: Iterable[tuple[dict[str, Any], int]], names: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Gather (object, progress) pairs into batches of the given columns; raises `BadObjectError` for a new key."""
    waiting: list[list[str | None]] = []
    known, done = set(names), 0
    for row, done in rows:
        if not row.keys() <= known:
            extra = next(key for key in row if key not in known)
            raise BadObjectError(text("the field “{key}” is not in the first rows.", key=extra))
        waiting.append([as_text(row.get(name)) for name in names])
        if len(waiting) == ROWS_AT_ONCE:
            yield string_batch(names, waiting), done
            waiting = []
    if waiting:
        yield string_batch(names, waiting), done
