"""Documents that others may have touched, held against a model: all bad fields are named at once, with their file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text

RESTORE = text("Restore the file from a copy. Nothing was changed.")
_MOST_SHOWN = 12

Model = TypeVar("Model", bound=BaseModel)


def check(document: dict[str, Any], model: type[Model], path: Path, hint: Text = RESTORE) -> Model:
    """Return `document`, which was read from `path`, as a `model`; raises `InputError` listing every bad field."""
    try:
        return model.model_validate_json(json.dumps(document, ensure_ascii=False).encode())
    except UnicodeEncodeError as error:
        raise unreadable(path, text("it has half of a letter (a lone surrogate)."), hint) from error
    except ValidationError as error:
        found = [(".".join(str(part) for part in item["loc"]), _reason(dict(item))) for item in error.errors()]
        raise fields_error(path, found, hint) from error


def fields_error(path: Path, found: list[tuple[str, Text]], hint: Text = RESTORE) -> InputError:
    """Return the error that lists bad fields: pairs of the field's name and what is wrong with it."""
    listed = _sentence(found[:_MOST_SHOWN])
    if len(found) > _MOST_SHOWN:
        listed = text("{left}; {right}", left=listed, right=text("{count} more", count=len(found) - _MOST_SHOWN))
    message = text("“{file}” has fields that cannot be: {fields}.", file=path.name, fields=listed)
    return InputError(message, hint, file=str(path), field=found[0][0])


def unreadable(path: Path, reason: Text, hint: Text = RESTORE) -> InputError:
    """Return the error for a file that holds no document at all; `reason` is a sentence."""
    return InputError(text("“{file}” cannot be read: {reason}", file=path.name, reason=reason), hint, file=str(path))


def newer(path: Path, version: int) -> InputError:
    """Return the error for a file whose format `version` is one that this program does not know yet."""
    message = text(
        "“{file}” was made by a newer version of the program (format {version}).", file=path.name, version=version
    )
    hint = text("Update Fine-Tuning Studio to open it. Nothing was changed.")
    return InputError(message, hint, file=str(path), field="format_version")


def short(value: Any) -> str:
    """Write any value in at most 60 characters."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= 60 else written[:57] + "…"


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
