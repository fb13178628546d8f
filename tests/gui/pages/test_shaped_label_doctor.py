"""The label doctor where rows have several labels each, or a number: labels are ticked, numbers are typed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ftstudio.core import plain_numbers
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.datasets import label_edits
from ftstudio.datasets.store import Dataset
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.panels.doubt_choices import Number, SeveralLabels
from ftstudio.gui.panels.label_doctor import LabelDoctor
from ftstudio.planning import doubts
from ftstudio.planning.doubtful_labels import findings
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.studies import StudyReport, store
from tests.gui.pages.conftest import unnamed
from tests.gui.pages.test_label_doctor import doctor, edits_of, words
from tests.support.shaped_runs import shaped_project

PROBABLE = 3


def make_search(root: Path) -> None:
    """Put a search into a project in which three rows are doubted, as the study stores it."""
    dataset = Dataset.open(root / "data")
    view = dataset.view.keep(dataset.view.in_split(Split.TRAIN))
    cells = view.table["label"].to_pylist()
    probable = np.arange(len(cells)) < PROBABLE
    columns = {
        "place": pa.array(view.index),
        "row": pa.array(view.row),
        "split": pa.array(["train"] * len(cells)),
        "label": pa.array(cells),
        "probable": pa.array(probable),
    }
    if dataset.answer is Answer.NUMBER:
        columns |= {"suggested": pa.array(["42.5"] * len(cells)), "off": pa.array(np.full(len(cells), 20.0))}
    else:
        columns |= {"suggested": pa.array(["loud|warm" if cell != "loud|warm" else "[]" for cell in cells])}
        columns |= {"given": pa.array(np.full(len(cells), 0.1)), "believed": pa.array(np.full(len(cells), 0.9))}
    table = pa.table(columns)
    report = StudyReport(study=doubts.STUDY, data_fingerprint=dataset.fingerprint, numbers={"labels": dataset.labels})
    store(ProjectLayout(root), report, lambda folder: doubts.write(folder, table))


@pytest.fixture(params=["labels", "number"])
def panel(request: pytest.FixtureRequest, window: MainWindow, tmp_path: Path, qtbot: QtBot) -> LabelDoctor:
    root = shaped_project(tmp_path / "shaped", request.param)
    make_search(root)
    window.open_project(root)
    qtbot.waitUntil(lambda: window.session.dataset is not None, timeout=20_000)
    return doctor(window)


def _label(window: MainWindow, place: int) -> str:
    dataset = window.session.dataset
    assert dataset is not None
    at = int(np.searchsorted(dataset.view.index, place))
    return str(dataset.view.table["label"][at].as_py())


def test_labels_are_ticked_and_numbers_typed_and_the_row_then_has_them(panel: LabelDoctor, window: MainWindow) -> None:
    assert panel.doubts is not None and panel.row is not None
    first = panel.doubts.at(0)
    if isinstance(panel.row.choice, SeveralLabels):
        assert panel.row.chosen == first.suggested
        panel.row.press(0)  # calm
        assert panel.row.chosen == ("calm|loud|warm" if first.suggested == "loud|warm" else "calm")
        assert "90" in words(panel) and "sure of what differs" in words(panel)
    else:
        assert isinstance(panel.row.choice, Number)
        assert not panel.row.fix_button.isEnabled(), "what the model foresees is no number that was measured"
        assert "42.5" in words(panel)
        panel.row.choice.field.setText("1e9999")
        assert not panel.row.fix_button.isEnabled()
        panel.row.choice.field.setText("17,25")
    wanted = panel.row.chosen
    panel.row.fix()

    assert edits_of(window) == ["relabel"]
    assert _label(window, first.place) == wanted
    assert panel.looked.text() == "1 of 3 looked at"
    assert panel.position == 1
    if window.session.task is not None and window.session.task.answer is Answer.NUMBER:
        assert plain_numbers.read(wanted) == 17.25

    window.session.undo()
    assert _label(window, first.place) == first.label
    assert panel.looked.text() == "0 of 3 looked at"


def test_rows_are_kept_and_skipped_and_the_finding_counts_what_is_left(panel: LabelDoctor, window: MainWindow) -> None:
    assert panel.doubts is not None and panel.row is not None
    first = panel.doubts.at(0)
    panel.row.keep()
    panel.skip()

    assert panel.looked.text() == "2 of 3 looked at"
    session = window.session
    assert session.dataset is not None and session.project is not None
    assert label_edits.confirmed(session.dataset.edits) == {first.place: first.label}
    (problem,) = findings(session.project.layout, session.dataset)
    assert problem.count == 2
    assert problem.fix is not None
    assert unnamed(panel) == []


def test_enter_in_the_field_fixes_and_letters_typed_there_do_nothing(
    panel: LabelDoctor, window: MainWindow, qtbot: QtBot
) -> None:
    assert panel.row is not None
    if not isinstance(panel.row.choice, Number):
        panel.row.choose("calm")
        assert not panel.row.choice.is_same("warm|calm")
        panel.row.choose("warm|calm")
        assert panel.row.choice.is_same("calm|warm"), "the order of labels does not matter"
        return
    field = panel.row.choice.field
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.clear()
    QTest.keyClicks(field, "k12.5")
    assert edits_of(window) == []
    field.setText("12.5")
    press_enter(field)
    assert edits_of(window) == ["relabel"]


def press_enter(field: object) -> None:
    QTest.keyClick(field, Qt.Key.Key_Return)
