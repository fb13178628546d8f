"""What to show of one row and what a model said about it, in a form every task shares.

A task turns its rows into `Shown`; the window has one view per `TaskSpec.sample_view` and never asks the task.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftstudio.core.boxes import Spotted
from ftstudio.core.spans import Marked
from ftstudio.core.text import Text


class Shown(BaseModel):
    """One row with its truth and its prediction. `picture` is a path inside the project's data folder; `passage` is the
    second text of a row that has two, with which `text` then ends.

    `known` is false where the model says that it does not know; `prediction` then is its best guess.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    text: str = ""
    passage: str = ""
    picture: str = ""
    truth: str = ""
    prediction: str = ""
    probabilities: dict[str, float] = {}
    known: bool = True


class Prediction(BaseModel):
    """A model's answer to one input: the label, and each label's probability in [0, 1].

    A task that marks places gives `spans`, and them in words as `label`; one that gives several labels has them in
    `labels`, and as one cell in `label`; one that answers with a number has it in `number`; one that draws boxes has
    them in `boxes` (None: it draws none), and in words in `label`.

    `known` is false where the model says that it does not know; `label` then is its best guess.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: str
    label: str
    probabilities: dict[str, float]
    known: bool = True
    spans: tuple[Marked, ...] = ()
    labels: tuple[str, ...] = ()
    number: float | None = None
    boxes: tuple[Spotted, ...] | None = None


class Faithfulness(BaseModel):
    """What the model says when parts of its input are taken away: how far an explanation can be relied on.

    `before` is the probability of the explained label, `without_top` that without the `removed` parts of most weight
    (out of `parts`), `without_random` the mean without as many parts drawn by chance. All in [0, 1].
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    before: float
    without_top: float
    without_random: float
    removed: int
    parts: int
    sentence: Text = Text(template="")

    @property
    def tells(self) -> bool:
        """Whether it makes a difference of at least a point which parts are taken away."""
        return abs(self.without_top - self.without_random) >= 0.01

    @property
    def holds(self) -> bool:
        """Whether the parts named as important matter more than others."""
        return self.without_top < self.without_random


class Explanation(BaseModel):
    """Why a model gave one label to one input.

    Of words, `pieces` are the whole text in order, each with its weight: above 0 speaks for the label, below 0
    against it, in log-odds; what the model did not read and white space weigh 0. Of a picture, `heat` has values in
    [0, 1] by row and column, and `box` is the part of the upright picture that it covers and the model saw, as left,
    top, width and height in shares of the picture. `gap` is the share of the score that the weights leave unexplained,
    where a method promises that there is none. `faithfulness` is None where there is too little to take away.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["words", "picture"]
    label: str
    method: str
    probability: float
    pieces: list[tuple[str, float]] = []
    heat: list[list[float]] = []
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    gap: float | None = None
    faithfulness: Faithfulness | None = None
