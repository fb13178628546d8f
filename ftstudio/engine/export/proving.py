"""Asks an export and the model it was made from the same held-out rows: ours here, the export in a fresh process.

The process that loads the export knows nothing of this program, and nothing of the libraries that the export says it
does without. What it answers is judged in `engine.export.judging`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from ftstudio.core import offline
from ftstudio.core.detections import without_remark
from ftstudio.core.errors import StudioError
from ftstudio.core.manner import LIKELIEST
from ftstudio.core.specs import Answer, ExporterSpec
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers.outputs import by_row
from ftstudio.engine.device import Hardware
from ftstudio.engine.export import receiver
from ftstudio.engine.language import pieces
from ftstudio.engine.learning.evaluation import Tick, logits_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.rows import some_rows
from ftstudio.engine.runs.trained import TrainedModel
from ftstudio.engine.task import Bundle
from ftstudio.engine.vision import torchvision_compat
from ftstudio.engine.vision.pictures import open_picture

MOST_ROWS, FEWEST_ROWS = 300, 100
MOST_WRITTEN = 40
SECONDS = 60.0  # about as long as each side may take for all rows, one at a time
_TIMED_ROWS = 20
_LONGEST_PROOF = 1_200.0
_CPU = Hardware(torch.device("cpu"), "fp32")


class UnansweredError(StudioError):
    """The export could not be loaded or asked by its own runtime; `message` says why."""


@dataclass(frozen=True)
class Expected:
    """Held-out rows as a stranger would give them, and our own answers to them.

    `logits` and `truth` are those of `engine.answers.outputs`, truth -1 where a row has no label; `milliseconds` is
    the median time of one row here, `unit` the standard deviation of the numbers that a model of these learned from
    (others: 0); `written` is what a model that rewrites makes of the first rows, where the export writes by itself.
    """

    split: str
    rows: list[dict[str, str]]
    logits: NDArray[Any]
    truth: NDArray[Any]
    milliseconds: float
    unit: float = 0.0
    written: tuple[str, ...] = ()


def expect(trained: TrainedModel, spec: ExporterSpec, scratch: Path, tick: Tick) -> Expected | None:
    """Return our own answers to up to some hundreds of rows; None where the project's data has none to ask about.

    Exports that prepare their input themselves get the original files and texts of any length. The others get what
    their libraries can read alike: pictures as plain RGB files in `scratch`, and texts that need no cut in the middle.
    """
    try:
        dataset = Dataset.open(trained.data)
    except StudioError:
        return None
    splits = [Split.VALIDATION, Split.TEST, Split.TRAIN]
    if trained.test_is_open:
        splits.insert(0, Split.TEST)
    split = next((one for one in splits if dataset.count(one)), None)
    if split is None:
        return None
    task, bundle = trained.load()
    table = pieces.as_wholes(some_rows(dataset.table(split), MOST_ROWS))
    examples = task.encode(bundle, table, dataset.folder)
    if not spec.prepares and bundle.settings.long_text == "both":
        whole = np.flatnonzero(~np.asarray(getattr(examples, "truncated", np.zeros(len(examples), dtype=bool))))
        table, examples = table.take(whole), examples.only(np.isin(np.arange(len(examples)), whole))
    if not len(examples):
        return None
    feed = ModelFeed(task, bundle, examples, bundle.settings)
    milliseconds = _one_at_a_time(feed)
    count = max(FEWEST_ROWS, min(len(examples), int(1000 * SECONDS / max(milliseconds, 1e-6))))
    table, examples = table.slice(0, count), examples.only(np.arange(len(examples)) < count)
    asked = ModelFeed(task, bundle, examples, bundle.settings)
    logits = logits_of(asked, _CPU, tick)
    if task.SPEC.answer is Answer.BOXES:  # a stranger does not know the truth, so it has no loss to tell
        logits = by_row([without_remark(one) for one in logits])
    if task.SPEC.answer.writes:
        writer: Any = task
        rows = writer.for_strangers(bundle, table)
    else:
        rows = [_stranger_row(row, dataset, scratch, spec) for row in table.to_pylist()]
    sealed = split is Split.TEST and not trained.test_is_open
    truth = np.full(len(rows), -1, np.int64) if sealed else asked.truth  # a score would break the seal
    unit = float(asked.truth[0, 1]) if task.SPEC.answer is Answer.NUMBER else 0.0
    written = _written(task, bundle, table, tick) if spec.prepares and task.SPEC.answer is Answer.REWRITE else ()
    return Expected(split.value, rows, logits, truth, milliseconds, unit, written)


def _written(task: Any, bundle: Bundle, table: pa.Table, tick: Tick) -> tuple[str, ...]:
    return tuple(task.write(bundle, table.slice(0, MOST_WRITTEN), LIKELIEST, tick))


def _one_at_a_time(feed: ModelFeed) -> float:
    times = []
    with torch.inference_mode():
        for row in range(min(_TIMED_ROWS, len(feed.labels))):
            feed.logits(feed.batch([row]))  # the first of a length pays for what is made once
            began = time.perf_counter()
            feed.logits(feed.batch([row]))
            times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def _stranger_row(row: Mapping[str, Any], dataset: Dataset, scratch: Path, spec: ExporterSpec) -> dict[str, str]:
    if "image" not in row:
        return {key: row[key] or "" for key in ("text", "text_pair") if key in row}
    original = dataset.image_path(row["image"])
    if spec.prepares:
        return {"image": str(original)}
    picture = scratch / f"{row['row']}.png"
    open_picture(original).save(picture)
    return {"image": str(picture)}


def ask(
    folder: Path,
    loader: Path,
    rows: Sequence[Mapping[str, str]],
    *,
    without: Sequence[str] = (),
    extra: Sequence[str] = (),
    interpreter: Path | None = None,
    write: int = 0,
    check: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Return what `receiver.answer` says of the export in `folder`, opened by `loader` in a process of its own.

    Of a model that rewrites, the first `write` rows are rewritten, too.
    `check` is called while waiting and may raise to cancel. Raises `UnansweredError` if the export cannot be used.
    """
    request = {
        "folder": str(folder),
        "loader": str(loader),
        "rows": list(rows),
        "write": write,
        "extra": list(extra),
        "without": [receiver.PROGRAM, *without],
        "compat": "" if "torch" in without else torchvision_compat.__file__,
    }
    if _is_frozen() and interpreter is None:  # there is no plain Python to start inside a frozen program
        return {**receiver.answer(request), "imported": []}
    command = [str(interpreter or sys.executable), "-P", receiver.__file__]
    done = _run(command, json.dumps(request), check)
    if done.returncode != 0:
        raise UnansweredError(text("it could not be used: {reason}", reason=_last_line(done.stderr)))
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _run(command: list[str], question: str, check: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **offline.VARIABLES, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
    pipe: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    try:
        process = subprocess.Popen(command, env=environment, encoding="utf-8", errors="replace", **pipe)
    except OSError as error:
        raise _untried(str(error)) from error
    try:
        return _talk(process, question, check)
    finally:
        process.kill()
        process.wait()


def _talk(process: subprocess.Popen[str], question: str, check: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    ends, given = time.monotonic() + _LONGEST_PROOF, True
    while True:
        try:
            said, complained = process.communicate(question if given else None, timeout=0.5)
            return subprocess.CompletedProcess(process.args, process.returncode, said, complained)
        except subprocess.TimeoutExpired:
            given = False
            check()
            if time.monotonic() > ends:
                raise _untried(f"{_LONGEST_PROOF:.0f} s") from None


def _is_frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "-"


def _untried(reason: str) -> UnansweredError:
    return UnansweredError(text("it could not be tried: {reason}", reason=reason))
