"""Texts dropped into a project for pictures, and the other way round."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ftstudio.core.specs import ColumnRole
from ftstudio.gui.operations import Operations
from ftstudio.gui.pages.data import DataPage
from tests.gui.pages.conftest import OpenProject, drop
from tests.gui.pages.test_data_page import bring_in, settle, write_pictures, write_table

CASES = [
    ("image-classification", "text-classification", ColumnRole.TEXT),
    ("text-classification", "image-classification", ColumnRole.IMAGE),
]


def a_page(new_project: OpenProject, operations: Operations, qtbot: QtBot, task: str) -> DataPage:
    made = DataPage(new_project(task), operations)
    qtbot.addWidget(made)
    made.resize(1100, 720)
    made.show()
    return made


def source_for(role: ColumnRole, folder: Path) -> Path:
    return write_table(folder / "topics.csv") if role is ColumnRole.TEXT else write_pictures(folder / "pictures")


def offer_of(page: DataPage) -> QPushButton:
    assert page.banner is not None
    return next(one for one in page.banner.findChildren(QPushButton) if one.text())


@pytest.mark.parametrize(("task", "other", "role"), CASES)
def test_an_empty_project_can_become_one_for_what_was_dropped(
    new_project: OpenProject,
    operations: Operations,
    tmp_path: Path,
    qtbot: QtBot,
    task: str,
    other: str,
    role: ColumnRole,
) -> None:
    page = a_page(new_project, operations, qtbot, task)
    drop(page.drop, source_for(role, tmp_path))
    qtbot.waitUntil(lambda: page.banner is not None, timeout=20_000)
    assert page.banner is not None
    kinds = ("texts", "pictures") if role is ColumnRole.TEXT else ("pictures", "texts")
    assert "holds {}, but this is a project for {}".format(*kinds) in page.banner.text_label.text()

    offer = offer_of(page)
    assert offer.text() == f"Make this a {other.replace('-', ' ')} project"
    qtbot.mouseClick(offer, Qt.MouseButton.LeftButton)
    settle(page, qtbot)

    session = page._session
    assert session.file is not None and session.file.task == other and session.file.model is None
    assert page.faces.currentWidget() is page.review
    assert role in page.review.roles and page.review.import_button.isEnabled()
    assert page.banner is None
    session.undo()
    assert session.file.task == task


def test_a_project_with_data_stays_and_another_one_is_offered(
    new_project: OpenProject, operations: Operations, tmp_path: Path, qtbot: QtBot
) -> None:
    page = a_page(new_project, operations, qtbot, "text-classification")
    bring_in(page, write_table(tmp_path / "topics.csv"), qtbot)
    pictures = write_pictures(tmp_path / "pictures")
    asked: list[tuple[str, str]] = []
    page._session.command_requested.connect(lambda *command: asked.append(command))

    page.look([pictures])
    qtbot.waitUntil(lambda: page.banner is not None, timeout=20_000)
    offer = offer_of(page)
    assert offer.text() == "New project with it"
    qtbot.mouseClick(offer, Qt.MouseButton.LeftButton)

    assert asked == [("new_project_from", str(pictures))]
    assert page._session.file is not None and page._session.file.task == "text-classification"
    page._session.set_task("image-classification")
    assert page._session.file.task == "text-classification"


def test_what_fits_no_task_is_told_as_before(
    new_project: OpenProject, operations: Operations, tmp_path: Path, qtbot: QtBot
) -> None:
    page = a_page(new_project, operations, qtbot, "image-classification")
    (tmp_path / "data.xyz").write_text("?", encoding="utf-8")

    page.look([tmp_path / "data.xyz"])
    qtbot.waitUntil(lambda: page.banner is not None, timeout=20_000)

    assert page.banner is not None and "cannot be read" in page.banner.text_label.text()
