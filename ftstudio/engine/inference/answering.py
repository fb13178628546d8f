"""A finished run's model, loaded for use: the same weights, labels and preparation as when it was scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from torch import nn

from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.errors import InputError
from ftstudio.core.manner import LIKELIEST, Manner
from ftstudio.core.samples import Prediction
from ftstudio.core.settings import build
from ftstudio.core.specs import ColumnRole, Modality
from ftstudio.core.text import text
from ftstudio.engine import device
from ftstudio.engine.answers.shaped import task_of
from ftstudio.engine.learning.evaluation import Tick, logits_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.task import Bundle, Task
from ftstudio.models.library import read_model
from ftstudio.project import weights
from ftstudio.project.decisions import read_decision
from ftstudio.project.runs import RunSummary


@dataclass(frozen=True)
class Trained:
    """A loaded model with its task, the hardware it answers on, how it decides, and how it writes."""

    run: str
    task: Task
    bundle: Bundle
    hardware: device.Hardware
    decision: Decision = AS_TRAINED
    manner: Manner = LIKELIEST

    def feed(self, table: pa.Table, folder: Path) -> ModelFeed:
        """Return rows (columns named by role, pictures relative to `folder`) as the model sees them."""
        return ModelFeed(self.task, self.bundle, self.task.encode(self.bundle, table, folder), self.bundle.settings)

    def predict(
        self, inputs: Sequence[str], tick: Tick = lambda done, total: None, pairs: Sequence[str] = ()
    ) -> list[Prediction]:
        """Answer texts, each with its second text if there are `pairs`, or pictures given by path."""
        if not inputs:
            return []
        values = [str(Path(one).absolute()) for one in inputs] if self.role is ColumnRole.IMAGE else list(inputs)
        columns = {self.role.value: values} | ({ColumnRole.TEXT_PAIR.value: list(pairs)} if pairs else {})
        return self.answer(
            pa.table({role: pa.array(cells, pa.string()) for role, cells in columns.items()}), inputs, tick
        )

    def answer(self, table: pa.Table, shown: Sequence[str], tick: Tick = lambda done, total: None) -> list[Prediction]:
        """Answer the rows of a table whose columns are named by role (pictures by absolute path).

        `shown` are the names that the answers carry, one a row.
        """
        if self.task.SPEC.answer.writes:
            writer: Any = self.task
            written = writer.write(self.bundle, table, self.manner, tick)
            return [
                Prediction(input=name, label=one, probabilities={}) for one, name in zip(written, shown, strict=True)
            ]
        logits = logits_of(self.feed(table, Path()), self.hardware, tick)
        asked = table[(self.role if self.role is ColumnRole.IMAGE else self.task.SPEC.answer.passage).value].to_pylist()
        answers = self.task.decode(logits, asked, self.bundle.labels, self.decision)
        return [answer.model_copy(update={"input": name}) for answer, name in zip(answers, shown, strict=True)]

    @property
    def role(self) -> ColumnRole:
        """The column that the model reads first."""
        return ColumnRole.IMAGE if self.task.SPEC.modality is Modality.IMAGE else ColumnRole.TEXT


def load(summary: RunSummary) -> Trained:
    """Load the model of a run; raises `InputError` when the run has none or it is damaged."""
    if summary.request is None or summary.report is None or not summary.layout.model.is_dir():
        raise InputError(
            text("The run “{run}” has no finished model.", run=summary.name),
            text("Resume the run, or choose another."),
            field="run",
        )
    labels, decision = labels_of(summary), read_decision(summary.layout)
    weights.check(summary.layout, summary.name)
    read_model(summary.layout.model)
    task = task_of(summary.request.task, summary.request.answer)
    settings = build(summary.request.settings).model_copy(update={"augmentation": "none"})
    hardware = device.choose(settings)
    bundle = task.load(summary.layout.model, labels, settings, trained=True)
    check_numbers(bundle.model, summary.layout.model, summary.name)
    bundle.model.to(hardware.device)
    return Trained(summary.id, task, bundle, hardware, decision)


def check_numbers(model: nn.Module, folder: Path, name: str) -> None:
    """Raise `InputError` if a weight is no number: such a model gives an answer to everything, and means none.

    Hashes do not tell that of runs from before they were taken. A tenth of a second for 100 million weights.
    """
    if not all(bool(torch.isfinite(one).all()) for one in model.parameters() if one.is_floating_point()):
        raise InputError(
            text("The model of the run “{run}” is damaged: some of its weights are not numbers.", run=name),
            text("Put it back from a copy of the project, choose another run, or train again."),
            file=str(folder),
            field="run",
        )


def labels_of(summary: RunSummary) -> list[str]:
    """Return the labels that a run's model gives; raises `InputError` when its result is damaged."""
    labels = summary.report.document.get("labels") if summary.report else None
    writes = summary.request is not None and summary.request.spec.answer.writes
    if isinstance(labels, list) and (labels or writes):
        return [str(label) for label in labels]
    raise InputError(
        text("The result of the run “{run}” is damaged: it names no labels.", run=summary.name),
        text("Choose another run, or train again."),
        file=str(summary.layout.report),
        field="labels",
    )
