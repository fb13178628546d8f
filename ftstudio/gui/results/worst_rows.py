"""Samples of a run that gives several labels, or a number: what is true of each row and what was said, worst first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from ftstudio.core.errors import StudioError
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, number, tr
from ftstudio.gui.operations import Operations
from ftstudio.gui.results.splits import visible_splits
from ftstudio.gui.results.view import ResultView
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.labels import muted
from ftstudio.gui.widgets.number_table import NumberTable
from ftstudio.planning.output_answers import OutputAnswer, read_output_answers
from ftstudio.project.runs import RunSummary

MOST = 500
LONGEST = 200
CELL_WIDTH = 170

Shown = tuple[str, str, str, int]
"""Of what the rows are shown: the run, its data, the split, and when it was chosen how the run decides."""


class WorstRowsView(ResultView):
    """One table of rows; a row's whole text is in its tip."""

    key = "samples"
    title = N_("Samples")
    order = 20
    answers = "labels number"

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(session, operations)
        self._shown: Shown | None = None
        self.counted = muted("")
        self.table = NumberTable(tr("Rows"), [tr("row"), tr("true"), tr("answer"), tr("off by")], sortable=False)
        for column in (1, 2):
            self.table.horizontalHeader().resizeSection(column, CELL_WIDTH)
        self.failed = EmptyState("warning", "", "")
        card = Card()
        card.add(self.counted)
        card.body.addWidget(self.table, 1)
        self._pages = QStackedWidget()
        for page in (card, self.failed):
            self._pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    def show_result(self, run: RunSummary, document: RunDocument, split: str) -> None:
        """Show the rows of a split, read in the background when the run or the data is another one than before."""
        dataset, task = self.session.dataset, self.session.task
        if dataset is None or task is None or split not in visible_splits(self.session, run, document):
            self._fail(tr("There are no samples to show."), tr("The project has no data, or its rows are sealed."))
            return
        decided = run.layout.decision.stat().st_mtime_ns if run.layout.decision.exists() else 0
        shown, kind = (run.id, dataset.fingerprint, split, decided), task.answer
        if shown == self._shown:
            return
        self._shown = shown
        self.operations.run(
            lambda: read_output_answers(run.layout, dataset, Split(split), kind),
            title=tr("Reading the answers"),
            on_success=lambda found: self._take(shown, found, kind),
            on_failure=lambda error: self._refuse(shown, error),
        )

    def _take(self, shown: Shown, found: Sequence[OutputAnswer], kind: Answer) -> None:
        if shown != self._shown:
            return
        some = tr("The {shown} of {count} rows that are furthest off, the worst first.")
        words = some if len(found) > MOST else tr("All {count} rows, the worst first.")
        self.counted.setText(words.format(shown=number(MOST), count=number(len(found))))
        is_number = kind is Answer.NUMBER
        side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
        for column in (1, 2):
            if (header := self.table.horizontalHeaderItem(column)) is not None:
                header.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.table.show_rows(
            [
                [
                    (" ".join(one.shown[: 2 * LONGEST].split())[:LONGEST], one.row),
                    (one.truth or "–", float(one.truth) if is_number else ""),
                    (one.said or "–", float(one.said) if is_number else ""),
                    (number(one.off, 3 if is_number else 0), one.off),
                ]
                for one in found[:MOST]
            ]
        )
        self._pages.setCurrentIndex(0)

    def _refuse(self, shown: Shown, error: object) -> None:
        if shown != self._shown:
            return
        hint = error.hint.render() if isinstance(error, StudioError) and error.hint else ""
        self._fail(error.message.render() if isinstance(error, StudioError) else str(error), hint)

    def _fail(self, message: str, hint: str) -> None:
        self._shown = None
        self.failed.say(message, hint)
        self._pages.setCurrentIndex(1)
