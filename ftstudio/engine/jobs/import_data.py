"""Brings the user's data into a project: read, divided, stored and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Request
from ftstudio.core.specs import Answer, ColumnRole, JobSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, ReadOptions, Shares
from ftstudio.datasets.recordings import Way
from ftstudio.datasets.store import Dataset
from ftstudio.engine.context import JobContext

SPEC = JobSpec(key="import_data", title=N_("Import data"), needs_torch=False)


class Options(BaseModel):
    """What the request may say; `validation` and `test` are shares of the rows (None: let the size decide).

    `answer` is the kind of label, where the task can learn several (None: proposed by how they are written);
    `recordings` how pictures that belong together are told by their names (None: proposed).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[Path, ...]
    test_sources: tuple[Path, ...] = ()
    roles: dict[ColumnRole, str] = {}
    options: ReadOptions = ReadOptions()
    validation: float | None = None
    test: float | None = None
    seed: int = 0
    answer: Answer | None = None
    recordings: Way | None = None

    def plan(self) -> ImportPlan:
        """Return what the importer is asked to do."""
        shares = Shares(self.validation, self.test)
        return ImportPlan(
            self.sources,
            self.test_sources,
            self.roles,
            self.options,
            shares,
            self.seed,
            answer=self.answer,
            recordings=self.recordings,
        )


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Import into the project's data folder and return the `new` document, with `name` and `fingerprint` beside.

    The project file is the caller's to write. A stop leaves the data that was there before.
    """
    project = context.project()
    options = _read(request.options)
    task = catalog.tasks().spec(project.file.task)
    import_data(project.layout.data, task, options.plan(), context.emit, lambda: context.control.stop_requested)
    context.progress(text("Checking the data"))
    dataset = Dataset.open(project.layout.data)
    return {
        "project": str(project.layout.root),
        "task": task.key,
        "rows": dataset.counts(),
        "label_kind": dataset.answer.value,
        "problems": [problem.as_json() for problem in run_checks(dataset, task.shaped(dataset.answer))],
        "name": dataset.manifest.name,
        "fingerprint": dataset.manifest.fingerprint,
    }


def _read(options: dict[str, Any]) -> Options:
    try:
        return Options.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            text("The import was asked for wrongly: {reason}.", reason=first["msg"]),
            field=".".join(str(part) for part in first["loc"]),
        ) from None
