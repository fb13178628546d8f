"""Progressive resizing: small pictures first, whole ones at the end (Howard 2018, fast.ai; Tan and Le 2021).

A network learns the coarse from small pictures at a fraction of the time. How large they are follows from the step
alone, so a resumed run goes on with exactly the sizes an unbroken one would have. Checks always see whole pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ftstudio.core.messages import Remark
from ftstudio.core.text import text
from ftstudio.engine.learning.feeds import Feed
from ftstudio.engine.learning.loop import BaseHook
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import StepResult
from ftstudio.engine.vision import picture_sizes
from ftstudio.engine.vision.pictures import PictureExamples, smaller

STAGES = ((1 / 3, 0.5), (2 / 3, 0.75), (1.0, 1.0))
"""Up to which share of the run pictures have which share of their side."""


class Growing(BaseHook):
    """Sets how large the pictures are that are learned from; `tell` is told when the model reads no smaller ones."""

    def __init__(self, feed: Feed, model: Any, run: Callable[[Any], Any], tell: Callable[[Remark], None]) -> None:
        self._examples, self._model, self._run, self._tell = _pictures_of(feed), model, run, tell

    def share_at(self, state: TrainingState) -> float:
        """Return the share of their side that pictures have in the next step."""
        done = state.step / max(1, state.total_steps)
        return next((share for until, share in STAGES if done < until), 1.0)

    def before_training(self, state: TrainingState) -> None:
        """Begin with small pictures if the model reads them, or where a resumed run stands."""
        examples = self._examples
        if examples is not None and not self._reads_smaller(examples):
            self._examples = None
            self._tell(
                Remark(
                    severity="note",
                    code="one_picture_size",
                    step=state.step,
                    text=text("This model reads pictures of one size only, so it learns from whole ones all the time."),
                )
            )
        self._set(self.share_at(state))

    def after_step(self, state: TrainingState, result: StepResult) -> None:
        """Let the pictures grow when it is time."""
        self._set(self.share_at(state))

    def after_training(self, state: TrainingState) -> None:
        """Leave whole pictures behind."""
        self._set(1.0)

    def _set(self, share: float) -> None:
        if self._examples is not None:
            self._examples.share = share

    def _reads_smaller(self, examples: PictureExamples) -> bool:
        side = int(examples.batch([0], None).inputs["pixel_values"].shape[-1])
        sides = {smaller(side, share) for _, share in STAGES}
        return all(picture_sizes.reads(self._run, self._model, one) for one in sides)


def _pictures_of(feed: Any) -> PictureExamples | None:
    """Return the pictures behind a feed, None where stored features or texts are learned from."""
    while hasattr(feed, "feed"):
        feed = feed.feed
    examples = getattr(feed, "examples", None)
    return examples if isinstance(examples, PictureExamples) else None
