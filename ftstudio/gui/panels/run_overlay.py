"""The curves of the chosen runs over each other: one chart a metric, read from their journals in the background."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.curves import RunCurves
from ftstudio.gui.charts.legend import Legend
from ftstudio.gui.charts.overlay_chart import MOST, Line, OverlayChart
from ftstudio.gui.forms.editors import QuietCombo
from ftstudio.gui.operations import Operations
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import Segmented
from ftstudio.project.runs import RunSummary

MOST_KEPT = 40
LONGEST_NAME = 24


class RunOverlay(QWidget):
    """Shows up to `MOST` runs, in the order they were begun."""

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session, self._operations = session, operations
        self._runs: list[RunSummary] = []
        self._known: dict[Path, tuple[tuple[int, int], RunCurves]] = {}
        self.score = OverlayChart(tr("Score on validation rows"), "validation", "macro_f1")
        self.loss = OverlayChart(tr("Loss on validation rows"), "validation", "loss")
        self.training = OverlayChart(tr("Training loss"), "train", "loss")
        self.rate = OverlayChart(tr("Learning rate"), "train", "learning_rate", write=number)
        self.rate.mark_best = self.training.mark_best = False
        self.charts = (self.score, self.loss, self.training, self.rate)
        self.legend = Legend()
        self.pictures = QStackedWidget()
        self.pictures.addWidget(_side_by_side(self.score, self.loss))
        self.pictures.addWidget(_side_by_side(self.training, self.rate))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.legend)
        column.addWidget(self.pictures, 1)
        self.controls = self._choices()
        theme.notifier().changed.connect(self._draw)

    def _choices(self) -> QWidget:
        """Return what chooses charts and axis; whoever holds this view finds a place for it."""
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        views = {"validation": tr("Validation"), "training": tr("Training")}
        bottoms = {"step": tr("Steps"), "epoch": tr("Epochs"), "seconds": tr("Time")}
        self.view = Segmented(views, "validation", tr("Charts"))
        self.axis = QuietCombo()
        self.axis.setAccessibleName(tr("Along the bottom"))
        for key, words in bottoms.items():
            self.axis.addItem(words, key)
        self.view.changed.connect(lambda key: self.pictures.setCurrentIndex(list(views).index(key)))
        self.axis.activated.connect(lambda at: self._set_axis(self.axis.itemData(at)))
        row.addWidget(self.view)
        row.addWidget(self.axis)
        return holder

    def show_runs(self, runs: Sequence[RunSummary]) -> None:
        """Draw these runs, as soon as their journals are read."""
        self._runs = list(runs[:MOST])
        self._follow_metric()
        wanted = {run.layout.metrics: _version(run.layout.metrics) for run in self._runs}
        missing = [path for path, version in wanted.items() if self._version_known(path) != version]
        if not missing:
            self._draw()
            return

        def read() -> dict[Path, tuple[tuple[int, int], RunCurves]]:
            return {path: (wanted[path], RunCurves.read(path)) for path in missing}

        self._operations.run(read, title=tr("Reading the curves"), on_success=self._take)

    def _version_known(self, path: Path) -> tuple[int, int] | None:
        known = self._known.get(path)
        return known[0] if known is not None else None

    def _take(self, found: dict[Path, tuple[tuple[int, int], RunCurves]]) -> None:
        self._known |= found
        shown = {run.layout.metrics for run in self._runs}
        for path in list(self._known)[:-MOST_KEPT]:
            if path not in shown:
                del self._known[path]
        self._draw()

    def _follow_metric(self) -> None:
        """Draw the metric that the first of the runs was monitored by."""
        task = self._session.task
        request = self._runs[0].request if self._runs else None
        if task is None:
            return
        wanted = str(request.settings.get("monitor", task.monitor)) if request is not None else task.monitor
        key = wanted if wanted in {metric.key for metric in task.metrics} and wanted != "loss" else task.monitor
        metric = task.metric(key)
        title = tr("{metric} on validation rows").format(metric=tr(metric.title))
        self.score.follow(metric.key, title, metric.show, higher_is_better=metric.higher_is_better)

    def _draw(self) -> None:
        lines = [
            Line(run.name, self._known[run.layout.metrics][1], at)
            for at, run in enumerate(self._runs)
            if run.layout.metrics in self._known
        ]
        names = [(self._with_best(line), line.colour) for line in lines]
        self.legend.show_names(names, [line.dash for line in lines])
        for chart in self.charts:
            chart.show_lines(lines)

    def _with_best(self, line: Line) -> str:
        """Return the name of a run, cut to what fits, and its best score."""
        name = line.name if len(line.name) <= LONGEST_NAME else line.name[: LONGEST_NAME - 1] + "…"
        best = self.score.best_point(line)
        return f"{name}  {self.score.write(best[1])}" if best is not None else name

    def _set_axis(self, axis: str) -> None:
        for chart in self.charts:
            chart.set_axis(axis)


def _version(path: Path) -> tuple[int, int]:
    """Return what tells one state of a journal from another; zeros where there is none."""
    try:
        known = path.stat()
    except OSError:
        return 0, 0
    return known.st_mtime_ns, known.st_size


def _side_by_side(*charts: OverlayChart) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.M)
    for chart in charts:
        row.addWidget(chart, 1)
    return holder
