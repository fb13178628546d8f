"""Samples of a run that rewrites: what is least like the right text first, each beside what was read and wanted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ftstudio.core.quantities import percent, score
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, number, tr
from ftstudio.datasets.store import Dataset
from ftstudio.gui.operations import Operations
from ftstudio.gui.results.marked_places import LONGEST, JudgedSample, MarkedPlacesView
from ftstudio.gui.samples.compared_texts import ComparedTexts
from ftstudio.gui.session import Session
from ftstudio.planning.written_answers import WrittenAnswer, read_written_answers
from ftstudio.project.layout import RunLayout


class WrittenTextsView(MarkedPlacesView):
    """The texts left, the chosen one at the right: read, to be written, written."""

    key = "samples"
    title = N_("Samples")
    order = 20
    answers = "rewrite"

    def __init__(self, session: Session, operations: Operations) -> None:
        self.compared = ComparedTexts()
        super().__init__(session, operations)
        self.kind.hide()

    def read(self, run: RunLayout, dataset: Dataset, split: Split) -> Sequence[JudgedSample]:
        """Return what was written in place of rows of a split; raises `InputError`."""
        return read_written_answers(run, dataset, split)

    def shown_in(self) -> QWidget:
        """Return where a sample is shown."""
        return self.compared

    def show_sample(self, sample: JudgedSample | None) -> None:
        """Show the three texts of a sample, and how alike the last two are."""
        answer = sample if isinstance(sample, WrittenAnswer) else None
        self.compared.show_answer(answer)
        if answer is not None:
            self.place.setText(
                tr("Row {number} · ROUGE-L {rouge} · chrF {chrf}").format(
                    number=number(answer.row), rouge=score(answer.rouge_l), chrf=score(answer.chrf)
                )
            )

    def line(self, sample: JudgedSample) -> str:
        """Return a text on one line, after how like the right text that is which was written."""
        words = " ".join(sample.text[: 2 * LONGEST].split())[:LONGEST]
        alike = percent(sample.chrf) if isinstance(sample, WrittenAnswer) else ""
        return f"{'✗' if sample.mistakes else '✓'} {alike}  {words}"
