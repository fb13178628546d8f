"""One file per thing that can be wrong with data; `run_checks` asks those that know the kind of label (`ANSWERS`)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer, Modality, TaskSpec
from ftstudio.datasets.store import Dataset
from ftstudio.datasets.view import View

MOST_ROWS = 200
MOST_EXAMPLES = 5
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


class Located(Protocol):
    """Something that lies in a folder or file, such as a model's record."""

    @property
    def path(self) -> Path:
        """Where it lies."""


@dataclass(frozen=True)
class Case:
    """What a check may look at. `model` is the model's folder; `max_length` what it reads, `target_length` what it
    writes in place of it, in tokens; `picture_size` the side in pixels that it reads pictures at, None for its own.
    """

    dataset: Dataset
    task: TaskSpec
    model: Path | None = None
    max_length: int | None = None
    target_length: int | None = None
    picture_size: int | None = None

    @property
    def view(self) -> View:
        """The rows, edits applied."""
        return self.dataset.view

    @property
    def is_text(self) -> bool:
        """Whether the input is text rather than a picture."""
        return self.task.modality is Modality.TEXT


def run_checks(
    dataset: Dataset,
    task: TaskSpec,
    model: Located | None = None,
    max_length: int | None = None,
    target_length: int | None = None,
    picture_size: int | None = None,
) -> list[Problem]:
    """Return everything found, errors first, then warnings, then notes; reading problems of the import included.

    `model` is the record of the model that will read the texts, `max_length` how many tokens of each it will read, and
    `target_length` how many it will write in place of them, where it does; `picture_size` is the side in pixels that it
    reads pictures at, where that is not its own.
    """
    case = Case(dataset, task, model.path if model else None, max_length, target_length, picture_size)
    found = [*dataset.manifest.problems]
    for check in _checks(task.answer):
        found += check(case)
    return sorted(found, key=lambda problem: _ORDER[problem.severity])


@cache
def _checks(answer: Answer) -> tuple[Callable[[Case], Iterator[Problem]], ...]:
    names = sorted(info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_"))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(one.find for one in modules if answer in getattr(one, "ANSWERS", Answer))
