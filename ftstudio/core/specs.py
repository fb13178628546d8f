"""Descriptions of what the program can do, readable without importing what does it.

A task, exporter, reader, job or verb is one file with a `SPEC` of one of these kinds on top. The window, the
wizard, the command line and the contract tests read only the `SPEC`; the code below it runs in the worker.
All titles and helps are English literals marked with `N_` and translated where they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from pydantic import BaseModel

from ftstudio.core.errors import InputError
from ftstudio.core.metrics import MetricSpec
from ftstudio.core.text import text

if TYPE_CHECKING:
    from ftstudio.core.presets import Facts, Recommendation


class ColumnRole(StrEnum):
    """What a column of the user's table means."""

    TEXT = "text"
    TEXT_PAIR = "text_pair"
    LABEL = "label"
    IMAGE = "image"
    GROUP = "group"
    SPLIT = "split"
    ID = "id"


class Modality(StrEnum):
    """What kind of thing a model reads."""

    TEXT = "text"
    IMAGE = "image"


class Answer(StrEnum):
    """What a model answers to one row, and with it what the row's label is: one label, any number of labels, a number,
    marked places of its text, the place in its second text where the answer to the first stands, boxes in its
    picture, or a text that it writes, which has no labels: one that goes on with what it reads, or one in its place,
    read and written apart (`REWRITE`).
    """

    LABEL = "label"
    LABELS = "labels"
    NUMBER = "number"
    SPANS = "spans"
    EXTRACT = "extract"
    BOXES = "boxes"
    TEXT = "text"
    REWRITE = "rewrite"

    @property
    def writes(self) -> bool:
        """Whether the answer is a text that the model writes."""
        return self in (Answer.TEXT, Answer.REWRITE)

    @property
    def has_named_labels(self) -> bool:
        """Whether there are labels, or kinds of places or things, that rows can be told apart and counted by."""
        return self in (Answer.LABEL, Answer.LABELS, Answer.SPANS, Answer.BOXES)

    @property
    def least_labels(self) -> int:
        """How many labels there must be for anything to be learned."""
        return 0 if self.writes else 2 if self is Answer.LABEL else 1

    @property
    def has_places(self) -> bool:
        """Whether a label is places in a text."""
        return self in (Answer.SPANS, Answer.EXTRACT)

    @property
    def has_kinds(self) -> bool:
        """Whether a cell of the label column holds any number of kinds: of places in a text, of boxes, or of labels."""
        return self.has_places or self in (Answer.LABELS, Answer.BOXES)

    @property
    def passage(self) -> ColumnRole:
        """The column whose letters an answer is made of."""
        return ColumnRole.TEXT_PAIR if self is Answer.EXTRACT else ColumnRole.TEXT


@dataclass(frozen=True)
class Shape:
    """Another kind of answer that a task gives where the rows have such labels: its metrics, and which of the task's
    recommended settings it changes. The rest of the task stays as it is (`engine.answers.shaped`).
    """

    answer: Answer
    title: str
    metrics: tuple[MetricSpec, ...]
    monitor: str
    adapt: Callable[[Recommendation], Recommendation]


@dataclass(frozen=True)
class TaskSpec:
    """One thing a model can be fine-tuned for.

    `required` and `optional` are the column roles it reads; `model_kinds` the kinds of model that fit
    (`models.records.ModelKind` values); `recommend(preset, facts)` gives settings with a reason each. What can be
    studied, looked at and exported follows from its `answer`, or from that of one of its `shapes`, where the labels of
    a project are of that kind. `headline` is the metric that a result is known by, where that is not the monitored one.
    """

    key: str
    title: str
    summary: str
    modality: Modality
    required: tuple[ColumnRole, ...]
    optional: tuple[ColumnRole, ...]
    model_kinds: frozenset[str]
    metrics: tuple[MetricSpec, ...]
    monitor: str
    sample_view: str
    recommend: Callable[[str, Facts], Recommendation]
    example: str = ""
    answer: Answer = Answer.LABEL
    headline: str = ""
    shapes: tuple[Shape, ...] = ()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The kinds of answer it can give, the usual one first."""
        return (self.answer, *(shape.answer for shape in self.shapes))

    def shaped(self, answer: Answer | None) -> TaskSpec:
        """Return it as it is where rows have labels of the kind `answer` (None: the usual one).

        Raises `InputError` for a kind that it does not know.
        """
        return self if answer is None or answer is self.answer else _shaped(self, answer)

    def metric(self, key: str) -> MetricSpec:
        """Return one of its metrics by key; raises KeyError for an unknown one."""
        for spec in self.metrics:
            if spec.key == key:
                return spec
        raise KeyError(key)


@cache
def _shaped(task: TaskSpec, answer: Answer) -> TaskSpec:
    """Return a task with another answer, the same one each time, so that it can be compared."""
    shape = next((one for one in task.shapes if one.answer is answer), None)
    if shape is None:
        raise InputError(
            text(
                "The task “{task}” cannot learn labels of the kind “{kind}”.", task=text(task.title), kind=answer.value
            ),
            text("Choose another task, or import the data again."),
            field="answer",
        )
    return replace(
        task,
        answer=shape.answer,
        metrics=shape.metrics,
        monitor=shape.monitor,
        recommend=lambda preset, facts: shape.adapt(task.recommend(preset, facts)),
        shapes=(),
    )


def nothing_missing() -> InputError | None:
    """Say that a format needs nothing of this computer but the packages it names."""
    return None


@dataclass(frozen=True)
class ExporterSpec:
    """One form in which a trained model can leave the program.

    `suits` holds the model sources (`huggingface`, `timm`, `torchvision`) it can be made from, `modalities` what those
    models read, `answers` what they answer, `methods` the tuning methods of the runs it is for (none named: all).
    `runs_with` names what the receiver needs, `needs` the packages that making it takes, and `missing()` says what
    else this computer lacks and how to get it.

    `prepares` tells that the export opens files and cuts texts itself as the program does. `lossy` ones may answer a
    little differently: of their answers at least the share `least_agreement` stays the same, and the metric gets worse
    by no more than `most_loss` (of writers: the loss, in nats a token). `without` names libraries that the receiver
    need not have: the proof takes them away. `order` sorts the formats as they are shown.
    """

    key: str
    title: str
    summary: str
    runs_with: str
    suits: frozenset[str]
    modalities: frozenset[Modality] = frozenset({Modality.TEXT, Modality.IMAGE})
    answers: frozenset[Answer] = frozenset({Answer.LABEL})
    methods: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    missing: Callable[[], InputError | None] = nothing_missing
    prepares: bool = False
    lossy: bool = False
    least_agreement: float = 0.95
    most_loss: float = 0.02
    without: tuple[str, ...] = ()
    order: int = 50


@dataclass(frozen=True)
class ReaderSpec:
    """One form in which labelled data can come: file endings (lower case, with dot), or a folder layout.

    `answers` are the kinds of label that it can hold; `examples` what it looks like with labels of a kind, where
    `example` is of another.
    """

    key: str
    title: str
    suffixes: tuple[str, ...]
    is_folder: bool = False
    modalities: frozenset[Modality] = frozenset({Modality.TEXT, Modality.IMAGE})
    answers: frozenset[Answer] = frozenset(Answer)
    example: str = ""
    examples: Mapping[Answer, str] = field(default_factory=dict)
    streams: bool = True

    def example_of(self, answer: Answer) -> str:
        """Return what it looks like with labels of a kind."""
        return self.examples.get(answer, self.example)


@dataclass(frozen=True)
class JobSpec:
    """One procedure a worker can run; `needs_torch` tells the supervisor how long a start takes."""

    key: str
    title: str
    needs_torch: bool = True


@dataclass(frozen=True)
class StudySpec(JobSpec):
    """A job that measures something about a project and gives advice, without being a training run.

    `question` is what it answers, as a user would ask; `summary` says in two sentences what it does and costs;
    `stage` is the stage of the window it belongs to; `options` is a pydantic model whose fields (made with
    `core.options.option`) become the form and the flags; `order` sorts the studies as they are advised.
    """

    question: str = ""
    summary: str = ""
    stage: str = "settings"
    options: type[BaseModel] | None = None
    order: int = 50
    modalities: frozenset[Modality] = frozenset({Modality.TEXT, Modality.IMAGE})
    answers: frozenset[Answer] = frozenset({Answer.LABEL})


@dataclass(frozen=True)
class VerbSpec:
    """One verb of the command line."""

    key: str
    summary: str
