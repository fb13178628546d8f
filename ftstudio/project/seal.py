"""The seal of the test rows: every look at a run's test result is written down, once, and never taken back.

A score on test rows means something only while nobody chooses by it, so results are shown on validation rows until
somebody opens the test result of a run. `test_looks.jsonl` has one line a look. It is only ever appended to, by
windows and verbs alike and without the project's lock; a line torn by a kill is ended and left out.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ftstudio.core.states import Split
from ftstudio.core.text import Text, text, text_plural
from ftstudio.project import disk_errors
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import RunSummary
from ftstudio.project.schema import now

MOST_BYTES = 50_000_000

Kind = Literal["window", "verb"]


class Look(BaseModel):
    """One look: at the test result of which run, when (ISO, UTC), in the window or by a verb, and by which of them.

    `ended` is when that result came about: a run that went on afterwards has another, which nobody has seen.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    run: str
    ended: str
    when: str
    kind: Kind
    which: str


def looks(project: ProjectLayout) -> tuple[Look, ...]:
    """Return all looks, oldest first; lines that cannot be read are left out. A file not changed is not read again."""
    version = _version(project.looks)
    return _read(*version) if version is not None else ()


def record(project: ProjectLayout, runs: Iterable[RunSummary], kind: Kind, which: str) -> None:
    """Write down that the test results of `runs` are being shown, one look each.

    Raises `StudioError` when that cannot be written: then nothing must be shown.
    """
    found = [Look(run=run.id, ended=run.status.ended or "", when=now(), kind=kind, which=which) for run in runs]
    lines = [look.model_dump_json() + "\n" for look in found]
    if not lines:
        return
    try:
        _append(project.looks, "".join(lines).encode("utf-8"))
    except OSError as error:
        raise disk_errors.explain(error, project.looks) from error


def is_open(project: ProjectLayout, run: RunSummary) -> bool:
    """Whether the test result that a run has now was looked at; a run that went on is sealed anew."""
    version = _version(project.looks)
    return version is not None and (run.id, run.status.ended or "") in _opened(*version)


def has_test(run: RunSummary) -> bool:
    """Whether a run was scored on test rows at all."""
    return run.head is not None and bool(run.head.metrics.get(Split.TEST.value))


def visible_splits(project: ProjectLayout, run: RunSummary) -> list[str]:
    """Return the splits whose figures may be shown, of those that were scored: the test rows first, if opened."""
    metrics = run.head.metrics if run.head is not None else {}
    shown = [Split.TEST, Split.VALIDATION] if is_open(project, run) else [Split.VALIDATION]
    return [split.value for split in shown if metrics.get(split.value)]


def without_test(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's result document without its test figures."""
    parts = {key: dict(document.get(key) or {}) for key in ("metrics", "tables")}
    for part in parts.values():
        part.pop(Split.TEST.value, None)
    return {**document, **parts}


def told(project: ProjectLayout) -> Text:
    """Return the sentence that reports end with: how often the test rows were looked at, of any run, and when last."""
    found = looks(project)
    if not found:
        return text("The test rows have not been looked at yet.")
    return text_plural(
        "The test rows were looked at once, on {last}.",
        "The test rows were looked at {count} times, last on {last}.",
        len(found),
        last=found[-1].when[:10],
    )


def _append(path: Path, lines: bytes) -> None:
    """Append in one write, which no other process can come into the middle of."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
    try:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size:
            os.lseek(descriptor, -1, os.SEEK_END)
            lines = lines if os.read(descriptor, 1) == b"\n" else b"\n" + lines
        written = os.write(descriptor, lines)
        if written < len(lines):
            os.ftruncate(descriptor, size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _version(path: Path) -> tuple[Path, int, int] | None:
    """Return what tells one state of the file from another, None where there is no file."""
    try:
        known = path.stat()
    except OSError:
        return None
    return path, known.st_mtime_ns, min(known.st_size, MOST_BYTES)


@lru_cache(maxsize=8)
def _opened(path: Path, changed: int, size: int) -> frozenset[tuple[str, str]]:
    """Return which results were looked at, so that a thousand runs are asked at once."""
    return frozenset((look.run, look.ended) for look in _read(path, changed, size))


@lru_cache(maxsize=8)
def _read(path: Path, changed: int, size: int) -> tuple[Look, ...]:
    try:
        with path.open("rb") as file:
            lines = file.read(size).splitlines()
    except OSError:
        return ()
    found = []
    for line in lines:
        try:
            found.append(Look.model_validate_json(line))
        except ValidationError:
            continue
    return tuple(found)
