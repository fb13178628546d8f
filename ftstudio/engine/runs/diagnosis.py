"""Lets the doctor listen to a run: measurements pass through here, and what it says follows them into the record."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Diagnosed, Event, Log, Measured
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.doctor.case import Case
from ftstudio.doctor.consultation import Consultation
from ftstudio.engine.control import Control
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.runs.preparation import Prepared


class Diagnosis:
    """Hears the events of a run in the place of `emit`, passes them on, and adds what the doctor says to them.

    Before `begin`, and in a run without validation rows, it only passes on. What the user did about a verdict
    (`messages.Took`) is noted in the record as soon as the run hears of it.
    """

    def __init__(self, emit: Callable[[Event], None], control: Control) -> None:
        self._emit, self._control = emit, control
        self._consultation: Consultation | None = None
        self._said: list[Diagnosed] = []

    def begin(self, case: Case, recorded: Iterable[Event] = ()) -> None:
        """Start listening; `recorded` is what a resumed run had measured before."""
        events = list(recorded)
        self._consultation = Consultation(case, events) if case.validation_rows else None
        self._said = [event for event in events if isinstance(event, Diagnosed)]

    def hear(self, event: Event) -> None:
        """Pass an event on, and tell what follows from it. A fault of the doctor's own never ends a training."""
        self._emit(event)
        if self._consultation is None:
            return
        try:
            self._tell(self._consultation.hear(event))
            self._note_taken(self._consultation)
        except ArithmeticError:
            self._consultation = None
            self._emit(Log(line_text=f"The doctor gave up.\n{traceback.format_exc()}"))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note, when the training breaks off because the loss is no longer a number, what that means."""
        try:
            yield
        except StudioError as error:
            if error.where.field == "learning_rate" and self._consultation is not None:
                step = self._consultation.signs.step + 1
                broken = Measured(split="train", step=step, epoch=0.0, seconds=0.0, values={"loss": math.nan})
                self._tell(self._consultation.hear(broken))
            raise

    def conclude(self) -> dict[str, Any] | None:
        """Judge the run as it ended and return what its report says about it; None if there is nothing to say."""
        if self._consultation is None:
            return None
        self._tell(self._consultation.conclude())
        self._note_taken(self._consultation)
        advice = self._consultation.advice()
        if advice is None:
            return None
        return {
            "step": self._consultation.signs.step,
            "advice": advice.model_dump(mode="json"),
            "said": [_line(one) for one in self._said],
            "case": self._consultation.case.model_dump(mode="json"),
        }

    def _tell(self, told: Diagnosed | None) -> None:
        if told is not None:
            self._said.append(told)
            self._emit(told)

    def _note_taken(self, consultation: Consultation) -> None:
        advice = consultation.advice() if self._control.taken else None
        while self._control.taken:
            done = self._control.taken.popleft().done
            self._tell(Diagnosed(step=consultation.signs.step, advice=(advice,) if advice else (), done=done))


def _line(told: Diagnosed) -> dict[str, Any]:
    return {"step": told.step, "code": told.advice[0].code if told.advice else "", "done": told.done}


def case_of(prepared: Prepared, dataset: Dataset | object, settings: TrainingSettings, state: TrainingState) -> Case:
    """Return what the doctor must know about a run before it begins."""
    task = prepared.task.SPEC
    metric = task.metric(settings.monitor)
    train, checked = (prepared.feeds[split].labels for split in (Split.TRAIN, Split.VALIDATION))
    names = prepared.bundle.labels if task.answer is Answer.LABEL else []
    return Case(
        modality=task.modality.value,
        rows=len(train),
        validation_rows=len(checked),
        rows_per_class=dict(zip(names, _counts(train, len(names)), strict=True)),
        validation_per_class=tuple(_counts(checked, len(names))),
        repeated_rows=_repeated(dataset) if isinstance(dataset, Dataset) else 0,
        parameters=sum(one.numel() for one in prepared.bundle.model.parameters() if one.requires_grad),
        learns_below_head=any(part.kind != "head" for part in prepared.plan.learning),
        total_steps=state.total_steps,
        steps_per_epoch=state.steps_per_epoch,
        metric=metric.key,
        metric_title=metric.title,
        higher_is_better=metric.higher_is_better,
        settings=settings,
    )


def _counts(labels: NDArray[np.int64], classes: int) -> list[int]:
    if not classes:
        return []
    return [int(count) for count in np.bincount(labels[labels >= 0], minlength=classes)]


def _repeated(dataset: Dataset) -> int:
    """Count the training rows that are copies of another training row."""
    same = dataset.view.same[dataset.view.in_split(Split.TRAIN)]
    same = same[same >= 0]
    return len(same) - len(np.unique(same))
