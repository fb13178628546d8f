"""Proves that an export gives the answers of the model it was made from, in a process that knows nothing of us."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ftstudio.core import catalog, offline
from ftstudio.core.errors import StudioError
from ftstudio.core.settings import build
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.datasets.store import Dataset
from ftstudio.engine import receiver, torchvision_compat
from ftstudio.engine.device import Hardware
from ftstudio.engine.evaluation import logits_of
from ftstudio.engine.feeds import ModelFeed
from ftstudio.engine.pictures import open_picture
from ftstudio.engine.trained import TrainedModel

TOLERANCE = 1e-3
_ROWS = 8
_LOOKED_AT = 64
_LONGEST_PROOF = 600.0


@dataclass(frozen=True)
class Expected:
    """A few rows as a stranger would give them, and our answers to them: float32, shape [rows, labels]."""

    rows: list[dict[str, str]]
    logits: NDArray[np.float32]


def expect(trained: TrainedModel, data: Path, scratch: Path) -> Expected | None:
    """Return our own answers to a few rows of the project's data; None where there are no rows to ask about.

    Pictures are handed on as plain RGB files in `scratch`, so that the check is about the model and its
    preprocessing, and not about who turns or flattens pictures how.
    """
    try:
        dataset = Dataset.open(data)
    except StudioError:
        return None
    counts = dataset.counts()
    split = next((split for split in (Split.TEST, Split.VALIDATION, Split.TRAIN) if counts.get(split, 0)), None)
    if split is None:
        return None
    table = dataset.table(split).slice(0, _LOOKED_AT)
    task = catalog.tasks().module(trained.task)
    bundle = task.load(trained.folder, trained.labels, build(dict(trained.settings)), trained=True)
    examples = task.encode(bundle, table, dataset.folder)
    whole = ~np.asarray(getattr(examples, "truncated", np.zeros(len(examples), dtype=bool)))
    chosen = np.flatnonzero(whole)[:_ROWS]
    if not len(chosen):
        return None
    hardware = Hardware(torch.device("cpu"), "fp32")
    logits = logits_of(ModelFeed(task, bundle, examples, bundle.settings), hardware)
    rows = [_stranger_row(row, dataset, scratch) for row in table.take(chosen).to_pylist()]
    return Expected(rows, logits[chosen])


def _stranger_row(row: Mapping[str, Any], dataset: Dataset, scratch: Path) -> dict[str, str]:
    if "image" not in row:
        return {key: row[key] or "" for key in ("text", "text_pair") if key in row}
    picture = scratch / f"{row['row']}.png"
    open_picture(dataset.image_path(row["image"])).save(picture)
    return {"image": str(picture)}


def prove(folder: Path, loader: Path, trained: TrainedModel, expected: Expected) -> dict[str, Any]:
    """Load `folder` in a fresh process by `loader` and compare; returns the certificate.

    Raises `StudioError` if it cannot be loaded there or its labels or answers differ.
    """
    answer = _ask({"folder": str(folder), "loader": str(loader), "rows": expected.rows})
    logits = np.asarray(answer["logits"], dtype=np.float32)
    if answer["foreign"] and not _is_frozen():
        raise _failed(text("it needs parts of this program: {names}", names=", ".join(answer["foreign"])))
    if list(answer["labels"]) != list(trained.labels):
        raise _failed(text("its labels are not those of the trained model"))
    if logits.shape != expected.logits.shape or not np.isfinite(logits).all():
        raise _failed(text("its answers have another shape than those of the trained model"))
    difference = float(np.abs(logits - expected.logits).max())
    if difference > TOLERANCE * max(1.0, float(np.abs(expected.logits).max())):
        raise _failed(text("its answers differ by {difference} from those of the trained model", difference=difference))
    return {
        "rows": len(expected.rows),
        "largest_difference": difference,
        "tolerance": TOLERANCE,
        "passed": True,
        "runs_with": answer["runs_with"],
    }


def _ask(request: dict[str, Any]) -> dict[str, Any]:
    request |= {"compat": torchvision_compat.__file__}
    if _is_frozen():  # there is no plain Python to start inside a frozen program
        return receiver.answer(request)
    environment = {**os.environ, **offline.VARIABLES, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-P", receiver.__file__]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(request),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            timeout=_LONGEST_PROOF,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(text("it could not be tried: {reason}", reason=str(error))) from error
    if done.returncode != 0:
        raise _failed(text("plain Python could not load it: {reason}", reason=_last_line(done.stderr)))
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _is_frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def _last_line(output: str) -> str:
    lines: Sequence[str] = [line for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "-"


def _failed(reason: Text) -> StudioError:
    return StudioError(
        text("The export was made but failed its check: {reason}. It was removed.", reason=reason),
        text("Your run is unchanged. Try again; if it fails again, send the report under Details."),
    )
