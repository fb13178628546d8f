"""Results: how good the kept model is on rows it never saw, beside simple answers, and where it goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.quantities import byte_size, duration, rate, score
from ftstudio.core.translation import N_, number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.confusion import ConfusionMatrix
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.baselines import BaselinesPanel, caution, lines_for
from ftstudio.gui.panels.doctor_banner import DoctorBanner
from ftstudio.gui.run_document import RunDocument, split_title
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import Segmented, button
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.labels import NumberLabel, big, caption, label, muted, section
from ftstudio.gui.widgets.number_table import NumberTable
from ftstudio.gui.widgets.page import PageFrame, scrolled
from ftstudio.project.runs import RunSummary

_FIGURES: dict[str, tuple[str, Callable[[Any], str]]] = {
    "steps": (N_("steps"), lambda value: number(int(value))),
    "seconds": (N_("training time"), duration),
    "samples_per_second": (N_("speed"), rate),
    "peak_memory_bytes": (N_("memory at most"), byte_size),
    "training_rows": (N_("training rows"), lambda value: number(int(value))),
    "device": (N_("on"), str),
}


NARROW = 1000
SCORES_WIDTH = 316
RUNS_WIDTH = 300
LEAST_HEIGHT = 380


class ResultsPage(PageFrame):
    """The result of one run."""

    key = "results"
    title = N_("Results")
    icon = "results"
    order = 50

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr("Results"))
        self._session = session
        self.split = ""
        self.runs = QComboBox()
        self.runs.setAccessibleName(tr("Run"))
        self.runs.setFixedWidth(RUNS_WIDTH)
        self.runs.activated.connect(self._choose_run)
        self.header.addWidget(self.runs)
        self.header.addWidget(
            button(tr("Export…"), "primary", icon="export", clicked=lambda: session.stage_requested.emit("export"))
        )
        self.stack = QStackedWidget()
        self.empty = EmptyState(
            "results",
            tr("There is no result yet."),
            tr("The first finished run puts its score, its mistakes and its kept model here."),
            button(tr("Go to training"), "primary", clicked=lambda: session.stage_requested.emit("train")),
        )
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._content())
        self.body.addWidget(self.stack, 1)
        session.runs_changed.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        self.refresh()

    def _content(self) -> QWidget:
        holder = QWidget()
        self._column = QVBoxLayout(holder)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.L)
        self._column.addWidget(self._headline_card())
        self.doctor = DoctorBanner(self._session)
        self._column.addWidget(self.doctor)
        self._below = QHBoxLayout()
        self._below.setSpacing(theme.L)
        self.matrix = ConfusionMatrix()
        self.matrix.setMinimumHeight(LEAST_HEIGHT)
        self._scores = self._metrics_card()
        self._below.addWidget(self._classes_card(), 1)
        self._below.addWidget(self.matrix, 1)
        self._below.addWidget(self._scores)
        self._column.addLayout(self._below, 1)
        return scrolled(holder)

    def _headline_card(self) -> Card:
        card = Card()
        self.what, self.score, self.interval = caption(), big(), caption()
        self.baselines = BaselinesPanel()
        self.kept, self.stopped = label("", wrap=True), muted("")
        self.caution = label("", "warning", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(theme.XXL)
        stack = QVBoxLayout()
        stack.setSpacing(0)
        stack.addWidget(self.what)
        stack.addWidget(self.score)
        stack.addWidget(self.interval)
        stack.addStretch(1)
        row.addLayout(stack)
        row.addWidget(self.baselines)
        words = QVBoxLayout()
        words.setSpacing(theme.XS)
        words.addStretch(1)
        words.addWidget(self.kept)
        words.addWidget(self.stopped)
        words.addWidget(self.caution)
        words.addStretch(1)
        row.addLayout(words, 1)
        card.body.addLayout(row)
        return card

    def _metrics_card(self) -> Card:
        card = Card(tr("Scores"))
        headers = [tr("metric"), tr("validation"), tr("test")]
        self.metrics = NumberTable(tr("Scores on validation and test rows"), headers, sortable=False)
        self.figures = QVBoxLayout()
        self.figures.setSpacing(theme.XS)
        card.add(self.metrics)
        card.body.addSpacing(theme.M)
        card.body.addWidget(section(tr("The run")))
        card.body.addLayout(self.figures)
        card.body.addStretch(1)
        return card

    def _classes_card(self) -> Card:
        card = Card(tr("By label"))
        splits = {"test": split_title("test"), "validation": split_title("validation")}
        self.splits = Segmented(splits, "test", tr("Rows"))
        self.splits.changed.connect(self._choose_split)
        card.heading.addWidget(self.splits)
        headers = [tr("label"), tr("rows"), tr("precision"), tr("recall"), "F1"]
        self.classes = NumberTable(tr("Scores by label"), headers)
        card.body.addWidget(self.classes, 1)
        return card

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the scores stand below, one scroll away."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self._scores.setMinimumWidth(SCORES_WIDTH)
        self._scores.setMaximumWidth(16_777_215 if narrow else SCORES_WIDTH)
        (self._column if narrow else self._below).addWidget(self._scores)

    def _choose_run(self, at: int) -> None:
        self._session.show_run(self.runs.itemData(at))

    def _choose_split(self, split: str) -> None:
        self.split = split
        self.refresh()

    def refresh(self) -> None:
        """Show the chosen run."""
        run = self._session.run()
        shown = run is not None and run.report is not None
        self.stack.setCurrentIndex(1 if shown else 0)
        self.runs.setVisible(shown)
        if run is None or run.report is None:
            return
        self._list_runs(run.id)
        document = RunDocument(run.report.document)
        splits = document.splits()
        split = self.split if self.split in splits else next(iter(splits), "validation")
        for key in ("test", "validation"):
            self.splits.set_choice_enabled(key, key in splits)
        self.splits.choose(split)
        self._show_headline(run, document, split)
        self.doctor.show_verdict(document.verdict(), run.id)
        self._show_metrics(document)
        self._show_classes(document, split)
        self.matrix.show_matrix(document.labels(split), document.confusion(split))

    def _list_runs(self, chosen: str) -> None:
        self.runs.clear()
        with_result = [run for run in self._session.runs if run.report is not None]
        for run in with_result:
            at = len(self._session.runs) - self._session.runs.index(run)
            words = tr("Run {number}: {name}").format(number=at, name=run.name)
            self.runs.addItem(words, run.id)
            self.runs.setItemData(self.runs.count() - 1, words, Qt.ItemDataRole.ToolTipRole)
        self.runs.setCurrentIndex(max(0, self.runs.findData(chosen)))
        self.runs.setToolTip(self.runs.currentText())

    def _show_headline(self, run: RunSummary, document: RunDocument, split: str) -> None:
        shown = document.headline(self._session.task, split)
        self.what.setText(
            tr("Right answers on {rows} {split} rows it had never seen").format(
                rows=shown.rows, split=shown.split_title
            )
        )
        self.score.setText(shown.value)
        self.interval.setText(shown.interval)
        self.baselines.show_lines(lines_for(self._session, run, document, split))
        self.kept.setText(document.sentence("kept_because"))
        self.caution.setText(caution(self._session, run, document, split))
        self.caution.setVisible(bool(self.caution.text()))
        self.stopped.setText(document.sentence("stopped_because"))

    def _show_metrics(self, document: RunDocument) -> None:
        titles = {metric.key: tr(metric.title) for metric in self._session.task.metrics} if self._session.task else {}
        validation, test = document.metrics("validation"), document.metrics("test")
        keys = [key for key in titles if key in validation or key in test]
        keys += [key for key in validation if key not in keys]

        def cell(value: float | None) -> tuple[str, object]:
            return (score(value), value) if value is not None else ("–", 0.0)

        self.metrics.show_rows(
            [[(titles.get(key, key), key), cell(validation.get(key)), cell(test.get(key))] for key in keys]
        )
        self.metrics.fit_height()
        empty(self.figures)
        for key, value in document.figures().items():
            title, write = _FIGURES[key]
            self.figures.addWidget(NumberLabel(tr(title), write(value)))

    def _show_classes(self, document: RunDocument, split: str) -> None:
        self.classes.show_rows(
            [
                [
                    (row.label, row.label),
                    (number(row.rows), row.rows),
                    *((score(value), value) for value in (row.precision, row.recall, row.f1)),
                ]
                for row in document.classes(split)
            ]
        )
