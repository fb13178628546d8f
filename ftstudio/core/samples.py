"""What to show of one row and what a model said about it, in a form every task shares.

A task turns its rows into `Shown`; the window has one view per `TaskSpec.sample_view` and never asks the task.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Shown(BaseModel):
    """One row with its truth and its prediction. `picture` is a path inside the project's data folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    text: str = ""
    picture: str = ""
    truth: str = ""
    prediction: str = ""
    probabilities: dict[str, float] = {}


class Prediction(BaseModel):
    """A model's answer to one input: the label, and each label's probability in [0, 1].

    `known` is false where the model says that it does not know; `label` then is its best guess.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: str
    label: str
    probabilities: dict[str, float]
    known: bool = True
