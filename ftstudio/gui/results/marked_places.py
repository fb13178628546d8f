"""Samples of a run that marks places: the texts with most mistakes first, each with what is right, wrong and missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.errors import StudioError
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, number, tr, tr_plural
from ftstudio.datasets.store import Dataset
from ftstudio.gui import theme
from ftstudio.gui.forms.editors import QuietCombo
from ftstudio.gui.operations import Operations
from ftstudio.gui.results.splits import visible_splits
from ftstudio.gui.results.view import ResultView, Wanted
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.samples.marked_text import MarkedContent
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.labels import caption
from ftstudio.planning.box_answers import BoxAnswer
from ftstudio.planning.span_answers import SpanAnswer, read_span_answers
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout
from ftstudio.project.runs import RunSummary

LIST_WIDTH = 340
LONGEST = 120


class JudgedSample(Protocol):
    """One row as the list shows it: its number in the source, its text, and how many mistakes were made."""

    @property
    def row(self) -> int: ...  # noqa: D102

    @property
    def text(self) -> str: ...  # noqa: D102

    @property
    def mistakes(self) -> int: ...  # noqa: D102


class MarkedPlacesView(ResultView):
    """Choices on top, the list left, the chosen text large at the right."""

    key = "samples"
    title = N_("Samples")
    order = 20
    answers = "spans"

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(session, operations)
        self._shown: tuple[str, ...] | None = None
        self._all: list[JudgedSample] = []
        self.chosen: list[JudgedSample] = []
        self.kind, self.which = QuietCombo(), QuietCombo()
        self.kind.setAccessibleName(tr("Kind of place"))
        self.which.setAccessibleName(tr("Right or wrong"))
        for words, value in ((tr("With mistakes first"), ""), (tr("Only with mistakes"), "mistakes")):
            self.which.addItem(words, value)
        self.counted = caption("")
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Texts"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.place = caption("")
        self.content = MarkedContent()
        self.failed = EmptyState("warning", "", "")
        for combo in (self.kind, self.which):
            combo.activated.connect(lambda _: self._choose())
        self.list.currentRowChanged.connect(self._show_row)
        self._build()

    def _build(self) -> None:
        self.head = QHBoxLayout()
        self.head.setSpacing(theme.S)
        for widget in (self.which, self.kind, self.counted):
            self.head.addWidget(widget)
        self.head.addStretch(1)
        card = Card()
        card.add(self.place)
        card.body.addWidget(self.shown_in(), 1)
        body = QSplitter(Qt.Orientation.Horizontal)
        body.setChildrenCollapsible(False)
        body.setHandleWidth(theme.L)
        body.addWidget(self.list)
        body.addWidget(card)
        body.setStretchFactor(1, 1)
        body.setSizes([LIST_WIDTH, 2 * LIST_WIDTH])
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addLayout(self.head)
        column.addWidget(body, 1)
        self._pages = QStackedWidget()
        for page in (content, self.failed):
            self._pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    def show_result(self, run: RunSummary, document: RunDocument, split: str) -> None:
        """Show the texts of a split, read in the background when the run or the data is another one than before."""
        dataset = self.session.dataset
        if dataset is None or split not in visible_splits(self.session, run, document):
            self._fail(tr("There are no samples to show."), tr("The project has no data, or its rows are sealed."))
            return
        shown = (run.id, dataset.fingerprint, split, _decided(run.layout))
        if shown == self._shown:
            return
        self._shown = shown
        self.counted.setText(tr("Reading…"))
        self.operations.run(
            lambda: self.read(run.layout, dataset, Split(split)),
            title=tr("Reading the answers"),
            on_success=lambda found: self._take(shown, found),
            on_failure=lambda error: self._refuse(shown, error),
        )

    def read(self, run: RunLayout, dataset: Dataset, split: Split) -> Sequence[JudgedSample]:
        """Return the answers to the rows of a split; raises `InputError`."""
        return read_span_answers(run, dataset, split)

    def shown_in(self) -> QWidget:
        """Return where a sample is shown."""
        return self.content

    def show_sample(self, sample: JudgedSample | None) -> None:
        """Show a sample; None where none fits."""
        if isinstance(sample, SpanAnswer):
            self.content.show_judged(sample.text, sample.judged)
        else:
            self.content.show_judged("", [])

    def fits(self, sample: JudgedSample) -> bool:
        """Whether a sample is among those that are asked for."""
        only = self.which.currentData() == "mistakes"
        return _has(sample, self.kind.currentData() or "") and bool(sample.mistakes or not only)

    def count(self, samples: int) -> str:
        """Return how many samples there are, and `{wrong}` for how many of them have mistakes."""
        return tr_plural("One text, {wrong} with mistakes", "{count} texts, {wrong} with mistakes", samples)

    def line(self, sample: JudgedSample) -> str:
        """Return a sample on one line, with how many mistakes it has."""
        words = " ".join(sample.text[: 2 * LONGEST].split())[:LONGEST]
        return f"{'✓' if not sample.mistakes else f'✗ {sample.mistakes}'}  {words}"

    def _take(self, shown: tuple[str, ...], found: Sequence[JudgedSample]) -> None:
        if shown != self._shown:
            return
        self._all = list(found)
        before = self.kind.currentData()
        self.kind.clear()
        self.kind.addItem(tr("Any kind"), "")
        spans = [one for one in found if isinstance(one, SpanAnswer | BoxAnswer)]
        for kind in sorted({one.label for answer in spans for _, one in answer.judged}):
            self.kind.addItem(kind, kind)
        self.kind.setCurrentIndex(max(0, self.kind.findData(before)))
        self._pages.setCurrentIndex(0)
        self._choose()

    def _refuse(self, shown: tuple[str, ...], error: object) -> None:
        if shown != self._shown:
            return
        known = isinstance(error, StudioError)
        hint = error.hint.render() if isinstance(error, StudioError) and error.hint else ""
        self._fail(error.message.render() if isinstance(error, StudioError) and known else str(error), hint)

    def _fail(self, message: str, hint: str) -> None:
        self._shown = None
        self.failed.say(message, hint)
        self._pages.setCurrentIndex(1)

    def look_for(self, wanted: Wanted) -> None:
        """Show only texts that have a kind of place."""
        self.kind.setCurrentIndex(max(0, self.kind.findData(wanted.truth or wanted.predicted)))
        self._choose()
        self.list.setFocus()

    def _choose(self) -> None:
        fitting = [one for one in self._all if self.fits(one)]
        self.chosen = sorted(fitting, key=lambda one: -one.mistakes)
        self.list.clear()
        for one in self.chosen:
            item = QListWidgetItem(self.line(one))
            item.setSizeHint(QSize(0, theme.ROW))  # as wide as the list, so that its end is elided
            self.list.addItem(item)
        wrong = sum(bool(one.mistakes) for one in self.chosen)
        words = self.count(len(self.chosen))
        self.counted.setText(words.format(count=number(len(self.chosen)), wrong=number(wrong)))
        self.list.setCurrentRow(0 if self.chosen else -1)
        if not self.chosen:
            self.place.setText(tr("Nothing fits what was chosen above."))
            self.show_sample(None)

    def _show_row(self, row: int) -> None:
        if 0 <= row < len(self.chosen):
            one = self.chosen[row]
            self.place.setText(tr("Row {number}").format(number=number(one.row)))
            self.show_sample(one)


def _decided(run: RunLayout) -> str:
    """Return how a run decides, as one word; what is damaged is told by whoever reads its answers."""
    try:
        return read_decision(run).model_dump_json()
    except StudioError:
        return ""


def _has(sample: JudgedSample, kind: str) -> bool:
    return not kind or (isinstance(sample, SpanAnswer | BoxAnswer) and sample.has(kind))
