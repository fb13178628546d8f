"""The small JSON files of a model folder: the ones that must be right, and the ones that only add detail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftstudio.core.errors import InputError
from ftstudio.core.strict_json import JsonError, parse
from ftstudio.core.text import text

_LARGEST = 20_000_000


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON file that must hold an object; raises `InputError` naming the file and the reason."""
    try:
        if path.stat().st_size > _LARGEST:
            raise JsonError(text("it is larger than {limit} MB.", limit=_LARGEST // 1_000_000))
        document = parse(path.read_bytes())
        if not isinstance(document, dict):
            raise JsonError(text("it does not hold what it should."))
    except (OSError, JsonError) as error:
        known = error.reason if isinstance(error, JsonError) else text("the system does not permit it.")
        raise InputError(
            text("The file {name} cannot be read: {reason}", name=path.name, reason=known),
            text("Copy or download the model again."),
            file=str(path),
        ) from error
    return document


def read_optional(path: Path) -> dict[str, Any]:
    """Read a JSON object that only adds detail: an absent or broken file reads as empty."""
    try:
        return read_object(path) if path.is_file() else {}
    except (InputError, OSError):
        return {}
