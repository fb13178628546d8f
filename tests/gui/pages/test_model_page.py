"""The model browser: found in the background, filtered, chosen with the keyboard, broken models named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ftstudio.gui.operations import Operations
from ftstudio.gui.pages.model import ModelPage
from ftstudio.gui.panels.model_details import readable
from ftstudio.gui.panels.outline_bar import in_words
from ftstudio.gui.session import Session
from ftstudio.models.library import resolve
from tests.gui.pages.conftest import unnamed

OpenProject = Callable[[str], Session]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(
    new_project: OpenProject, operations: Operations, tiny_text_model: Path, tmp_path: Path, qtbot: QtBot
) -> ModelPage:
    folder = tmp_path / "models"
    shutil.copytree(tiny_text_model, folder / "tiny-reader")
    shutil.copytree(tiny_text_model, folder / "cut-off")
    weights = folder / "cut-off" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    made = ModelPage(new_project("text-classification"), operations)
    qtbot.addWidget(made)
    made.resize(1100, 720)
    made._add_folder(folder)
    made.show()
    qtbot.waitUntil(lambda: made._found is not None and not operations.running)
    return made


def names(page: ModelPage) -> list[str]:
    return [entry.name for entry in page.models.shown.entries]


def test_finds_starters_and_own_models_that_fit(page: ModelPage) -> None:
    assert names(page) == ["MiniLM", "tiny-reader"]
    assert "2 more" in page.counted.text()


def test_the_rest_is_shown_with_its_reason(page: ModelPage, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.filters.fitting, LEFT, pos=page.filters.fitting.rect().center())
    page.filters.fitting.setChecked(False)
    entries = {entry.name: entry for entry in page.models.shown.entries}
    assert set(entries) == {"MiniLM", "tiny-reader", "EfficientNet-Lite0", "cut-off"}
    assert "pictures" in entries["EfficientNet-Lite0"].verdict
    assert entries["cut-off"].record is None and "Cannot be used" in entries["cut-off"].verdict
    page.models.setCurrentIndex(page.models.shown.index(names(page).index("cut-off")))
    assert not page.details.use_button.isEnabled()


def test_search_and_filters_narrow_the_list(page: ModelPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.filters.search, "tiny")
    assert names(page) == ["tiny-reader"]
    page.filters.search.clear()
    starters = next(one for one in page.filters._places.buttons() if one.property("key") == "starter")
    starters.click()
    assert names(page) == ["MiniLM"]


def test_a_model_is_chosen_by_click_and_undone(page: ModelPage, qtbot: QtBot) -> None:
    session = page._session
    qtbot.mouseClick(page.details.use_button, LEFT)
    assert session.model is not None and session.model.name == "MiniLM"
    assert page.details.use_button.text() == "In use" and not page.details.use_button.isEnabled()
    session.undo_stack.undo()
    assert session.model is None
    assert page.details.use_button.isEnabled()


def test_a_model_is_chosen_with_the_keyboard(page: ModelPage, qtbot: QtBot) -> None:
    page.models.setFocus()
    qtbot.keyClick(page.models, Qt.Key.Key_Down)
    qtbot.keyClick(page.models, Qt.Key.Key_Return)
    assert page._session.model is not None and page._session.model.name == "tiny-reader"


def test_everything_has_a_name(page: ModelPage) -> None:
    assert unnamed(page) == []


def test_the_outline_is_told_in_words() -> None:
    parts = resolve("starter:minilm").outline
    assert "6 blocks" in in_words(parts)


def test_a_card_is_shown_as_words() -> None:
    card = "# Name\nA [small](https://x.y) **model**.\n```python\ncode()\n```\n![logo](a.png)<br>\nEnd"
    assert readable(card) == "Name\nA small model.\n\nEnd"
