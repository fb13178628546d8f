"""Converts what is no folder of a whole model, once, into one that models can be loaded from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ftstudio.core.errors import InputError
from ftstudio.core.messages import Request
from ftstudio.core.specs import JobSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.engine.context import JobContext
from ftstudio.engine.runs import write_errors
from ftstudio.models import library, starters
from ftstudio.models.adapters import ADAPTER_WEIGHTS
from ftstudio.models.model_config import CONFIG
from ftstudio.project.atomic import building_folder, room_for

SPEC = JobSpec(key="prepare_model", title=N_("Prepare a model for use"))


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Prepare what the options name, `starter` or `path`, and return `{"path": folder}`.

    A model that needs no preparing is answered with its own folder; one prepared earlier is used again.
    """
    starter, path = request.options.get("starter"), request.options.get("path")
    if bool(starter) == bool(path):
        raise InputError(text("Name one model to prepare: a starter or a path."), field="model")
    record = library.starter(str(starter)) if starter else library.read_model(Path(str(path)))
    if not record.needs_preparing:
        return {"path": str(record.path)}
    context.progress(text("Preparing the model {name}", name=record.name))
    if starter:
        return {"path": str(_prepare(record.path, starters.find(str(starter)).prepared(), _convert_starter))}
    return {"path": str(_prepare(record.path, _place_for(record.path), _CONVERTERS[record.source]))}


def _prepare(source: Path, folder: Path, convert: Callable[[Path, Path], object]) -> Path:
    """Convert into a temporary folder that gets its name when it is complete, so that half of a model is never met."""
    if (folder / CONFIG).is_file():
        return folder
    with write_errors.told(folder), room_for(folder), building_folder(folder, replace=True) as building:
        convert(source, building)
    return folder


def _place_for(checkpoint: Path) -> Path:
    """Return a folder named after the file (or an adapter's folder) and its content, so that each is converted once."""
    content = checkpoint if checkpoint.is_file() else checkpoint / ADAPTER_WEIGHTS
    with content.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:8]
    name = re.sub(r"[^\w.-]+", "_", checkpoint.stem).strip("._")[:80] or "model"
    return starters.prepared_folder() / (name if name.endswith(digest) else f"{name}-{digest}")


def _convert_starter(source: Path, folder: Path) -> None:
    from ftstudio.engine.conversion import timm_lite

    timm_lite.convert(source, folder)


def _convert_checkpoint(source: Path, folder: Path) -> None:
    from ftstudio.engine.conversion import torchvision

    torchvision.convert(source, folder)


def _convert_gguf(source: Path, folder: Path) -> None:
    from ftstudio.engine.conversion import gguf

    gguf.convert(source, folder)


def _join_adapter(source: Path, folder: Path) -> None:
    from ftstudio.engine.conversion import adapter

    adapter.join(source, folder)


_CONVERTERS: dict[str, Callable[[Path, Path], object]] = {
    "checkpoint": _convert_checkpoint,
    "gguf": _convert_gguf,
    "adapter": _join_adapter,
}
