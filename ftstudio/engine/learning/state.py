"""Where a run stands, as plain numbers: what the loop advances, hooks read and checkpoints store."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Best(BaseModel):
    """The check that is kept so far: its score by the monitored metric and its validation loss."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: int
    metric: str
    value: float
    loss: float


class TrainingState(BaseModel):
    """The position of a run. `batch` counts the batches of the current epoch that are done.

    `top` is the best score of all checks; the check kept as `best` may be below it by what chance makes.
    """

    model_config = ConfigDict(extra="forbid")

    step: int = 0
    epoch: int = 0
    batch: int = 0
    rows: int = 0
    seconds: float = 0.0
    total_steps: int
    steps_per_epoch: int
    best: Best | None = None
    top: float | None = None
    checks: int = 0
    checks_without_gain: int = 0
    stop_reason: str = ""

    @property
    def done(self) -> bool:
        """Whether the loop must end."""
        return bool(self.stop_reason) or self.step >= self.total_steps

    @property
    def epochs_done(self) -> float:
        """Epochs as a fraction, for the charts' axis."""
        return self.step / self.steps_per_epoch if self.steps_per_epoch else 0.0
