"""The data page with real files: dropped, reviewed, imported, understood, mended, and undone."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Progress
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.gui.operations import Operations
from ftstudio.gui.pages.data import DataPage
from ftstudio.gui.session import Session
from tests.gui.pages.conftest import drop, unnamed

OpenProject = Callable[[str], Session]
LEFT = Qt.MouseButton.LeftButton


def write_table(path: Path, delimiter: str = ",", rows: int = 90) -> Path:
    words = {"sports": "match goal team", "money": "bank loan rate", "food": "bread soup salt"}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["question", "topic", "writer"])
        for number in range(rows):
            topic = list(words)[number % 3]
            spelled = "FOOD " if number == 2 else topic
            writer.writerow([f"{words[topic]} number {number}", spelled, f"a{number % 7}"])
        writer.writerow(["match goal team number 0", "sports", "a0"])
        writer.writerow(["", "money", "a1"])
    return path


def write_pictures(folder: Path) -> Path:
    noise = np.random.default_rng(1)
    for name in ("light", "dark"):
        (folder / name).mkdir(parents=True)
        for number in range(12):
            low, high = (128, 255) if name == "light" else (0, 127)
            pixels = noise.integers(low, high, (40, 60, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    (folder / "dark" / "broken.png").write_bytes(b"\x89PNG but no picture")
    return folder


@pytest.fixture
def page(new_project: OpenProject, operations: Operations, qtbot: QtBot) -> DataPage:
    made = DataPage(new_project("text-classification"), operations)
    qtbot.addWidget(made)
    made.resize(1100, 720)
    made.show()
    return made


def bring(page: DataPage, source: Path, qtbot: QtBot) -> None:
    drop(page.drop, source)
    qtbot.waitUntil(lambda: page.faces.currentWidget() is page.review or page.banner is not None)


def settle(page: DataPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not page._operations.running, timeout=20_000)


def bring_in(page: DataPage, source: Path, qtbot: QtBot) -> None:
    bring(page, source, qtbot)
    qtbot.mouseClick(page.review.import_button, LEFT)
    qtbot.waitUntil(lambda: page._session.dataset is not None, timeout=20_000)
    settle(page, qtbot)


def test_a_dropped_table_is_looked_at_and_nothing_is_written(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    bring(page, write_table(tmp_path / "topics.csv", ";"), qtbot)
    review = page.review
    assert review.options.delimiter.currentData() == ";"
    assert review.options.encoding.currentData() == "utf-8" and review.options.header.isChecked()
    assert review.roles[ColumnRole.TEXT] == "question" and review.roles[ColumnRole.LABEL] == "topic"
    assert review.preview.rows.rowCount() == 92
    assert page._session.dataset is None and page._session.project is not None
    assert list(page._session.project.layout.data.iterdir()) == []


def test_the_table_is_imported_shown_and_checked(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    bring_in(page, write_table(tmp_path / "topics.csv"), qtbot)
    assert page.faces.currentWidget() is page.view
    assert page._session.file is not None and page._session.file.data is not None
    assert sum(page._session.dataset.counts().values()) == 91  # type: ignore[union-attr]
    assert page.view.browser.table.rows.rowCount() == 92
    codes = {finding.problem.code for finding in page.view.report.findings}
    assert {"label_spelling", "missing_values"} <= codes
    assert page.view.charts.lengths._counts


def test_a_fix_mends_the_data_and_can_be_undone(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    bring_in(page, write_table(tmp_path / "topics.csv"), qtbot)
    session = page._session

    def labels() -> set[str]:
        assert session.dataset is not None
        return set(session.dataset.label_counts(None))

    assert "FOOD " in labels()
    finding = next(one for one in page.view.report.findings if one.problem.code == "label_spelling")
    qtbot.mouseClick(finding.fix_button, LEFT)
    settle(page, qtbot)
    assert labels() == {"food", "money", "sports"}
    assert "label_spelling" not in {one.problem.code for one in page.view.report.findings}
    session.undo_stack.undo()
    settle(page, qtbot)
    assert "FOOD " in labels()
    session.undo_stack.redo()
    settle(page, qtbot)
    assert labels() == {"food", "money", "sports"}


def test_show_leads_to_the_rows(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    bring_in(page, write_table(tmp_path / "topics.csv"), qtbot)
    finding = next(one for one in page.view.report.findings if one.problem.code == "missing_values")
    qtbot.mouseClick(finding.show_button, LEFT)
    browser = page.view.browser
    assert browser.table.rows.rowCount() == 1 and browser.table.rows.value(0, "#row") == 92
    assert browser.table.selectionModel().selectedRows()
    qtbot.mouseClick(browser.chip, LEFT)
    assert browser.table.rows.rowCount() == 92


def test_rows_are_filtered_by_part_label_and_words(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    bring_in(page, write_table(tmp_path / "topics.csv"), qtbot)
    browser, dataset = page.view.browser, page._session.dataset
    assert dataset is not None
    browser.split.setCurrentIndex(browser.split.findData(Split.TEST))
    browser.refresh()
    assert browser.table.rows.rowCount() == dataset.count(Split.TEST)
    browser.split.setCurrentIndex(0)
    browser.label.setCurrentIndex(browser.label.findData("money"))
    browser.refresh()
    assert browser.table.rows.rowCount() == 31
    browser.label.setCurrentIndex(0)
    qtbot.keyClicks(browser.search, "soup salt number 5")
    qtbot.waitUntil(lambda: browser.table.rows.rowCount() < 10)
    assert browser.table.rows.value(0, "question").startswith("bread soup salt number 5")


def test_a_column_can_be_given_another_role(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    bring_in(page, write_table(tmp_path / "topics.csv"), qtbot)
    header = page.view.browser.table.header
    names = [column.name for column in page.view.browser.table.rows.columns]
    action = next(one for one in header.menu(names.index("writer")).actions() if one.text() == "Group")
    action.trigger()
    settle(page, qtbot)
    dataset = page._session.dataset
    assert dataset is not None and dataset.roles[ColumnRole.GROUP] == "writer"
    page._session.undo_stack.undo()
    assert page._session.dataset is not None and ColumnRole.GROUP not in page._session.dataset.roles


def test_a_fix_that_is_a_setting_changes_the_settings(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    source = tmp_path / "uneven.csv"
    lines = [f"word{number} many,common" for number in range(300)] + [f"odd{number} few,rare" for number in range(12)]
    source.write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    bring_in(page, source, qtbot)
    session = page._session
    assert session.file is not None
    session.set_overrides(session.file.settings.model_copy(update={"values": {"class_weights": "none"}}))
    settle(page, qtbot)
    finding = next(one for one in page.view.report.findings if one.problem.fix and one.problem.fix.key == "setting")
    qtbot.mouseClick(finding.fix_button, LEFT)
    assert session.file.settings.values == {"class_weights": "balanced"}
    assert finding.problem.code not in {one.problem.code for one in page.view.report.findings}
    session.undo_stack.undo()
    assert finding.problem.code in {one.problem.code for one in page.view.report.findings}


def test_a_cancelled_import_leaves_nothing(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    bring(page, write_table(tmp_path / "topics.csv", rows=60_000), qtbot)
    qtbot.mouseClick(page.review.import_button, LEFT)
    assert page.review.cancel_button.isVisible()
    qtbot.mouseClick(page.review.cancel_button, LEFT)
    assert page.review._progress_words.text() == "Cancelling…"
    assert not page.review.cancel_button.isEnabled()
    page._show_progress(Progress(phase=text("Copying pictures"), done=1, total=2))  # on its way when it was cancelled
    assert page.review._progress_words.text() == "Cancelling…"
    settle(page, qtbot)
    assert page.review.cancel_button.isEnabled()
    assert page._session.dataset is None and page._session.project is not None
    assert list(page._session.project.layout.data.iterdir()) == []
    assert page.review.import_button.isVisible() and page.banner is None


def test_files_dropped_anywhere_on_the_window_reach_the_page(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    page._session.command_requested.emit("import_files", str(write_table(tmp_path / "topics.csv")))
    qtbot.waitUntil(lambda: page.faces.currentWidget() is page.review)


def test_missing_roles_are_asked_for_before_the_import(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    bring(page, write_table(tmp_path / "topics.csv"), qtbot)
    review = page.review
    review._choose_role(
        review.preview.rows.columns.index(next(c for c in review.preview.rows.columns if c.role is ColumnRole.LABEL)),
        None,
    )
    assert not review.import_button.isEnabled() and "Label" in review._missing.text()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"text,label\n", "rows"), (b"text,text\na,b\nc,d\n", "two columns")],
)
def test_bad_files_become_a_sentence_on_the_page(
    page: DataPage, tmp_path: Path, qtbot: QtBot, content: bytes, said: str
) -> None:
    (tmp_path / "bad.csv").write_bytes(content)
    bring(page, tmp_path / "bad.csv", qtbot)
    assert page.banner is not None and said in page.banner.accessibleName()
    assert QApplication.activeModalWidget() is None
    bring(page, write_table(tmp_path / "good.csv"), qtbot)
    assert page.banner is None and page.faces.currentWidget() is page.review


def test_a_failed_import_keeps_the_data_that_was_there(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    bring_in(page, write_table(tmp_path / "topics.csv"), qtbot)
    qtbot.mouseClick(page.view.replace_button, LEFT)
    one_class = tmp_path / "one.csv"
    one_class.write_text("text,label\na,same\nb,same\nc,same\n", encoding="utf-8")
    bring(page, one_class, qtbot)
    qtbot.mouseClick(page.review.import_button, LEFT)
    settle(page, qtbot)
    assert page.banner is not None
    assert page._session.dataset is not None and page._session.dataset.manifest.name == "topics.csv"
    qtbot.mouseClick(page.keep_button, LEFT)
    assert page.faces.currentWidget() is page.view


def test_an_own_test_file(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    bring(page, write_table(tmp_path / "topics.csv"), qtbot)
    page.review.set_test((write_table(tmp_path / "test.csv", rows=30),))
    qtbot.mouseClick(page.review.import_button, LEFT)
    qtbot.waitUntil(lambda: page._session.dataset is not None, timeout=20_000)
    settle(page, qtbot)
    assert page._session.dataset is not None and page._session.dataset.count(Split.TEST) == 31


def test_a_folder_of_pictures(new_project: OpenProject, operations: Operations, tmp_path: Path, qtbot: QtBot) -> None:
    page = DataPage(new_project("image-classification"), operations)
    qtbot.addWidget(page)
    page.resize(1100, 720)
    page.show()
    bring_in(page, write_pictures(tmp_path / "pictures"), qtbot)
    grid = page.view.browser.grid
    assert grid.isVisible() and grid.pictures.rowCount() == 25
    assert page.view.browser.counted.text() == "25 pictures"
    assert "Selected picture" in [one.text() for one in page.view.tabs.findChildren(QPushButton)]
    assert "picture" in page.view.report.findings[0].problem.message.render()
    page.grab()
    qtbot.waitUntil(lambda: len(grid.pictures.thumbnails._kept) > 3)
    finding = page.view.report.findings[0]
    qtbot.mouseClick(finding.fix_button, LEFT)
    settle(page, qtbot)
    assert grid.pictures.rowCount() == 24
    grid.setCurrentIndex(grid.pictures.index(0, 0))
    assert page.view.sample._truth.text() == "dark"
    grid.pictures.thumbnails.close()


def test_everything_has_a_name_and_the_keyboard_is_enough(page: DataPage, tmp_path: Path, qtbot: QtBot) -> None:
    assert unnamed(page) == []
    bring(page, write_table(tmp_path / "topics.csv"), qtbot)
    assert unnamed(page) == []
    page.review.import_button.setFocus()
    qtbot.keyClick(page.review.import_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page._session.dataset is not None, timeout=20_000)
    settle(page, qtbot)
    assert unnamed(page) == []
    finding = next(one for one in page.view.report.findings if one.problem.code == "label_spelling")
    finding.fix_button.setFocus()
    qtbot.keyClick(finding.fix_button, Qt.Key.Key_Space)
    settle(page, qtbot)
    assert page._session.undo_stack.count() == 1
