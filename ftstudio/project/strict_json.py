"""Reads JSON that others may have touched: capped in size and depth, no NaN, no repeated keys, all mistakes at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ftstudio.core.documents import Model, check, unreadable
from ftstudio.core.strict_json import JsonError, parse
from ftstudio.core.text import text
from ftstudio.project import disk_errors

LARGEST = 5_000_000
DEEPEST = 30


def read_document(path: Path, largest: int = LARGEST) -> dict[str, Any]:
    """Return the JSON object in `path`; raises `InputError` naming the file and the cause. `largest` is in bytes."""
    try:
        data = read_start(path, largest + 1)
    except OSError as error:
        raise disk_errors.refuse(error, path) from error
    try:
        return _parse(data, largest)
    except JsonError as error:
        raise unreadable(path, error.reason) from error


def read_model(path: Path, model: type[Model], largest: int = LARGEST) -> Model:
    """Return the content of `path` as a `model`; raises `InputError` listing every bad field."""
    return check(read_document(path, largest), model, path)


def read_quickly(path: Path, model: type[Model]) -> Model:
    """Return what `read_model` does, four times as fast where the file is as this program wrote it."""
    try:
        return model.model_validate_json(read_start(path, LARGEST))
    except (OSError, ValidationError):
        return read_model(path, model)


def read_start(path: Path, most: int) -> bytes:
    """Return the first `most` bytes of a file; raises `OSError`.

    Asking a file of a kilobyte for megabytes would make room for megabytes, a thousand times for a thousand runs.
    """
    with path.open("rb") as file:
        return file.read(min(os.fstat(file.fileno()).st_size, most))


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
