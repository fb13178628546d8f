"""Gradual unfreezing: group after group joins from the top (Howard and Ruder 2018, arXiv:1801.06146).

What learns follows from the step alone, so a resumed run goes on with exactly the groups an unbroken one would have.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from ftstudio.core.tuning_methods import groups_from_top
from ftstudio.engine.layers.freezing import LayerPlan, hold_back, set_training_mode
from ftstudio.engine.learning.loop import BaseHook
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import StepResult


class Unfreezing(BaseHook):
    """Holds back the parts whose turn has not come; one more group learns every `epochs` epochs.

    `changed` is called after every change of what learns (several processes must then be wrapped anew).
    """

    def __init__(self, model: nn.Module, plan: LayerPlan, epochs: float, changed: Callable[[], None]) -> None:
        self.model, self.plan, self.epochs, self.changed = model, plan, epochs, changed
        self.groups = groups_from_top(plan.parts)
        self._learning = 0

    def learning_at(self, state: TrainingState) -> int:
        """Return how many groups learn in the next step."""
        thawed = int(state.epochs_done / self.epochs + 1e-9)
        return min(len(self.groups), 1 + thawed)

    def before_training(self, state: TrainingState) -> None:
        """Hold back what is not yet to learn, at the start or where a resumed run stands."""
        self._let_learn(self.learning_at(state))

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Let the next group join when it is time."""
        if self.learning_at(state) != self._learning:
            self._let_learn(self.learning_at(state))

    def after_training(self, state: TrainingState) -> None:
        """Hold nothing back any more, so that the model can be trained again."""
        hold_back(self.model, self.plan, frozenset())

    def _let_learn(self, count: int) -> None:
        self._learning = count
        waiting = frozenset[str]().union(*self.groups[count:])
        hold_back(self.model, self.plan, waiting)
        set_training_mode(self.model)
        self.changed()
