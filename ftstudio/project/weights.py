"""Hashes of the weights of a run, taken when they are written: who uses them later knows that they are the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text
from ftstudio.project import atomic, disk_errors, strict_json
from ftstudio.project.layout import RunLayout


class Written(BaseModel):
    """One file as it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    bytes: int


class WrittenFiles(BaseModel):
    """The files of a run's model and adapter, by their path inside the run's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: dict[str, Written]


def seal(run: RunLayout) -> None:
    """Take note of the files of the model (and adapter) of a run; raises `StudioError` if that cannot be stored."""
    try:
        paths = [path for folder in (run.model, run.adapter) for path in sorted(folder.rglob("*")) if path.is_file()]
        files = {path.relative_to(run.root).as_posix(): describe(path) for path in paths}
        atomic.write_text(run.weights, WrittenFiles(files=files).model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise disk_errors.explain(error, run.weights) from error


def check(run: RunLayout, name: str) -> None:
    """Raise `InputError` if a file of the run's model is gone or another than was written; `name` is the run's.

    Runs from before hashes were taken have none, and pass.
    """
    if not run.weights.exists():
        return
    for relative, written in strict_json.read_model(run.weights, WrittenFiles).files.items():
        path = run.root / relative
        if not path.is_file():
            raise _unlike(text("The model of the run “{run}” lacks the file “{file}”.", run=name, file=relative), path)
        if _differs(path, written):
            told = text(
                "The file “{file}” of the run “{run}” is not the one that training wrote.", run=name, file=relative
            )
            raise _unlike(told, path)


def describe(path: Path) -> Written:
    """Return the hash and the size of a file."""
    with path.open("rb") as file:
        return Written(sha256=hashlib.file_digest(file, "sha256").hexdigest(), bytes=path.stat().st_size)


def _differs(path: Path, written: Written) -> bool:
    try:
        return path.stat().st_size != written.bytes or describe(path) != written
    except OSError as error:
        raise disk_errors.refuse(error, path) from error


def _unlike(message: Text, path: Path) -> InputError:
    hint = text("Put it back from a copy of the project, choose another run, or train again.")
    return InputError(message, hint, file=str(path), field="run")
