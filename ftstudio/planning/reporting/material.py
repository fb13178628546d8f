"""Everything a report tells of a run, gathered from the project folder without torch.

What is missing or damaged is left out of the report, never made up; only a run without a result has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ftstudio.core.advice import Advice
from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.messages import Measured
from ftstudio.core.presets import propose, resolve
from ftstudio.core.problems import Problem
from ftstudio.core.specs import TaskSpec
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.store import Dataset
from ftstudio.planning import facts
from ftstudio.planning.answers import Answers, read_answers
from ftstudio.project import seal
from ftstudio.project.decisions import read_decision
from ftstudio.project.journal import read_events
from ftstudio.project.runs import RunSummary, find_run
from ftstudio.project.store import Project
from ftstudio.project.strict_json import read_document

Value = TypeVar("Value")


@dataclass(frozen=True)
class Material:
    """What there is to tell. `split` is the one whose figures are shown (see `project.seal`), `looked` says how often
    test rows were looked at; `answers`, `dataset` and `decision` are None or plain where they cannot be read.
    """

    project: str
    task: TaskSpec
    run: RunSummary
    document: Mapping[str, Any]
    split: str
    looked: Text
    measured: Sequence[Measured]
    reasons: Mapping[str, Text]
    problems: Sequence[Problem]
    environment: Mapping[str, Any]
    decision: Decision
    dataset: Dataset | None = None
    answers: Answers | None = None

    @property
    def metrics(self) -> dict[str, float]:
        """The scores on the split that is shown."""
        found = (self.document.get("metrics") or {}).get(self.split) or {}
        return {key: float(value) for key, value in found.items() if isinstance(value, int | float)}

    @property
    def tables(self) -> Mapping[str, Any]:
        """Confusion matrix, scores by label and baseline on the split that is shown."""
        found = (self.document.get("tables") or {}).get(self.split)
        return found if isinstance(found, dict) else {}

    @property
    def labels(self) -> list[str]:
        """The labels, in the order of the tables."""
        return [str(label) for label in self.tables.get("labels") or self.document.get("labels") or []]

    @property
    def verdict(self) -> Advice | None:
        """What the doctor held of the run when it ended."""
        written = self.document.get("diagnosis")
        return Advice.model_validate(written["advice"]) if written else None


def gather(project: Project, wanted: str | None) -> Material:
    """Gather what there is to tell of a run (an id, `best`, or None for the latest); raises `InputError`."""
    run = find_run(project.layout, wanted)
    if run.request is None or run.report is None:
        raise InputError(
            text("The run “{run}” has no result to report on.", run=run.name),
            text("Resume it, or choose another run."),
            field="run",
        )
    task = run.request.spec
    dataset = _tried(lambda: Dataset.open(project.layout.data))
    splits = seal.visible_splits(project.layout, run)
    return Material(
        project=project.file.name,
        task=task,
        run=run,
        document=run.report.document,
        split=next(iter(splits), Split.VALIDATION.value),
        looked=seal.told(project.layout),
        measured=[event for event in read_events(run.layout.metrics) if isinstance(event, Measured)],
        reasons=_tried(lambda: _reasons(project, run, task)) or {},
        problems=_tried(lambda: run_checks(dataset, task)) or [] if dataset is not None else [],
        environment=_tried(lambda: read_document(run.layout.environment)) or {},
        decision=_tried(lambda: read_decision(run.layout)) or AS_TRAINED,
        dataset=dataset,
        answers=_tried(lambda: read_answers(run.layout, dataset)) if dataset is not None else None,
    )


def _reasons(project: Project, run: RunSummary, task: TaskSpec) -> Mapping[str, Text]:
    """Return why the preset chose its values, as it would say now."""
    if run.request is None:
        return {}
    recommended = propose(task.recommend, facts.gather(project), run.request.overrides)
    return resolve(recommended, run.request.overrides).reasons


def _tried(get: Callable[[], Value]) -> Value | None:
    try:
        return get()
    except (StudioError, KeyError, ValueError):
        return None
