"""The report on the data: findings by severity, each with its count, Show (the rows) and Fix (one click, undoable)."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.problems import Problem, Severity
from ftstudio.core.translation import tr, tr_plural
from ftstudio.gui import theme
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.labels import IconLabel, StatusDot, caption, label
from ftstudio.gui.widgets.page import scrolled

ICONS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}
COLOURS = {Severity.ERROR: "danger", Severity.WARNING: "warning", Severity.NOTE: "accent"}
ORDER = list(Severity)
EXAMPLES = 3
LONGEST_EXAMPLE = 60


class DataReport(Card):
    """Emits `show_asked(Problem)` and `fix_asked(Problem)`."""

    show_asked = Signal(object)
    fix_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__(margin=theme.M)
        self._summary = StatusDot()
        self.body.addWidget(self._summary)
        holder = QWidget()
        self._list = QVBoxLayout(holder)
        self._list.setContentsMargins(0, 0, theme.XS, 0)
        self._list.setSpacing(theme.S)
        self.body.addWidget(scrolled(holder))
        self.findings: list[Finding] = []
        self.say_checking()

    def say_checking(self) -> None:
        """Say that the checks are under way."""
        self._summary.show_state(tr("Checking…"), "muted")

    def show_problems(self, problems: Iterable[Problem]) -> None:
        """Show the findings, the gravest first."""
        ranked = sorted(problems, key=lambda problem: (ORDER.index(problem.severity), -problem.count))
        empty(self._list)
        self.findings = [Finding(problem) for problem in ranked]
        for finding in self.findings:
            finding.show_asked.connect(self.show_asked)
            finding.fix_asked.connect(self.fix_asked)
            self._list.addWidget(finding)
        if not ranked:
            self._list.addWidget(_all_well())
        self._list.addStretch(1)
        self._summarise(ranked)

    def _summarise(self, problems: list[Problem]) -> None:
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        warnings = sum(problem.severity is Severity.WARNING for problem in problems)
        if errors:
            words = tr_plural("{count} error", "{count} errors", errors).format(count=errors)
            self._summary.show_state(words, "danger")
        elif warnings:
            words = tr_plural("{count} warning", "{count} warnings", warnings).format(count=warnings)
            self._summary.show_state(words, "warning")
        else:
            self._summary.show_state(tr("Good to train"), "success")


class Finding(QFrame):
    """One finding."""

    show_asked = Signal(object)
    fix_asked = Signal(object)

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem
        self.setProperty("role", "sunken")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        row.setSpacing(theme.S)
        side = QVBoxLayout()
        side.addWidget(IconLabel(ICONS[problem.severity], COLOURS[problem.severity]))
        side.addStretch(1)
        row.addLayout(side)
        row.addLayout(self._words(), 1)
        self.setAccessibleName(f"{self._severity()}: {problem.message}")

    def _words(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(label(str(self.problem.message), wrap=True))
        if self.problem.hint:
            column.addWidget(caption(str(self.problem.hint), wrap=True))
        if self.problem.examples:
            shown = " · ".join(_short(example) for example in self.problem.examples[:EXAMPLES])
            column.addWidget(caption(tr("For example: {examples}").format(examples=shown), wrap=True))
        column.addLayout(self._actions())
        return column

    def _actions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        self.fix_button = button("", "link", clicked=lambda: self.fix_asked.emit(self.problem))
        self.show_button = button(tr("Show"), "link", clicked=lambda: self.show_asked.emit(self.problem))
        self.show_button.setAccessibleName(tr("Show the rows: {what}").format(what=str(self.problem.message)))
        if not self.problem.rows:
            self.show_button.hide()
        if self.problem.fix is None:
            self.fix_button.hide()
        else:
            self.fix_button.setText(str(self.problem.fix.label))
            self.fix_button.setAccessibleName(str(self.problem.fix.label))
        row.addWidget(self.fix_button)
        row.addWidget(self.show_button)
        row.addStretch(1)
        return row

    def _severity(self) -> str:
        words = {Severity.ERROR: tr("Error"), Severity.WARNING: tr("Warning"), Severity.NOTE: tr("Note")}
        return words[self.problem.severity]


def _short(example: str) -> str:
    shown = example.strip()
    return shown if len(shown) <= LONGEST_EXAMPLE else shown[: LONGEST_EXAMPLE - 1].rstrip(" …") + "…"


def _all_well() -> QWidget:
    return label(tr("No empty cells, no duplicates. Nothing to mend."), "muted", wrap=True)
