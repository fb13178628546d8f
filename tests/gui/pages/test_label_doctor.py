"""The label doctor in the window: by keyboard, with undo, and with clear words where there is nothing to go through."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ftstudio.core.states import Split
from ftstudio.datasets import label_edits
from ftstudio.datasets.store import Dataset
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.data import DataPage
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.panels.label_doctor import LabelDoctor
from ftstudio.planning import doubts, label_errors
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.studies import StudyReport, store
from tests.gui.conftest import Replay, recorded_run
from tests.gui.pages.conftest import unnamed

PROBABLE = 4


@pytest.fixture
def searched(opened: MainWindow, tiny_text_project: Path) -> MainWindow:
    """Return the window with a project in which the labels of four training rows are doubted."""
    make_search(tiny_text_project)
    return opened


def make_search(root: Path) -> None:
    dataset = Dataset.open(root / "data")
    rows = dataset.table(Split.TRAIN)
    labels = dataset.labels
    truth = np.array([labels.index(name) for name in rows["label"].to_pylist()])
    beliefs = np.full((len(truth), 2), 0.1)
    beliefs[np.arange(len(truth)), truth] = 0.9
    beliefs[:PROBABLE] = beliefs[:PROBABLE, ::-1]
    found = label_errors.rank(beliefs, truth)
    places = dataset.view.index[dataset.view.in_split(Split.TRAIN)]
    table = doubts.table_of(rows.append_column("place", pa.array(places)), labels, truth, found, beliefs)
    report = StudyReport(study=doubts.STUDY, data_fingerprint=dataset.fingerprint, numbers={"labels": labels})
    store(ProjectLayout(root), report, lambda folder: doubts.write(folder, table))


def doctor(window: MainWindow) -> LabelDoctor:
    window.commands.perform("label_doctor")
    page = window.pages["data"]
    assert isinstance(page, DataPage)
    assert page.faces.currentWidget() is page.labels
    return page.labels


def press(panel: LabelDoctor, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(panel, key)


def words(page: QWidget) -> str:
    return " ".join(one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page))


def edits_of(window: MainWindow) -> list[str]:
    assert window.session.dataset is not None
    return [edit.key for edit in window.session.dataset.edits]


def test_the_keyboard_fixes_keeps_skips_and_goes_back(searched: MainWindow, qtbot: QtBot) -> None:
    panel = doctor(searched)
    searched.activateWindow()
    panel.setFocus()
    qtbot.waitUntil(panel.hasFocus)
    assert panel.looked.text() == "0 of 4 looked at"
    assert panel.doubts is not None and panel.row is not None
    first = panel.doubts.at(0)
    assert panel.row.chosen == first.suggested

    press(panel, Qt.Key.Key_F)
    assert (panel.looked.text(), panel.position) == ("1 of 4 looked at", 1)
    press(panel, Qt.Key.Key_K, Qt.Key.Key_S)
    assert (panel.looked.text(), panel.position) == ("3 of 4 looked at", 3)
    press(panel, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert f"Fixed: it was “{first.label}”." in words(panel)
    assert edits_of(searched) == ["relabel", "confirmed"]
    assert searched.session.dataset is not None
    assert label_edits.relabelled(searched.session.dataset.edits) == {first.place: first.suggested}


def test_a_digit_chooses_a_label_and_choosing_the_present_one_only_keeps(searched: MainWindow, qtbot: QtBot) -> None:
    panel = doctor(searched)
    searched.activateWindow()
    panel.setFocus()
    qtbot.waitUntil(panel.hasFocus)
    assert panel.doubts is not None and panel.row is not None
    press(panel, Qt.Key.Key_2)
    assert panel.row.chosen == panel.doubts.labels[1]
    panel.row.choose(panel.doubts.at(0).label)
    assert not panel.row.fix_button.isEnabled()
    press(panel, Qt.Key.Key_F)
    assert edits_of(searched) == []


def test_undo_brings_the_row_back_and_redo_decides_it_again(searched: MainWindow) -> None:
    panel = doctor(searched)
    assert panel.row is not None
    panel.row.fix()
    panel.row.keep()
    assert panel.position == 2

    searched.session.undo()
    assert (edits_of(searched), panel.position, panel.looked.text()) == (["relabel"], 1, "1 of 4 looked at")
    searched.session.undo()
    assert (edits_of(searched), panel.position) == ([], 0)
    searched.session.redo()
    assert panel.looked.text() == "1 of 4 looked at"


def test_at_the_end_it_says_what_was_done_and_offers_the_table(
    searched: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    panel = doctor(searched)
    assert panel.row is not None
    for _ in range(PROBABLE - 1):
        panel.row.fix()
    panel.row.keep()
    qtbot.waitUntil(lambda: "All doubtful labels were looked at: 3 fixed, 1 kept." in words(panel))

    target = tmp_path / "corrected.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(target), "Table (*.csv)"))
    next(one for one in panel.findChildren(QPushButton) if one.text() == "Export the data…").click()
    qtbot.waitUntil(target.exists, timeout=20_000)
    assert len(target.read_text(encoding="utf-8-sig").splitlines()) == 97


def test_a_label_table_that_changed_since_is_told_and_can_be_searched_again(searched: MainWindow) -> None:
    panel = doctor(searched)
    assert searched.session.dataset is not None
    edits = '[{"key": "set_roles", "params": {"roles": {"text": "review", "label": "label"}}}]'
    (searched.session.dataset.folder / "edits.json").write_text(edits, encoding="utf-8")
    searched.session.reload_data()
    assert "The label table has changed since wrong labels were looked for" in words(panel)
    assert panel.search.search_button.isEnabled()


def test_nothing_searched_yet_explains_itself_and_a_search_that_fails_is_told(
    opened: MainWindow, replay: Replay, tmp_path: Path, qtbot: QtBot
) -> None:
    panel = doctor(opened)
    assert "Which labels are probably wrong?" in words(panel)
    transcript = tmp_path / "failed.jsonl"
    transcript.write_text(
        '{"kind":"failed","error":{"kind":"InputError","message":{"template":"No rows."},"exit_code":2}}\n',
        encoding="utf-8",
    )
    replay(transcript)
    panel.search.search_button.click()
    assert panel.search.is_working
    qtbot.waitUntil(lambda: not panel.search.is_working, timeout=20_000)
    assert panel.faces.currentWidget() is panel.search


def test_it_is_a_tab_of_the_results_too_and_every_control_has_a_name(
    searched: MainWindow, tiny_text_project: Path
) -> None:
    recorded_run(tiny_text_project)
    searched.session.refresh_runs()
    searched.go_to("results")
    page = searched.pages["results"]
    assert isinstance(page, ResultsPage)
    page.show_view("label_doctor")
    panel = page.view_stack.currentWidget().findChild(LabelDoctor)
    assert panel is not None and panel.looked.text() == "0 of 4 looked at"
    assert unnamed(page) == []


def test_the_data_page_comes_back_with_the_fixed_label(searched: MainWindow) -> None:
    panel = doctor(searched)
    page = searched.pages["data"]
    assert isinstance(page, DataPage) and panel.row is not None
    panel.row.fix()
    assert page.faces.currentWidget() is panel
    page.back_button.click()
    assert page.faces.currentWidget() is page.view
    assert not page.back_button.isVisible()


def test_what_was_skipped_is_known_to_the_next_window(searched: MainWindow, tiny_text_project: Path) -> None:
    panel = doctor(searched)
    assert panel.row is not None
    panel.skip()
    searched.session.close()

    searched.open_project(tiny_text_project)
    panel = doctor(searched)

    assert panel.looked.text() == "1 of 4 looked at"
    make_search(tiny_text_project)
    panel._begin_anew()
    panel.refresh()
    assert panel.looked.text() == "0 of 4 looked at", "a new search asks again"


def test_the_report_on_the_data_says_how_many_labels_are_doubtful(searched: MainWindow, qtbot: QtBot) -> None:
    searched.go_to("data")
    page = searched.pages["data"]
    assert isinstance(page, DataPage)

    def said() -> str:
        return " ".join(str(one.problem.message) for one in page.view.report.findings)

    qtbot.waitUntil(lambda: "4 labels look doubtful" in said(), timeout=20_000)
    finding = next(one for one in page.view.report.findings if one.problem.code == "doubtful_labels")
    assert len(finding.problem.rows) == 4
    finding.fix_button.click()
    assert page.faces.currentWidget() is page.labels and page.labels.row is not None
    page.labels.row.keep()
    page.leave_labels()
    qtbot.waitUntil(lambda: "3 labels look doubtful" in said(), timeout=20_000)
