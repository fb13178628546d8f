"""The first card of a result: the one big number, what simple answers score, and why the model is the one kept."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ftstudio.core.errors import StudioError
from ftstudio.core.row_words import name_rows
from ftstudio.core.states import Split
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.panels.baselines import BaselinesPanel, caution, lines_for
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import big, caption, label, muted
from ftstudio.project.decisions import read_decision
from ftstudio.project.runs import RunSummary

WHAT_WIDTH = 230


class ResultHeadline(Card):
    """The score of a run on the rows of one split."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.what, self.score, self.interval = caption(wrap=True), big(), caption()
        self.what.setFixedWidth(WHAT_WIDTH)
        self.baselines = BaselinesPanel()
        self.kept, self.stopped, self.forgotten = label("", wrap=True), muted(""), muted("")
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
        for part in (self.kept, self.stopped, self.forgotten, self.caution):
            words.addWidget(part)
        words.addStretch(1)
        return words

    def show_result(self, run: RunSummary, document: RunDocument, split: str) -> None:
        """Show the number of a split."""
        shown = document.headline(self._session.task, split)
        is_share = document.headline_metric(self._session.task, split) == "accuracy"
        self.what.setText(_what(split).format(rows=shown.rows, split=shown.split_title) if is_share else shown.title)
        self.score.setText(shown.value)
        self.interval.setText(shown.interval)
        self.baselines.show_lines(lines_for(self._session, run, document, split))
        self.kept.setText(document.sentence("kept_because"))
        self.caution.setText(caution(self._session, run, document, split) or _other_decision(run, document, split))
        self.caution.setVisible(bool(self.caution.text()))
        self.stopped.setText(document.sentence("stopped_because"))
        told = (document.sentence(key) for key in ("made_whole", "forgetting"))
        self.forgotten.setText(" ".join(filter(None, told)))
        self.forgotten.setVisible(bool(self.forgotten.text()))


def _what(split: str) -> str:
    if split == Split.TEST.value:
        return name_rows(tr("Right answers on {rows} {split} rows it had never seen"))
    return name_rows(tr("Right answers on {rows} {split} rows"))


def _other_decision(run: RunSummary, document: RunDocument, split: str) -> str:
    """Return the sentence that a threshold was chosen since these figures were made; empty where none was."""
    try:
        decision = read_decision(run.layout)
    except StudioError:
        return ""
    if decision.no_answer_margin:
        return tr("These figures are of what is likelier, an answer or none. What the choice does is under Quality.")
    measured = document.thresholds(split)
    if measured is not None and measured != decision.thresholds:
        return tr(
            "These figures are of the thresholds that validation chose. What the ones chosen since do is under Quality."
        )
    if not decision.has_threshold(document.labels(split)):
        return ""
    return tr("These figures are of the likeliest label. What the chosen threshold does is under Quality.")
