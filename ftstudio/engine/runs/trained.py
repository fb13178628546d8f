"""The finished model of a run, with everything an export says about it. Read without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.settings import build
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.datasets.store import Dataset
from ftstudio.models import details, library
from ftstudio.models.model_config import read_config
from ftstudio.planning.facts import locate_model
from ftstudio.project import seal, weights
from ftstudio.project.decisions import Decision, read_decision
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.runs import RunSummary

if TYPE_CHECKING:
    from ftstudio.engine.task import Bundle, Task


@dataclass(frozen=True)
class TrainedModel:
    """A run's model folder and the story of its making.

    `answer` is what the model answers with, `source` tells who loads it (`huggingface`, `timm`, `torchvision`), `rows`
    how many rows each split has, `pairs` whether a row has two texts; `data` is the folder of the rows, `base_folder`
    that of the base model (None where it is not on this computer), `layout` that of the run, `decision` how it decides.
    `shown` are the splits whose figures may be told (the test rows are sealed until somebody opens them), and `looks`
    says how often those were looked at.
    `report` is the run's result document, `licence` that of the base model (empty where it is not known).
    """

    folder: Path
    source: str
    architecture: str
    parameters: int
    labels: tuple[str, ...]
    task: str
    answer: Answer
    run: str
    name: str
    base: str
    base_folder: Path | None
    licence: str
    settings: Mapping[str, Any]
    rows: Mapping[str, int]
    pairs: bool
    report: Mapping[str, Any]
    data: Path
    layout: RunLayout
    decision: Decision
    shown: tuple[str, ...]
    looks: Text

    @property
    def test_is_open(self) -> bool:
        """Whether the figures on the test rows may be told."""
        return Split.TEST.value in self.shown

    def load(self) -> tuple[Task, Bundle]:
        """Load the model, on the processor and ready to answer; takes seconds. Raises `InputError` if damaged."""
        from ftstudio.engine.answers.shaped import task_of
        from ftstudio.engine.inference.answering import check_numbers

        task = task_of(self.task, self.answer)
        settings = build(dict(self.settings)).model_copy(update={"augmentation": "none"})
        bundle = task.load(self.folder, list(self.labels), settings, trained=True)
        check_numbers(bundle.model, self.folder, self.name)
        bundle.model.eval()
        return task, bundle


def open_trained(project: ProjectLayout, run: RunSummary) -> TrainedModel:
    """Return the finished model of a run; raises `InputError` if it has none, or not the one that was written."""
    if run.request is None or not run.layout.model.is_dir():
        raise InputError(
            text("The run “{run}” left no model.", run=run.name),
            text("Choose a run that finished, or resume this one."),
            field="run",
        )
    weights.check(run.layout, run.name)
    record = library.read_model(run.layout.model)
    base_folder, licence = _base(run)
    rows, pairs = _rows(project)
    answer = run.request.spec.answer
    return TrainedModel(
        folder=run.layout.model,
        source=record.source,
        architecture=record.architecture,
        parameters=record.parameters,
        labels=() if answer.writes else details.stated_labels(read_config(run.layout.model)),
        task=run.request.task,
        answer=answer,
        run=run.id,
        name=run.name,
        base=run.request.model.name,
        base_folder=base_folder,
        licence=licence,
        settings=run.request.settings,
        rows=rows,
        pairs=pairs,
        report=run.report.document if run.report else {},
        data=project.data,
        layout=run.layout,
        decision=read_decision(run.layout),
        shown=tuple(seal.visible_splits(project, run)),
        looks=seal.told(project),
    )


def _base(run: RunSummary) -> tuple[Path | None, str]:
    try:
        record = locate_model(run.request.model if run.request else None)
    except StudioError:
        return None, ""
    return record.path, record.licence


def _rows(project: ProjectLayout) -> tuple[dict[str, int], bool]:
    try:
        dataset = Dataset.open(project.data)
        return dict(dataset.counts()), "text_pair" in dataset.roles
    except StudioError:
        return {}, False
