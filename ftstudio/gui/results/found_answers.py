"""Samples of a run that finds answers in passages: each question with its passage, what is right, wrong and missed."""

from __future__ import annotations

from collections.abc import Sequence

from ftstudio.core.states import Split
from ftstudio.core.translation import N_, tr
from ftstudio.datasets.store import Dataset
from ftstudio.gui.operations import Operations
from ftstudio.gui.results.marked_places import JudgedSample, MarkedPlacesView
from ftstudio.gui.session import Session
from ftstudio.planning.extract_answers import read_extract_answers
from ftstudio.project.layout import RunLayout


class FoundAnswersView(MarkedPlacesView):
    """The questions left, the chosen one with its passage large at the right."""

    key = "samples"
    title = N_("Samples")
    order = 20
    answers = "extract"

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(session, operations)
        self.kind.hide()  # there is one kind of place: the answer
        self.list.setAccessibleName(tr("Questions"))

    def read(self, run: RunLayout, dataset: Dataset, split: Split) -> Sequence[JudgedSample]:
        """Return the answers to the questions of a split; raises `InputError`."""
        return read_extract_answers(run, dataset, split)
