"""What was measured about a project outside its training runs: one folder a study, `studies/<time>-<key>/`.

A study remembers with which data, model and settings it was made, so that old advice is never taken for new.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from ftstudio.core.advice import Advice, Chart, Pairs, Table
from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.project import disk_errors, places, runs
from ftstudio.project.atomic import building_folder, write_json
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.schema import now

REPORT = "report.json"
MOST_KEPT = 20


class StudyReport(BaseModel):
    """The result of one study. `numbers` is what its verb prints beside the advice; fingerprints say what it is of.

    `files` are the SHA-256 of the study's own files by their names, so that a damaged one is never taken for whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: str
    id: str = ""
    made: str = ""
    seconds: float = 0.0
    data_fingerprint: str = ""
    model_fingerprint: str = ""
    options: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    advice: tuple[Advice, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    pairs: tuple[Pairs, ...] = ()
    numbers: dict[str, Any] = {}
    files: dict[str, str] = {}


@dataclass(frozen=True)
class StudySummary:
    """A study on disk and its report."""

    folder: Path
    report: StudyReport

    def is_whole(self, name: str) -> bool:
        """Whether a file of the study is as it was written; studies of older versions did not note what that was.

        Raises OSError when it cannot be read.
        """
        noted = self.report.files.get(name)
        return noted is None or noted == _sha256(self.folder / name)


def check_place(project: ProjectLayout) -> None:
    """Raise `InputError` if no study can be stored there: minutes of work must not end so. Leaves no trace."""
    places.check(project, project.studies)


def store(project: ProjectLayout, report: StudyReport, fill: Callable[[Path], None] = lambda folder: None) -> Path:
    """Write a study's folder, whole or not at all, and return it; `fill` adds files of the study's own.

    Only the latest `MOST_KEPT` of each kind stay. Raises `StudioError` when the disk is full.
    """
    made = report.made or now()
    name = f"{made[:19].replace(':', '').replace('-', '').replace('T', '-')}-{report.study}"
    target = _free(project.studies / name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with building_folder(target) as folder:
            fill(folder)
            files = {path.name: _sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}
            stored = report.model_copy(update={"id": target.name, "made": made, "files": files})
            write_json(folder / REPORT, stored.model_dump(mode="json"))
    except OSError as error:
        raise disk_errors.explain(error, target) from error
    for old in list_studies(project, report.study)[MOST_KEPT:]:
        if old.folder != target:  # where the clock was turned back, the newest does not look it
            shutil.rmtree(old.folder, ignore_errors=True)
    return target


def list_studies(project: ProjectLayout, study: str | None = None) -> list[StudySummary]:
    """Return the studies on disk (of one kind), newest first; folders that cannot be read are left out."""
    folders = [path for path in project.studies.glob("[!.]*") if path.is_dir()]
    folders.sort(key=lambda path: runs.age(path.name), reverse=True)
    found = [summary for folder in folders if (summary := _read(folder)) is not None]
    return [one for one in found if study is None or one.report.study == study]


def latest(project: ProjectLayout, study: str) -> StudySummary:
    """Return the newest study of a kind; raises `InputError` when there is none."""
    found = list_studies(project, study)
    if not found:
        raise InputError(
            text("The study “{study}” has not been made in this project yet.", study=study),
            text("Make it on the Advice page, or with `ftstudio {verb}`.", verb=study.replace("_", "-")),
        )
    return found[0]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _free(target: Path) -> Path:
    number, free = 2, target
    while free.exists():
        free, number = target.with_name(f"{target.name}-{number}"), number + 1
    return free


def _read(folder: Path) -> StudySummary | None:
    try:
        return StudySummary(folder, StudyReport.model_validate_json((folder / REPORT).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
