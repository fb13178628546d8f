"""The finished model of a run, with everything an export says about it. Read without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.models import details, library
from ftstudio.models.model_config import read_config
from ftstudio.project import modelbook
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import RunSummary
from ftstudio.project.schema import ModelReference


@dataclass(frozen=True)
class TrainedModel:
    """A run's model folder and the story of its making.

    `source` tells who loads it (`huggingface`, `timm`, `torchvision`), `rows` how many rows each split has;
    `report` is the run's result document, `licence` that of the base model (empty where it is not known).
    """

    folder: Path
    source: str
    architecture: str
    parameters: int
    labels: tuple[str, ...]
    task: str
    run: str
    name: str
    base: str
    licence: str
    settings: Mapping[str, Any]
    rows: Mapping[str, int]
    report: Mapping[str, Any]


def open_trained(project: ProjectLayout, run: RunSummary) -> TrainedModel:
    """Return the finished model of a run; raises `InputError` if it has none."""
    if run.request is None or not run.layout.model.is_dir():
        raise InputError(
            text("The run “{run}” left no model.", run=run.name),
            text("Choose a run that finished, or resume this one."),
            field="run",
        )
    record = library.read_model(run.layout.model)
    return TrainedModel(
        folder=run.layout.model,
        source=record.source,
        architecture=record.architecture,
        parameters=record.parameters,
        labels=details.stated_labels(read_config(run.layout.model)),
        task=run.request.task,
        run=run.id,
        name=run.name,
        base=run.request.model.name,
        licence=_licence(run.request.model),
        settings=run.request.settings,
        rows=_rows(project),
        report=run.report.document if run.report else {},
    )


def _licence(reference: ModelReference) -> str:
    try:
        if reference.source.startswith("starter:"):
            return library.resolve(reference.source).licence
        path = modelbook.locate(reference)
        return library.read_model(path).licence if path else ""
    except StudioError:
        return ""


def _rows(project: ProjectLayout) -> dict[str, int]:
    try:
        return dict(Dataset.open(project.data).counts())
    except StudioError:
        return {}
