"""The rows of a run with several labels, or a number: shown worst first, with what is true and what was said."""

from __future__ import annotations

from PySide6.QtCore import Qt

from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer
from ftstudio.core.text import text
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.results import finding
from ftstudio.gui.results.worst_rows import WorstRowsView
from ftstudio.planning.output_answers import OutputAnswer

SHOWN = ("run", "data", "test", 0)


def view_of(window: MainWindow) -> WorstRowsView:
    view = WorstRowsView(window.session, window.operations)
    view._shown = SHOWN
    return view


def cells(view: WorstRowsView, row: int) -> list[str]:
    return [item.text() for column in range(4) if (item := view.table.item(row, column)) is not None]


def test_labels_and_numbers_are_shown_as_what_they_are(window: MainWindow) -> None:
    view = view_of(window)
    view._take(SHOWN, [OutputAnswer(7, "a\ntext", "sport, war", "", 2.0)], Answer.LABELS)
    assert cells(view, 0) == ["a text", "sport, war", "–", "2"]

    view._take(SHOWN, [OutputAnswer(7, "a text", "-2.5", "1.25", 3.75)], Answer.NUMBER)
    assert cells(view, 0) == ["a text", "-2.5", "1.25", "3.750"]
    item = view.table.item(0, 1)
    assert item is not None and item.textAlignment() & Qt.AlignmentFlag.AlignRight


def test_what_cannot_be_read_is_said(window: MainWindow) -> None:
    view = view_of(window)
    view._refuse(SHOWN, InputError(text("The answers are damaged."), text("Train again.")))
    assert view._pages.currentWidget() is view.failed


def test_such_runs_have_an_overview_and_samples() -> None:
    for answer in (Answer.LABELS, Answer.NUMBER):
        assert [tab.key for tab in finding.find(answer)] == ["overview", "quality", "samples"]
