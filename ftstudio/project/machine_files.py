"""Small JSON lists this computer keeps outside projects. A damaged one becomes empty and is kept aside, never fatal."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from ftstudio.core import paths
from ftstudio.core.errors import InputError
from ftstudio.project import atomic, strict_json

Model = TypeVar("Model", bound=BaseModel)


def read(name: str, model: type[Model]) -> Model:
    """Return the content of a settings file; a missing or damaged one reads as the model's defaults."""
    path = paths.settings_folder() / name
    if not path.exists():
        return model()
    try:
        return strict_json.read_model(path, model)
    except InputError:
        with suppress(OSError):
            path.replace(path.with_name(path.name + ".damaged"))
        return model()


def write(name: str, content: BaseModel) -> bool:
    """Store `content`; False if that was not possible (it is only a convenience)."""
    path: Path = paths.settings_folder() / name
    try:
        atomic.write_text(path, content.model_dump_json(indent=2) + "\n")
    except OSError:
        return False
    return True
