"""Our program as a user has it: a project folder, an import, a preset, a run, through the same door as the window."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftstudio.core import catalog
from ftstudio.core.messages import Request
from ftstudio.core.specs import ColumnRole
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.options import Shares
from ftstudio.engine.run import execute
from ftstudio.models.library import resolve
from ftstudio.project import modelbook
from ftstudio.project.schema import DataReference, ModelReference, now
from ftstudio.project.store import create_project
from tests.support.real_data import Row


@dataclass
class Run:
    """What a run of ours reached: the `train` document and where its project lies."""

    document: dict[str, Any]
    project: Path

    @property
    def accuracy(self) -> float:
        """Share of right test rows."""
        return float(self.document["metrics"]["test"]["accuracy"])


def make_project(
    root: Path,
    task: str,
    model: str,
    train: Sequence[Row],
    test: Sequence[Row],
    *,
    validation: float | None = None,
) -> Path:
    """Make a project of rows (text or picture path, label) with their own test rows; return its folder.

    `validation` is the share of the training rows that is held back, None as the program chooses.
    """
    shutil.rmtree(root, ignore_errors=True)
    input_role = ColumnRole.TEXT if task.startswith("text") else ColumnRole.IMAGE
    sources = [_table(root.parent / f"{root.name}-{name}.csv", rows, input_role) for name, rows in
               (("train", train), ("test", test))]  # fmt: skip
    project = create_project(root, root.name, task)
    roles = {input_role: input_role.value, ColumnRole.LABEL: "label"}
    shares = Shares(validation=validation)
    plan = ImportPlan(sources=(sources[0],), test_sources=(sources[1],), roles=roles, shares=shares)
    import_data(project.layout.data, catalog.tasks().spec(task), plan, lambda _: None, lambda: False)
    record = resolve(model)
    reference = ModelReference(name=record.name, source=record.origin, fingerprint=record.fingerprint)
    if not model.startswith("starter:"):
        modelbook.remember(reference, record.path)
    data = DataReference(name="rows", fingerprint="", imported=now())
    project.save(project.file.model_copy(update={"model": reference, "data": data}))
    project.close()
    return root


def _table(path: Path, rows: Sequence[Row], role: ColumnRole) -> Path:
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {role.value: [one for one, _ in rows], "label": [label for _, label in rows]}
    arrow_csv.write_csv(pa.table(columns), path)
    return path


def train(project: Path, **settings: Any) -> Run:
    """Train with the Balanced preset and the given changes."""
    preset = settings.pop("preset", "balanced")
    options = {"settings": {"preset": preset, "values": settings}}
    document = execute(Request(job="train", project=project, options=options), lambda _: None)
    return Run(document, project)
