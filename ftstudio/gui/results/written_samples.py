"""Samples of a run that goes on with texts: the worst loss first, with what was asked, what is right, what it wrote."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QWidget

from ftstudio.core.quantities import score
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, number, tr, tr_plural
from ftstudio.datasets.store import Dataset
from ftstudio.gui.operations import Operations
from ftstudio.gui.results.marked_places import LONGEST, JudgedSample, MarkedPlacesView
from ftstudio.gui.samples.asked_texts import AskedTexts
from ftstudio.gui.session import Session
from ftstudio.planning.written_samples import WrittenSample, read_written_samples
from ftstudio.project.layout import RunLayout

SEARCH_WIDTH = 220


class WrittenSamplesView(MarkedPlacesView):
    """The prompts left, the chosen one at the right."""

    key = "samples"
    title = N_("Samples")
    order = 20
    answers = "text"

    def __init__(self, session: Session, operations: Operations) -> None:
        self.texts, self.search = AskedTexts(), QLineEdit()
        super().__init__(session, operations)
        self.kind.hide()
        self.which.clear()
        for words, value in ((tr("Worst loss first"), ""), (tr("Only where it wrote"), "written")):
            self.which.addItem(words, value)
        self.search.setPlaceholderText(tr("Search"))
        self.search.setAccessibleName(tr("Search the texts"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(SEARCH_WIDTH)
        self.search.textChanged.connect(lambda _: self._choose())
        self.head.insertWidget(1, self.search)

    def read(self, run: RunLayout, dataset: Dataset, split: Split) -> Sequence[JudgedSample]:
        """Return the rows of a split; raises `InputError`."""
        return read_written_samples(run, dataset, split)

    def shown_in(self) -> QWidget:
        """Return where a sample is shown."""
        return self.texts

    def fits(self, sample: JudgedSample) -> bool:
        """Whether a sample is among those that are asked for."""
        if not isinstance(sample, WrittenSample):
            return False
        return sample.contains(self.search.text()) and (sample.written is not None or not self.which.currentData())

    def show_sample(self, sample: JudgedSample | None) -> None:
        """Show the three texts of a sample, and its loss."""
        shown = sample if isinstance(sample, WrittenSample) else None
        self.texts.show_sample(shown)
        if shown is not None:
            self.place.setText(
                tr("Row {number} · loss {loss}").format(number=number(shown.row), loss=_known(shown.loss))
            )

    def count(self, samples: int) -> str:
        """Return how many samples there are."""
        return tr_plural("One row", "{count} rows", samples)

    def line(self, sample: JudgedSample) -> str:
        """Return a prompt on one line, after its loss."""
        words = " ".join(sample.text[: 2 * LONGEST].split())[:LONGEST]
        return f"{_known(sample.loss) if isinstance(sample, WrittenSample) else '–'}  {words}"


def _known(loss: float) -> str:
    return score(loss) if math.isfinite(loss) else "–"
