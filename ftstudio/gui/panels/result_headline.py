"""The first card of a result: the one big number, what simple answers score, and why the model is the one kept."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ftstudio.core.states import Split
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.panels.baselines import BaselinesPanel, caution, lines_for
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import big, caption, label, muted
from ftstudio.project.runs import RunSummary


class ResultHeadline(Card):
    """The score of a run on the rows of one split."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.what, self.score, self.interval = caption(), big(), caption()
        self.baselines = BaselinesPanel()
        self.kept, self.stopped = label("", wrap=True), muted("")
        self.caution = label("", "warning", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(theme.XXL)
        row.addLayout(self._number())
        row.addWidget(self.baselines)
        row.addLayout(self._words(), 1)
        self.body.addLayout(row)

    def _number(self) -> QVBoxLayout:
        stack = QVBoxLayout()
        stack.setSpacing(0)
        for part in (self.what, self.score, self.interval):
            stack.addWidget(part)
        stack.addStretch(1)
        return stack

    def _words(self) -> QVBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(theme.XS)
        words.addStretch(1)
        for part in (self.kept, self.stopped, self.caution):
            words.addWidget(part)
        words.addStretch(1)
        return words

    def show_result(self, run: RunSummary, document: RunDocument, split: str) -> None:
        """Show the number of a split."""
        shown = document.headline(self._session.task, split)
        self.what.setText(_what(split).format(rows=shown.rows, split=shown.split_title))
        self.score.setText(shown.value)
        self.interval.setText(shown.interval)
        self.baselines.show_lines(lines_for(self._session, run, document, split))
        self.kept.setText(document.sentence("kept_because"))
        self.caution.setText(caution(self._session, run, document, split))
        self.caution.setVisible(bool(self.caution.text()))
        self.stopped.setText(document.sentence("stopped_because"))


def _what(split: str) -> str:
    if split == Split.TEST.value:
        return tr("Right answers on {rows} {split} rows it had never seen")
    return tr("Right answers on {rows} {split} rows")
