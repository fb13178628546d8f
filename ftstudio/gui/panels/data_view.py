"""A project's imported data on one sheet: counts on top, rows left, report right, pictures of it below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core import catalog
from ftstudio.core.problems import Problem
from ftstudio.core.row_words import name_rows
from ftstudio.core.samples import Shown
from ftstudio.core.specs import Answer, ColumnRole, TaskSpec
from ftstudio.core.translation import tr
from ftstudio.datasets.store import Dataset
from ftstudio.gui import theme
from ftstudio.gui.panels.data_browser import DataBrowser
from ftstudio.gui.panels.data_charts import DataCharts
from ftstudio.gui.panels.data_report import DataReport
from ftstudio.gui.panels.doubt_choices import CHOICES
from ftstudio.gui.panels.label_kind import LabelKind
from ftstudio.gui.panels.split_strip import SplitStrip
from ftstudio.gui.samples.sample_view import SampleView
from ftstudio.gui.tables.roles import offered_roles, with_role
from ftstudio.gui.widgets.buttons import Segmented, button
from ftstudio.gui.widgets.card import Card

SIDE_WIDTH = 312


class DataView(QWidget):
    """The sheet. `fix_asked(Problem)`, `roles_changed(object)`, `kind_changed(Answer)`, `replace_asked()`,
    `labels_asked()`, `boxes_asked()`, `row_shown(int)` with the number of the row that is selected.
    """

    fix_asked = Signal(object)
    replace_asked = Signal()
    labels_asked = Signal()
    boxes_asked = Signal()
    kind_changed = Signal(object)
    roles_changed = Signal(object)
    row_shown = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self.strip, self.browser, self.charts = SplitStrip(), DataBrowser(), DataCharts()
        self.report = DataReport()
        self.sample = SampleView("text")
        self.replace_button = button(tr("Replace data…"), icon="refresh", clicked=self.replace_asked.emit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        top = QHBoxLayout()
        top.setSpacing(theme.XL)
        top.addWidget(self.strip, 1)
        self.labels_button = button(tr("Find wrong labels…"), icon="search", clicked=self.labels_asked.emit)
        self.boxes_button = button(tr("Correct boxes…"), icon="image", clicked=self.boxes_asked.emit)
        top.addWidget(self.labels_button)
        top.addWidget(self.boxes_button)
        top.addWidget(self.replace_button)
        column.addLayout(top)
        self.kind = LabelKind()
        self.kind.changed.connect(self.kind_changed)
        column.addWidget(self.kind)
        column.addWidget(self._body(), 1)
        self.report.show_asked.connect(self.show_problem)
        self.report.fix_asked.connect(self.fix_asked)
        self.browser.opened.connect(self._show_sample)
        self.browser.grid.opened.connect(lambda _: self.boxes_asked.emit())
        self.browser.role_chosen.connect(self._role_chosen)

    def _body(self) -> QSplitter:
        left = QSplitter(Qt.Orientation.Vertical)
        left.setChildrenCollapsible(False)
        left.setHandleWidth(theme.M)
        left.addWidget(self.browser)
        left.addWidget(self.charts)
        self.charts.setMinimumHeight(148)
        left.setMinimumWidth(420)
        left.setStretchFactor(0, 3)
        left.setStretchFactor(1, 1)
        left.setSizes([420, 190])
        body = QSplitter(Qt.Orientation.Horizontal)
        body.setChildrenCollapsible(False)
        body.setHandleWidth(theme.L)
        body.addWidget(left)
        body.addWidget(self._side())
        body.setStretchFactor(0, 1)
        body.setSizes([800, SIDE_WIDTH])
        return body

    def _side(self) -> QWidget:
        side = QWidget()
        side.setMinimumWidth(284)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        self.tabs = Segmented({"report": tr("Report"), "row": tr("Selected row")}, "report", tr("Shown at the side"))
        self._side_stack = QStackedWidget()
        row_card = Card(margin=theme.M)
        row_card.add(self.sample)
        self._row_card = row_card
        self._side_stack.addWidget(self.report)
        self._side_stack.addWidget(row_card)
        self.tabs.changed.connect(self._show_side)
        column.addWidget(self.tabs)
        column.addWidget(self._side_stack, 1)
        return side

    def _show_side(self, key: str) -> None:
        self._side_stack.setCurrentIndex(0 if key == "report" else 1)

    def show_dataset(self, dataset: Dataset, task: TaskSpec, *, may_change: bool = True) -> None:
        """Show a data set of a task; unless it may be changed, the meaning of its columns is fixed."""
        self._dataset = dataset
        self.tabs.rename("row", name_rows(tr("Selected row")))
        before, self.sample = self.sample, SampleView(task.sample_view)
        self._row_card.body.replaceWidget(before, self.sample)
        before.hide()
        before.deleteLater()
        self.labels_button.setVisible(task.answer in CHOICES)
        self.boxes_button.setVisible(task.answer is Answer.BOXES)
        usual: TaskSpec = catalog.tasks().spec(task.key)
        self.kind.show_kind(usual if task.answer in usual.answers else None, task.answer, may_change=may_change)
        self.strip.show_counts(dataset.counts())
        self.browser.show_dataset(dataset, offered_roles(task) if may_change else ())
        self.charts.show_dataset(dataset)
        self.report.say_checking()

    def show_problem(self, problem: Problem) -> None:
        """Show the rows that a finding is about."""
        self.browser.show_rows(problem.rows, str(problem.message))

    def _role_chosen(self, column: str, role: ColumnRole | None) -> None:
        if self._dataset is not None:
            self.roles_changed.emit(with_role(self._dataset.roles, column, role))

    def _show_sample(self, shown: Shown) -> None:
        if self._dataset is not None:
            self.sample.show_sample(shown, self._dataset.folder)
            self.row_shown.emit(shown.row)

    def put_below_row(self, widget: QWidget) -> None:
        """Put something below the selected row."""
        self._row_card.add(widget)
