"""Frames of recordings are dropped: the page proposes what belongs together, shows examples, and does as told."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from ftstudio.core.specs import ColumnRole
from ftstudio.datasets.recordings import Way
from ftstudio.gui.operations import Operations
from ftstudio.gui.pages.data import DataPage
from tests.datasets.test_recordings import frames
from tests.gui.pages.conftest import OpenProject
from tests.gui.pages.test_data_page import LEFT, bring, settle, write_pictures


def a_page(new_project: OpenProject, operations: Operations, qtbot: QtBot) -> DataPage:
    made = DataPage(new_project("image-classification"), operations)
    qtbot.addWidget(made)
    made.resize(1100, 720)
    made.show()
    return made


def test_recordings_are_proposed_with_examples(
    new_project: OpenProject, operations: Operations, tmp_path: Path, qtbot: QtBot
) -> None:
    page = a_page(new_project, operations, qtbot)
    bring(page, frames(tmp_path / "frames"), qtbot)

    asked = page.review.recordings
    assert asked.isVisible() and asked.value() is Way.BEGINNING
    assert "12 recordings" in asked._words.text() and "patient" in asked._words.text()
    qtbot.mouseClick(page.review.import_button, LEFT)
    qtbot.waitUntil(lambda: page._session.dataset is not None, timeout=20_000)
    settle(page, qtbot)
    assert page._session.dataset is not None
    assert page._session.dataset.manifest.roles[ColumnRole.GROUP] == "recording"


def test_the_user_may_choose_otherwise(
    new_project: OpenProject, operations: Operations, tmp_path: Path, qtbot: QtBot
) -> None:
    page = a_page(new_project, operations, qtbot)
    bring(page, frames(tmp_path / "frames"), qtbot)
    choice = page.review.recordings.choice
    choice.setCurrentIndex(choice.findData(Way.ALONE))
    choice.activated.emit(choice.currentIndex())
    assert "12 recordings" not in page.review.recordings._words.text()

    qtbot.mouseClick(page.review.import_button, LEFT)
    qtbot.waitUntil(lambda: page._session.dataset is not None, timeout=20_000)
    settle(page, qtbot)
    assert page._session.dataset is not None
    assert ColumnRole.GROUP not in page._session.dataset.manifest.roles


def test_names_that_tell_nothing_ask_nothing(
    new_project: OpenProject, operations: Operations, tmp_path: Path, qtbot: QtBot
) -> None:
    page = a_page(new_project, operations, qtbot)
    bring(page, write_pictures(tmp_path / "pictures"), qtbot)
    assert page.review.recordings.isHidden()
    page.review.import_button.click()
    qtbot.waitUntil(lambda: page._session.dataset is not None, timeout=20_000)
    settle(page, qtbot)

    assert page._session.dataset is not None
    assert ColumnRole.GROUP not in page._session.dataset.manifest.roles
