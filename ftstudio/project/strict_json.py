"""Reads JSON that others may have touched: capped in size and depth, no NaN, no repeated keys, all mistakes at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ftstudio.core.errors import InputError
from ftstudio.core.strict_json import JsonError, parse
from ftstudio.core.text import Text, text
from ftstudio.project import disk_errors

LARGEST = 5_000_000
DEEPEST = 30
_MOST_SHOWN = 12

Model = TypeVar("Model", bound=BaseModel)


def read_document(path: Path, largest: int = LARGEST) -> dict[str, Any]:
    """Return the JSON object in `path`; raises `InputError` naming the file and the cause. `largest` is in bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise disk_errors.refuse(error, path) from error
    try:
        return _parse(data, largest)
    except JsonError as error:
        raise _unreadable(path, error.reason) from error


def read_model(path: Path, model: type[Model], largest: int = LARGEST) -> Model:
    """Return the content of `path` as a `model`; raises `InputError` listing every bad field."""
    return check(read_document(path, largest), model, path)


def check(document: dict[str, Any], model: type[Model], path: Path) -> Model:
    """Return `document` as a `model`; raises `InputError` listing every bad field."""
    try:
        return model.model_validate_json(json.dumps(document, ensure_ascii=False).encode())
    except UnicodeEncodeError as error:
        reason = text("it has half of a letter (a lone surrogate).")
        raise _unreadable(path, reason) from error
    except ValidationError as error:
        found = [(".".join(str(part) for part in item["loc"]), _reason(dict(item))) for item in error.errors()]
        raise fields_error(path, found) from error


def fields_error(path: Path, found: list[tuple[str, Text]]) -> InputError:
    """Return the error that lists bad fields: pairs of the field's name and what is wrong with it."""
    listed = _sentence(found[:_MOST_SHOWN])
    if len(found) > _MOST_SHOWN:
        listed = text("{left}; {right}", left=listed, right=text("{count} more", count=len(found) - _MOST_SHOWN))
    message = text("“{file}” has fields that cannot be: {fields}.", file=path.name, fields=listed)
    return InputError(message, _DAMAGED, file=str(path), field=found[0][0])


def _unreadable(path: Path, reason: Text) -> InputError:
    message = text("“{file}” cannot be read: {reason}", file=path.name, reason=reason)
    return InputError(message, _DAMAGED, file=str(path))


_DAMAGED = text("Restore the file from a copy. Nothing was changed.")


def _parse(data: bytes, largest: int) -> dict[str, Any]:
    if len(data) > largest:
        raise JsonError(text("it is larger than {limit} MB.", limit=largest // 1_000_000))
    document = parse(data)
    if not isinstance(document, dict):
        raise JsonError(text("it does not hold what it should."))
    _check_depth(document)
    return document


def _check_depth(document: Any) -> None:
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise JsonError(text("it is nested too deeply."))


def _sentence(found: list[tuple[str, Text]]) -> Text:
    items = [text("{field} {reason}", field=field, reason=reason) for field, reason in found]
    joined = items[0]
    for item in items[1:]:
        joined = text("{left}; {right}", left=joined, right=item)
    return joined


def _reason(item: dict[str, Any]) -> Text:
    if item["type"] == "missing":
        return text("is missing")
    if item["type"] == "extra_forbidden":
        return text("is unknown")
    if item["type"] == "value_error":
        reason = str(item["ctx"]["error"])
        return text(reason)
    return text("cannot be {value}", value=short(item["input"]))


def short(value: Any) -> str:
    """Write any value in at most 60 characters."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= 60 else written[:57] + "…"
