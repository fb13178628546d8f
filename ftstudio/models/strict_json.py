"""JSON as it must be for files that come from anywhere: no duplicate keys, no NaN, no bottomless nesting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from ftstudio.core.errors import InputError
from ftstudio.core.text import text

_LARGEST = 20_000_000


class JsonError(ValueError):
    """The bytes are not JSON as the standard knows it; the message says why in a few words."""


def loads(raw: bytes) -> Any:
    """Parse UTF-8 JSON; raises `JsonError`."""
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except JsonError:
        raise
    except RecursionError:
        raise JsonError("nested too deeply") from None
    except UnicodeDecodeError:
        raise JsonError("not UTF-8 text") from None
    except ValueError as error:
        raise JsonError(str(error)) from None


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON file that must hold an object; raises `InputError` naming the file and the reason."""
    try:
        if path.stat().st_size > _LARGEST:
            raise JsonError("larger than 20 MB")
        document = loads(path.read_bytes())
        if not isinstance(document, dict):
            raise JsonError("not a JSON object")
    except OSError as error:
        _refuse(path, error.strerror or str(error))
    except JsonError as error:
        _refuse(path, str(error))
    return document


def read_optional(path: Path) -> dict[str, Any]:
    """Read a JSON object that only adds detail: an absent or broken file reads as empty."""
    try:
        return read_object(path) if path.is_file() else {}
    except InputError:
        return {}


def _refuse(path: Path, reason: str) -> NoReturn:
    raise InputError(
        text("The file {name} cannot be read: {reason}.", name=path.name, reason=reason),
        text("Copy or download the model again."),
        file=str(path),
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise JsonError("the same key twice")
    return document


def _no_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is not a JSON number")
