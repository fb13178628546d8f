"""Samples: the rows of a result one by one, the most telling first, each with the reasons for its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.errors import InputError
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, tr, tr_plural
from ftstudio.datasets import edits
from ftstudio.datasets.store import Dataset
from ftstudio.datasets.view import View
from ftstudio.gui import theme
from ftstudio.gui.explaining import Explaining
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.sample_filters import SampleFilters
from ftstudio.gui.results.splits import visible_splits
from ftstudio.gui.results.view import ResultView, Wanted
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.samples.sample_view import SampleView
from ftstudio.gui.samples.why import WhyPanel
from ftstudio.gui.session import Session
from ftstudio.gui.tables.answer_list import AnswerList
from ftstudio.gui.tables.answer_rows import AnswerRows
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.labels import label
from ftstudio.gui.widgets.page import scrolled
from ftstudio.planning.answers import Answers, read_answers
from ftstudio.planning.sample_choice import Texts, choose, count_wrong, measure, positions_in
from ftstudio.project.runs import RunSummary

LIST_WIDTH = 340
LEAST_LIST, LEAST_SAMPLE = 260, 440


class SamplesView(ResultView):
    """Choices on top, the list left, the chosen sample large at the right."""

    key = "samples"
    title = N_("Samples")
    order = 20
    answers = "label"

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(session, operations)
        self._run: RunSummary | None = None
        self._split = Split.VALIDATION
        self._source: _Source | None = None
        self._rows: AnswerRows | None = None
        self.filters, self.list = SampleFilters(), AnswerList()
        self.filters.changed.connect(self._choose)
        self.list.selectionModel().currentChanged.connect(lambda now, _: self._show_row(now.row()))
        self.changed_data = label("", "warning", wrap=True)
        self.none_fit = EmptyState("search", tr("No sample fits."), tr("Choose fewer restrictions, or show all."))
        self.failed = EmptyState("warning", "", "")
        self.sample, self.why = SampleView("text"), WhyPanel(SampleView("text"))
        self.explaining = Explaining(session, operations)
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._pages = QStackedWidget()
        column.addWidget(self._pages)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.M)
        inner.addWidget(self.filters)
        inner.addWidget(self.changed_data)
        self._card = Card()
        self._below = QStackedWidget()
        body = QSplitter(Qt.Orientation.Horizontal)
        body.setChildrenCollapsible(False)
        body.setHandleWidth(theme.L)
        self.list.setMinimumWidth(LEAST_LIST)
        self._card.setMinimumWidth(LEAST_SAMPLE)
        body.addWidget(self.list)
        body.addWidget(self._card)
        body.setStretchFactor(1, 1)
        body.setSizes([LIST_WIDTH, 2 * LIST_WIDTH])
        for widget in (body, self.none_fit):
            self._below.addWidget(widget)
        inner.addWidget(self._below, 1)
        for page in (content, self.failed):
            self._pages.addWidget(page)

    def show_result(self, run: RunSummary, document: RunDocument, split: str) -> None:
        """Show the samples of a split, read when the run or the data is another one than before."""
        visible = visible_splits(self.session, run, document)
        self._run, self._split = run, Split(split)
        if self.session.dataset is None or split not in visible:
            self._fail(tr("There are no samples to show."), tr("The project has no data, or its rows are sealed."))
            return
        try:
            self._read(run, self.session.dataset)
        except InputError as error:
            self._fail(error.message.render(), error.hint.render() if error.hint else "")
            return
        self._pages.setCurrentIndex(0)
        self._choose()

    def look_for(self, wanted: Wanted) -> None:
        """Show only the samples of a cell of the confusion matrix."""
        self.filters.look_for(wanted.truth, wanted.predicted)
        self._choose()
        self.list.setFocus()

    def _fail(self, message: str, hint: str) -> None:
        self._source = None
        self.failed.say(message, hint)
        self._pages.setCurrentIndex(1)

    def _read(self, run: RunSummary, dataset: Dataset) -> None:
        """Read answers and texts unless they are there; what is asked for by hand stays."""
        key = (run.id, dataset.fingerprint, run.layout.decision.exists() and run.layout.decision.stat().st_mtime_ns)
        if self._source is not None and self._source.key == key:
            return
        answers = read_answers(run.layout, dataset, edited=True)
        view = dataset.view_before(answers.later)
        self._source = _Source(key, answers, view, measure(view, positions_in(view, answers)))
        count = len(answers.later)
        self.changed_data.setText(
            tr_plural(
                "The data was changed once since this run. Rows and labels are shown as they were then.",
                "The data was changed {count} times since this run. Rows and labels are shown as they were then.",
                count,
            ).format(count=count)
        )
        self.changed_data.setVisible(bool(count))
        self.filters.offer(answers.labels, self._source.texts)
        self._make_sample_view()

    def _make_sample_view(self) -> None:
        while (item := self._card.body.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.sample = SampleView(self.session.task.sample_view if self.session.task else "text")
        self.why = WhyPanel(self.sample)
        self.why.asked.connect(self._ask)
        self.why.cancelled.connect(self._cancel)
        self.sample.add_below(self.why)
        self._card.body.addWidget(scrolled(self.sample), 1)

    def _choose(self) -> None:
        """Find and order the samples that fit, and show the first."""
        source = self._source
        if source is None or self.session.dataset is None:
            return
        choice = self.filters.choice(self._split)
        chosen = choose(source.answers, choice, source.texts, source.fitting(choice.contains))
        self._rows = AnswerRows(source.answers, source.view, chosen)
        self.list.answers.show_rows(self._rows, self.session.dataset.folder)
        total = int(source.answers.of(self._split).sum())
        self.filters.say_count(len(chosen), count_wrong(source.answers, chosen), total)
        self._below.setCurrentIndex(0 if len(chosen) else 1)
        if len(chosen):
            self.list.setCurrentIndex(self.list.answers.index(0))

    def _show_row(self, row: int) -> None:
        if self._rows is None or self.session.dataset is None or not 0 <= row < len(self._rows):
            return
        shown = self._rows.shown(row)
        self.sample.show_sample(shown, self.session.dataset.folder)
        self.why.offer(self._rows.answers.labels, shown.prediction)
        known = self.explaining.known(self._key(row, shown.prediction))
        if known is not None:
            self.why.show_explanation(known)
        elif self.explaining.working_on(self._key(row, shown.prediction)):
            self.why.say_working(tr("Looking for the reasons…"))

    def _key(self, row: int, label: str) -> tuple[str, int, str]:
        assert self._rows is not None and self._run is not None
        return self._run.id, int(self._rows.answers.place[self._rows.chosen[row]]), label

    def _ask(self, label: str) -> None:
        """Have the sample on show explained; the answer may come when another one is on show."""
        row = self.list.currentIndex().row()
        if self._rows is None or self._run is None or self.session.dataset is None or row < 0:
            return
        key, shown = self._key(row, label), self._rows.shown(row)
        known = self.explaining.known(key)
        if known is not None:
            self.why.show_explanation(known)
            return
        if shown.picture:
            what: dict[str, Any] = {"file": str(self.session.dataset.folder / shown.picture)}
        else:
            what = dict(zip(("text", "pair"), self._rows.texts(row), strict=False))
        self.why.clear()
        self.why.say_working(tr("Starting…"))
        self.explaining.ask(
            key,
            {"run": self._run.id, "label": label, **what},
            on_success=self._when_shown(key, self.why.show_explanation),
            on_failure=self._when_shown(key, lambda words: self.why.say_failed(*words)),
            on_progress=self._when_shown(key, self.why.say_working),
        )

    def _when_shown(self, key: tuple[str, int, str], do: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return `do`, which is done only while the sample it is about is on show."""

        def perhaps(value: Any) -> None:
            row = self.list.currentIndex().row()
            if self._rows is not None and 0 <= row < len(self._rows) and self._key(row, key[2]) == key:
                do(value)

        return perhaps

    def _cancel(self) -> None:
        self.explaining.cancel()
        self.why.clear()


class _Source:
    """What was read for one run: its answers, the rows they are of, and how long those are."""

    def __init__(self, key: object, answers: Answers, view: View, texts: Texts | None) -> None:
        self.key, self.answers, self.view, self.texts = key, answers, view, texts

    def fitting(self, words: str) -> NDArray[np.bool_] | None:
        """Return which answers are to rows with some words in them; None without words."""
        if not words:
            return None
        found: NDArray[np.bool_] = edits.contains(self.view, words)[positions_in(self.view, self.answers)]
        return found
