"""Where a resumed run goes on: at its last checkpoint, or at its best one where the last is damaged."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from torch import nn

from ftstudio.core.messages import Remark
from ftstudio.core.text import text
from ftstudio.engine.hooks import obedience
from ftstudio.engine.learning.optim import Optimisers
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.runs import checkpoints
from ftstudio.engine.runs.checkpoints import DamagedCheckpointError


def go_on(folder: Path, model: nn.Module, optimisers: Optimisers, scaler: Any) -> tuple[TrainingState, Remark | None]:
    """Load a run's checkpoint into `model` and `optimisers`; returns where it stands and what to tell the user.

    With a remark the run goes on from `folder`/best, which holds no state of optimisers, so the caller must make new
    ones. Raises `DamagedCheckpointError` when no checkpoint can be read.
    """
    try:
        state = checkpoints.restore(folder / "last", model, optimisers, scaler)
        remark = None
    except DamagedCheckpointError as error:
        state = _from_best(folder / "best", model, error)
        remark = _remark(state.step)
    if state.stop_reason == obedience.REASON:
        state.stop_reason = ""
    return state, remark


def _from_best(best: Path, model: nn.Module, error: DamagedCheckpointError) -> TrainingState:
    if checkpoints.exists(best):
        with suppress(DamagedCheckpointError):
            return checkpoints.restore(best, model, None)
    raise error


def _remark(step: int) -> Remark:
    told = text(
        "The last checkpoint is damaged, so the run goes on from the best one, at step {step}. What came after it is "
        "learned again.",
        step=step,
    )
    return Remark(severity="warning", code="last_checkpoint_damaged", text=told, step=step)
