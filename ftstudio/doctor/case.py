"""What is known about a run before its first step: the data it learns from, how much learns, and its settings."""

from __future__ import annotations

import math
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

from ftstudio.core.settings import TrainingSettings


class Case(BaseModel):
    """The facts beside the curves. Rows per class are empty for tasks that do not choose one class per row.

    `validation_per_class` has the order of `rows_per_class`; `repeated_rows` counts training rows that are copies of
    another; `parameters` those that learn; `learns_below_head` whether pretrained layers are among them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    modality: str
    rows: int
    validation_rows: int
    rows_per_class: dict[str, int] = {}
    validation_per_class: tuple[int, ...] = ()
    repeated_rows: int = 0
    parameters: int
    learns_below_head: bool = True
    total_steps: int
    steps_per_epoch: int
    metric: str
    metric_title: str
    higher_is_better: bool = True
    settings: TrainingSettings

    @property
    def classes(self) -> int:
        """The number of classes, 0 where the task does not choose one per row."""
        return len(self.rows_per_class)

    @property
    def chance_loss(self) -> float | None:
        """The loss of a model that knows only how frequent each class is, in nats; None where there are no classes."""
        if self.classes < 2:
            return None
        if self.settings.class_weights == "balanced":
            return math.log(self.classes)
        shares = [count / self.rows for count in self.rows_per_class.values() if count]
        return -sum(share * math.log(share) for share in shares)

    @property
    def loss_floor(self) -> float:
        """The training loss that label smoothing leaves even when every row is known by heart, in nats."""
        smoothing = self.settings.label_smoothing
        if not smoothing or self.classes < 2:
            return 0.0
        wrong = smoothing / self.classes
        right = 1.0 - smoothing + wrong
        return -right * math.log(right) - (self.classes - 1) * wrong * math.log(wrong)

    @property
    def chance_score(self) -> float | None:
        """The score of always answering the commonest class (or of guessing, if that is better); None if unknown."""
        known = _CHANCE.get(self.metric)
        total = sum(self.validation_per_class)
        if known is None or not total or self.classes < 2:
            return None
        return known(max(self.validation_per_class) / total, self.classes)


# The majority share `p` gives macro-F1 2p/(1+p) on one class and 0 on the others; guessing gives about 1/classes.
_CHANCE: dict[str, Callable[[float, int], float]] = {
    "accuracy": lambda share, classes: share,
    "balanced_accuracy": lambda share, classes: 1.0 / classes,
    "macro_f1": lambda share, classes: max(2 * share / (1 + share) / classes, 1.0 / classes),
}
