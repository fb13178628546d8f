"""What simple answers score on the same rows, beside the score of a run: a number says little without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ftstudio.core.quantities import percent, score
from ftstudio.core.row_words import name_rows
from ftstudio.core.translation import N_, tr
from ftstudio.gui import theme
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.project import baselines
from ftstudio.project.runs import RunSummary

SHORT = {
    "majority": N_("Always the commonest label"),
    "usual_labels": N_("Always the commonest labels"),
    "mean": N_("Always the mean"),
    "bag_of_words": N_("Bag of words"),
    "bag_of_words_ridge": N_("Bag of words"),
    "word_windows": N_("Words with their neighbours"),
    "no_answer": N_("Never an answer"),
    "best_sentence": N_("Sentence most like the question"),
    "frozen_features": N_("Unchanged model, linear layer"),
    "random_weights": N_("Same network, random weights"),
}
WIDTH = 220


@dataclass(frozen=True)
class Line:
    """One simple answer: its short name, its score written out, and the whole story for the tip."""

    name: str
    value: str
    tip: str = ""


class BaselinesPanel(QWidget):
    """One line a simple answer; hidden when there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self.setMinimumWidth(WIDTH)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.M)
        self._grid.setVerticalSpacing(theme.XS // 2)
        self._grid.setColumnStretch(0, 1)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines, in their order."""
        self.lines = list(lines)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        if lines:
            self._grid.addWidget(caption(tr("Baselines")), 0, 0, 1, 2)
        for at, line in enumerate(lines, start=1):
            self._grid.addWidget(_tipped(label(line.name), line.tip), at, 0)
            self._grid.addWidget(_tipped(label(line.value, "strong"), line.tip), at, 1, Qt.AlignmentFlag.AlignRight)
        self._grid.setRowStretch(len(lines) + 1, 1)
        self.setVisible(bool(lines))
        self.setAccessibleName(". ".join(f"{line.name}: {line.value}" for line in lines))


def lines_for(session: Session, run: RunSummary, document: RunDocument, split: str) -> list[Line]:
    """Return the simple answers that were scored on the rows of `split`, by the metric of the big number."""
    metric = document.headline_metric(session.task, split)
    found = [one for one in _known(session, run) if metric in one.metrics.get(split, {})]
    if found:
        return [_line(one, split, metric) for one in found]
    shown = document.headline(session.task, split)
    if not shown.baseline:
        return []
    return [Line(tr("Always answering “{label}”").format(label=shown.baseline_label), shown.baseline)]


def caution(session: Session, run: RunSummary, document: RunDocument, split: str) -> str:
    """Return the sentence that a simple answer does as well as the run, empty where training has added something."""
    metric = document.headline_metric(session.task, split)
    reached = document.metrics(split).get(metric)
    known = [one for one in _known(session, run) if metric in one.metrics.get(split, {})]
    best = max(known, key=lambda one: one.metrics[split][metric], default=None)
    if best is None or reached is None or best.metrics[split][metric] < reached:
        return ""
    return name_rows(tr("A simple answer does as well: “{name}”. Training has added nothing on these rows.")).format(
        name=tr(SHORT.get(best.key, best.key))
    )


def _known(session: Session, run: RunSummary) -> list[baselines.Baseline]:
    """Return what is known by now; a run remembers what was known when it ended."""
    if session.project is not None and run.request is not None:
        of_data, of_model = run.request.data_fingerprint, run.request.model.fingerprint
        if newest := baselines.latest_baselines(session.project.layout, of_data, of_model):
            return newest
    return document_baselines(run)


def document_baselines(run: RunSummary) -> list[baselines.Baseline]:
    """Return the simple answers that the run's own report names."""
    return baselines.read(run.report.document) if run.report is not None else []


def _line(one: baselines.Baseline, split: str, metric: str) -> Line:
    value = one.metrics[split][metric]
    tip = name_rows(tr("{title}, learned from {rows} rows in {seconds} s")).format(
        title=one.title.render(), rows=one.rows, seconds=round(one.seconds, 1)
    )
    return Line(tr(SHORT.get(one.key, one.key)), percent(value, 1) if metric == "accuracy" else score(value), tip)


def _tipped(made: QLabel, tip: str) -> QLabel:
    made.setToolTip(tip)
    return made
