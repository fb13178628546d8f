"""The curves of a run as the doctor keeps them: the loss of every step, and every look at the validation rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ftstudio.core.messages import Event, Measured


@dataclass(frozen=True)
class Check:
    """One look at the validation rows: where it was, the score and the loss."""

    step: int
    epoch: float
    score: float
    loss: float


@dataclass
class History:
    """What was measured so far, in order of steps. `metric` is the validation score that is watched."""

    metric: str
    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    @classmethod
    def of(cls, metric: str, events: Iterable[Event]) -> History:
        """Return the history of events already known."""
        made = cls(metric)
        for event in events:
            made.feed(event)
        return made

    def feed(self, event: Event) -> bool:
        """Take note of one event; returns whether there is something new to judge by: a check, or a broken loss."""
        if not isinstance(event, Measured):
            return False
        if event.split == "train" and "loss" in event.values:
            self.steps.append(event.step)
            self.losses.append(event.values["loss"])
            self.norms.append(event.values.get("gradient_norm", float("nan")))
            return self.losses[-1] != self.losses[-1]
        if event.split == "validation" and self.metric in event.values:
            values = event.values
            loss = values.get("loss", float("nan"))
            self.checks.append(Check(event.step, event.epoch, values[self.metric], loss))
            return True
        return False
