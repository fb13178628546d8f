"""Samples of a run that draws boxes: each picture with what is right, wrong, badly placed and missed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ftstudio.core.states import Split
from ftstudio.core.translation import N_, tr, tr_plural
from ftstudio.datasets.store import Dataset
from ftstudio.gui.operations import Operations
from ftstudio.gui.results.marked_places import JudgedSample, MarkedPlacesView
from ftstudio.gui.samples.boxed_picture import BoxedContent
from ftstudio.gui.session import Session
from ftstudio.planning.box_answers import BoxAnswer, read_box_answers
from ftstudio.project.layout import RunLayout


class FoundBoxesView(MarkedPlacesView):
    """The pictures left, the chosen one with its boxes large at the right."""

    key = "samples"
    title = N_("Samples")
    order = 20
    answers = "boxes"

    def __init__(self, session: Session, operations: Operations) -> None:
        self.boxed = BoxedContent()
        super().__init__(session, operations)
        self.list.setAccessibleName(tr("Pictures"))
        self.kind.setAccessibleName(tr("Kind of thing"))

    def read(self, run: RunLayout, dataset: Dataset, split: Split) -> Sequence[BoxAnswer]:
        """Return the answers to the pictures of a split; raises `InputError`."""
        return read_box_answers(run, dataset, split)

    def count(self, samples: int) -> str:
        """Return how many pictures there are, and `{wrong}` for how many of them have mistakes."""
        return tr_plural("One picture, {wrong} with mistakes", "{count} pictures, {wrong} with mistakes", samples)

    def shown_in(self) -> QWidget:
        """Return where a picture is shown."""
        return self.boxed

    def show_sample(self, sample: JudgedSample | None) -> None:
        """Show a picture and what was drawn in it; None takes it away."""
        found = sample if isinstance(sample, BoxAnswer) else None
        self.boxed.show_judged(found.picture if found else None, found.judged if found else [])
