"""Which of the chosen runs is better on the same rows, in sentences, with the figures they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.quantities import percent, score
from ftstudio.core.row_words import name_rows
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.operations import Operations
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.feedback import Banner
from ftstudio.gui.widgets.labels import caption, muted
from ftstudio.gui.widgets.number_table import NumberTable
from ftstudio.gui.widgets.page import scrolled
from ftstudio.planning.run_comparison import MOST, TITLES, Comparison, Pair, compare_runs
from ftstudio.planning.same_rows import SPLIT_NAMES
from ftstudio.project.runs import RunSummary


class RunVerdict(QWidget):
    """Compares runs in the background and says what came of it."""

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session, self._operations = session, operations
        self._asked: tuple[Any, ...] = ()
        self.sentences: list[str] = []
        self.hint = muted("")
        holder = QWidget()
        self._column = QVBoxLayout(holder)
        self._column.setContentsMargins(0, 0, theme.S, 0)
        self._column.setSpacing(theme.S)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.hint)
        self.stack.addWidget(scrolled(holder))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def show_runs(self, runs: Sequence[RunSummary]) -> None:
        """Compare these runs, unless that was just done."""
        project, data = self._session.project, self._session.dataset
        ended = [(run.id, run.name, run.status.ended) for run in runs]
        asked = (*ended, data.fingerprint if data is not None else None)
        if asked == self._asked and self._asked:
            return
        self._asked = asked
        if not 2 <= len(runs) <= MOST or project is None or data is None:
            self._say(tr("Choose two to {most} runs in the table to compare their answers.").format(most=MOST))
            return
        self._say(tr("Comparing…"))
        layout, chosen = project.layout, list(runs)
        self._operations.run(
            lambda: compare_runs(layout, data, chosen),
            title=tr("Comparing runs"),
            on_success=lambda found: self._show(asked, found),
            on_failure=lambda error: self._refuse(asked, error),
        )

    def forget(self) -> None:
        """Compare again the next time, because what may be shown has changed."""
        self._asked = ()

    def _say(self, words: str) -> None:
        self.sentences = []
        self.hint.setText(words)
        self.stack.setCurrentIndex(0)

    def _refuse(self, asked: tuple[Any, ...], error: Any) -> None:
        if asked != self._asked:
            return
        empty(self._column)
        self.sentences = [str(getattr(error, "message", error))]
        self._column.addWidget(Banner(self.sentences[0], "warning", str(getattr(error, "hint", None) or "")))
        self._column.addStretch(1)
        self.stack.setCurrentIndex(1)

    def _show(self, asked: tuple[Any, ...], found: Comparison) -> None:
        if asked != self._asked:
            return
        empty(self._column)
        self.sentences = [pair.sentence.render() for pair in found.pairs]
        for pair, words in zip(found.pairs, self.sentences, strict=True):
            self._column.addWidget(Banner(words, "success" if pair.better is not None else "note", _evidence(pair)))
        self._column.addWidget(_scores(found))
        for one in found.cautions:
            self._column.addWidget(caption(one.render(), wrap=True))
        self._column.addStretch(1)
        self.stack.setCurrentIndex(1)


def _evidence(pair: Pair) -> str:
    """Return the counts behind a sentence; there are none where all answers are the same."""
    paired = pair.paired
    if paired.alike == paired.rows:
        return ""
    return tr(
        "Rows that only “{first}” gets right: {left}; only “{second}”: {right}. Chance alone divides them so unevenly "
        "with probability {p} (McNemar, exact). Intervals hold with {level} certainty."
    ).format(
        first=pair.first.name,
        second=pair.second.name,
        left=number(paired.only_first),
        right=number(paired.only_second),
        p=number(paired.p_value),
        level=percent(paired.level, 0 if paired.level == 0.95 else 1),
    )


def _scores(found: Comparison) -> NumberTable:
    metrics = list(found.values[0])
    heading = name_rows(tr("On {rows} {split} rows")).format(
        rows=number(found.rows), split=tr(SPLIT_NAMES[found.split])
    )
    table = NumberTable(name_rows(tr("Scores on the same rows")), [heading, *(tr(TITLES[key]) for key in metrics)])
    table.show_rows(
        [
            [(run.name, run.name), *((score(values[key]), values[key]) for key in metrics)]
            for run, values in zip(found.runs, found.values, strict=True)
        ]
    )
    table.fit_height()
    return table
