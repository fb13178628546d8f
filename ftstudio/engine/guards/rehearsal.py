"""A training run in miniature: three real steps on the largest batch, a check, a checkpoint written and read again.

It goes through the same preparation, loop and hooks as a run, only on few rows; what a run will need is measured on
them and, for time, extended to all rows by their lengths.
"""

from __future__ import annotations

import statistics
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.messages import Event, Kept, Measured, Remark, Stop
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.engine.control import Control
from ftstudio.engine.guards import trials
from ftstudio.engine.guards.largest_rows import LargestRows, TypicalRows, typical_rows
from ftstudio.engine.guards.studies import Study
from ftstudio.engine.layers import four_bits
from ftstudio.engine.learning import memory
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import Feed, Subset
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.peak_memory import Peak
from ftstudio.engine.runs import preparation, training
from ftstudio.engine.runs.preparation import Prepared

STEPS = 3
DATA_SHARE = 0.25  # of the free memory; beyond it, what is kept for all rows goes to the disk (`engine.layers.store`)


@dataclass(frozen=True)
class Rehearsed:
    """What one way to train was measured to need. Bytes and seconds; `rows_at_once` after any halving.

    `problem` says why it could not even be measured.
    """

    settings: TrainingSettings
    peak_bytes: int = 0
    step_seconds: float = 0.0
    total_seconds: float = 0.0
    steps: int = 0
    checkpoint_seconds: float = 0.0
    disk_bytes: int = 0
    rows_at_once: int = 0
    longest: int = 0
    halvings: int = 0
    problem: Text | None = None

    def fits(self, limit: int, disk: int) -> bool:
        """Whether it can be done as asked, with `limit` bytes of memory and `disk` bytes of disk."""
        return self.problem is None and not self.halvings and self.peak_bytes <= limit and self.disk_bytes <= disk


def rehearse(study: Study[Any], settings: TrainingSettings, limit: int, extra: int = 0) -> Rehearsed:
    """Measure a run of the study's project with `settings`; nothing of it stays, in memory or on disk.

    `limit` is the memory there is, in bytes; it decides only where the run would keep its data. `extra` is what this
    process holds from rehearsals before this one, which a fresh one would not.
    """
    try:
        with trials.scratch(study.project.layout) as place:
            found = _measured(study, settings, limit, place)
        return replace(found, peak_bytes=found.peak_bytes - extra)
    except memory.TooLittleMemoryError as error:
        return Rehearsed(settings, problem=error.message)
    except Exception as error:
        if not memory.ran_out(error):
            raise
        return Rehearsed(settings, problem=text("Memory ran out before the first step."))
    finally:
        memory.give_back(study.hardware.device)


def _measured(study: Study[Any], settings: TrainingSettings, limit: int, place: Path) -> Rehearsed:
    short = _short(settings)
    with Peak(study.hardware.device) as peak:
        began = time.perf_counter()
        rows = LargestRows(study.dataset, 4 * settings.batch_size)
        prepared = preparation.prepare(
            study.task, study.model_folder, rows, short, study.hardware, study.tell, resuming=True
        )
        preparing = time.perf_counter() - began
        feeds = list(prepared.feeds.values())
        longest = np.argsort(-prepared.feeds[Split.TRAIN].lengths, kind="stable")[: settings.batch_size]
        prepared.feeds[Split.TRAIN] = Subset(prepared.feeds[Split.TRAIN], np.sort(longest))
        plan = training.batch_plan(prepared, short, study.accelerator())
        told = _three_steps(prepared, short, study, place)
        written = told.write_seconds + _read_seconds(prepared, short, study, place)
    held = _held(feeds, prepared, study)
    forward = _forward_seconds(prepared, study)
    typical = typical_rows(study, prepared, settings)
    batch = np.arange(len(longest))
    halvings = sum(isinstance(event, Remark) and event.code == "memory_halved" for event in told.events)
    return Rehearsed(
        settings=settings,
        peak_bytes=peak.bytes + (held if held <= DATA_SHARE * limit else 0),
        step_seconds=told.step_seconds,
        total_seconds=_total_seconds(
            study, settings, told.step_seconds, typical, plan.lengths, forward, preparing, written
        ),
        steps=_steps(study, settings, typical),
        checkpoint_seconds=written,
        disk_bytes=_disk(prepared, place) + (held if held > DATA_SHARE * limit else 0),
        rows_at_once=max(1, max(len(portion) for portion in plan.portions(batch)) >> halvings),
        longest=int(plan.lengths.max()),
        halvings=halvings,
    )


def _short(settings: TrainingSettings) -> TrainingSettings:
    """Return settings whose third step is checked and not the last. What is unfrozen later must be tried now."""
    values: dict[str, Any] = {"epochs": STEPS + 1.0, "max_steps": STEPS + 1, "checks_per_epoch": 1 / STEPS}
    values |= {"early_stopping": False, "long_text": "head" if settings.long_text == "drop" else settings.long_text}
    if settings.tuning_method == "gradual":
        values["tuning_method"] = "full"
    return settings.model_copy(update=values)


class _Told:
    """Hears a rehearsal, and stops it after its steps as a user would, so that all that a resume needs is written."""

    def __init__(self, control: Control) -> None:
        self.events: list[Event] = []
        self.write_seconds = 0.0
        self._control, self._last = control, time.perf_counter()

    def __call__(self, event: Event) -> None:
        now = time.perf_counter()
        if isinstance(event, Kept) and event.which == "last":
            self.write_seconds = now - self._last
        if isinstance(event, Measured) and event.split == "train" and event.step == STEPS:
            self._control.obey(Stop())
        self.events.append(event)
        self._last = now

    @property
    def step_seconds(self) -> float:
        """Return the seconds of a step on the largest batch; the first, which warms up, is left out."""
        ends = [event.seconds for event in self.events if isinstance(event, Measured) and event.split == "train"]
        return float(statistics.median(np.diff(ends))) if len(ends) > 1 else (ends or [0.0])[0]


class _Read(Exception):  # noqa: N818  (control flow: the run has read its checkpoint and would go on)
    pass


def _three_steps(prepared: Prepared, settings: TrainingSettings, study: Study[Any], place: Path) -> _Told:
    control = Control()
    told = _Told(control)
    training.run_training(prepared, settings, study.accelerator(), told, control, place)
    return told


def _read_seconds(prepared: Prepared, settings: TrainingSettings, study: Study[Any], place: Path) -> float:
    """Let the run be resumed from the checkpoint it has left, up to its first step; return the seconds."""

    def stop(state: TrainingState) -> None:
        raise _Read

    began = time.perf_counter()
    with suppress(_Read):
        training.run_training(
            prepared, settings, study.accelerator(), lambda event: None, Control(), place, resume=True, begin=stop
        )
    return time.perf_counter() - began


def _forward_seconds(prepared: Prepared, study: Study[Any]) -> float:
    """Return the seconds that a pass without learning takes for a row as long as the checked ones."""
    feed = prepared.whole[Split.VALIDATION]
    if not len(feed.labels):
        feed = prepared.whole[Split.TRAIN]
    began = time.perf_counter()
    logits_of(feed, study.hardware)
    return (time.perf_counter() - began) / float(feed.lengths.sum())


def _steps(study: Study[Any], settings: TrainingSettings, typical: TypicalRows) -> int:
    rows = max(1, round(typical.share * study.dataset.count(Split.TRAIN)))
    per_epoch = -(-rows // settings.batch_size)
    return training.total_steps(settings, per_epoch)


def _total_seconds(
    study: Study[Any],
    settings: TrainingSettings,
    step_seconds: float,
    typical: TypicalRows,
    largest: NDArray[np.int64],
    forward: float,
    preparing: float,
    written: float,
) -> float:
    """Extend what was measured to all rows: steps by the length of rows, passes without learning by tokens."""
    counts = {split: study.dataset.count(split) for split in Split}
    steps = _steps(study, settings, typical)
    step = step_seconds * float(typical.lengths.mean() / largest.mean())
    per_pass = forward * float(typical.lengths.mean()) * typical.share
    rows = max(1.0, typical.share * counts[Split.TRAIN])
    checks = 1 + settings.checks_per_epoch * steps * settings.batch_size / rows
    passes = counts[Split.TRAIN] + counts[Split.VALIDATION] * (1 + checks) + counts[Split.TEST]
    return preparing + steps * step + passes * per_pass + 2 * written


def _held(feeds: list[Feed], prepared: Prepared, study: Study[Any]) -> int:
    """Return the bytes that all rows of the project will take where they are kept for the next epoch."""
    kept, rows = sum(feed.held_bytes for feed in feeds), sum(len(feed.labels) for feed in feeds)
    return int(kept / max(1, rows) * sum(study.dataset.count(split) for split in prepared.feeds))


def _disk(prepared: Prepared, place: Path) -> int:
    """Return what a run leaves on disk, and has there for a moment while a checkpoint is replaced."""
    checkpoints = {name: _size(place / name) for name in ("best", "last")}
    small = four_bits.small_layers(prepared.bundle.model)
    model = sum(int(value.nbytes) for value in prepared.bundle.model.state_dict().values())
    model += sum(four_bits.whole_bytes(prepared.bundle.model.get_submodule(name)) for name in small)
    return sum(checkpoints.values()) + max(model, checkpoints["last"])


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
