"""What a project file may say. Strict: unknown fields, wrong types and paths that leave the folder are refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ftstudio.core import catalog
from ftstudio.core.documents import check, fields_error, newer, short
from ftstudio.core.errors import InputError
from ftstudio.core.problems import Problem
from ftstudio.core.settings import Overrides, settings_problems
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.project import migrations, strict_json

FORMAT_VERSION = migrations.CURRENT

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SOURCE = re.compile(r"[a-z]+(:[\w.\-]+)?")


def _no_path(name: str) -> str:
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\", "~")) or ".." in parts or re.match(r"[A-Za-z]:", name):
        raise ValueError(N_("must be a name, not a path"))
    if any(ord(character) < 32 for character in name):
        raise ValueError(N_("holds control characters"))
    return name


def _a_key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(N_("is not a key"))
    return key


def _a_source(source: str) -> str:
    if not _SOURCE.fullmatch(source) or ".." in source:
        raise ValueError(N_("must be “starter:NAME” or “folder”"))
    return source


Name = Annotated[str, Field(max_length=300), AfterValidator(_no_path)]
Key = Annotated[str, Field(max_length=100), AfterValidator(_a_key)]
Source = Annotated[str, Field(max_length=200), AfterValidator(_a_source)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ModelReference(_Part):
    """Which pretrained model is meant, without saying where it lies: `modelbook` knows that for this computer.

    `source` is `starter:NAME` or `folder`; `fingerprint` tells whether a folder found is the one meant.
    """

    name: Name
    source: Source
    fingerprint: str = Field(default="", max_length=200)


class DataReference(_Part):
    """Which data lies in `data/`: its name, its fingerprint and when it was imported (ISO, UTC)."""

    name: Name
    fingerprint: str = Field(max_length=200)
    imported: str = Field(max_length=40)


class ProjectFile(_Part):
    """The content of `project.ftstudio`."""

    format_version: int = FORMAT_VERSION
    name: Annotated[str, Field(max_length=300)]
    task: Key
    model: ModelReference | None = None
    data: DataReference | None = None
    settings: Overrides = Overrides()
    created: str = Field(default="", max_length=40)
    notes: str = Field(default="", max_length=1_000_000)


def now() -> str:
    """Return the present moment as project files write it (ISO, UTC, seconds)."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_project_file(path: Path) -> tuple[ProjectFile, int]:
    """Return a project file's content and the format it was written in.

    Raises `InputError` for a file that is damaged, from a newer program, or has any field that cannot be; all bad
    fields are listed.
    """
    document = strict_json.read_document(path)
    version = document.get("format_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise fields_error(path, [("format_version", text("is missing or not a format number"))])
    if version > FORMAT_VERSION:
        raise newer(path, version)
    file = check(migrations.migrate(document), ProjectFile, path)
    check_task(file.task, path)
    _check_settings(file.settings.values, path)
    return file, version


def check_task(key: str, path: Path) -> None:
    """Raise `InputError` where no task has this key; `path` is the project file that names it, or is about to."""
    if key not in catalog.tasks():
        raise InputError(
            text("“{file}” names the task “{key}”, which this program does not know.", file=path.name, key=key),
            text(
                "Correct the field “task” to one of: {choices}; or update Fine-Tuning Studio. Nothing was changed.",
                choices=", ".join(catalog.tasks().keys()),
            ),
            file=str(path),
            field="task",
        )


def _check_settings(values: dict[str, Any], path: Path) -> None:
    problems: list[Problem] = settings_problems(values)
    if problems:
        raise fields_error(path, [_named(problem, values) for problem in problems])


def _named(problem: Problem, values: dict[str, Any]) -> tuple[str, Text]:
    field = problem.where.field or ""
    if problem.code == "unknown_setting":
        return f"settings.values.{field}", text("is unknown")
    return f"settings.values.{field}", text("cannot be {value}", value=short(values.get(field)))
