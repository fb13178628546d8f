"""The settings page: presets, changes, undo, and a plan that follows every change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ftstudio.core.effort import Effort
from ftstudio.core.presets import Facts
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer, Modality
from ftstudio.gui.operations import Operations
from ftstudio.gui.pages.settings import SettingsPage
from ftstudio.gui.panels.estimate import START_SECONDS, estimate, steps_of
from ftstudio.gui.panels.plan_words import sentences
from ftstudio.gui.panels.preset_cards import rounded
from ftstudio.gui.panels.schedule_curve import rate_at
from ftstudio.gui.session import Session
from tests.gui.pages.conftest import unnamed

OpenProject = Callable[[str], Session]
FACTS = Facts(
    rows=620, classes=12, smallest_class=20, median_length=14, long_length=40,
    parameters=22_713_216, blocks=6, hidden_size=384, model_max_length=512,
)  # fmt: skip


@pytest.fixture
def page(new_project: OpenProject, operations: Operations, qtbot: QtBot) -> SettingsPage:
    session = new_project("text-classification")
    made = SettingsPage(session, operations)
    qtbot.addWidget(made)
    made.resize(1100, 720)
    made.show()
    session._take_facts(session.project, FACTS)
    return made


def enter(page: SettingsPage, key: str, written: str, qtbot: QtBot) -> None:
    editor = page.form.rows[key].editor
    editor.setFocus()
    editor.selectAll()  # type: ignore[union-attr]
    qtbot.keyClicks(editor, written)
    qtbot.keyClick(editor, Qt.Key.Key_Return)


def stored(page: SettingsPage) -> dict[str, object]:
    assert page._session.file is not None
    return page._session.file.settings.values


def test_a_change_is_stored_and_can_be_undone_and_redone(page: SettingsPage, qtbot: QtBot) -> None:
    before = page.form.rows["learning_rate"].editor.value()
    enter(page, "learning_rate", "2e-4", qtbot)
    enter(page, "epochs", "3", qtbot)
    assert stored(page) == {"learning_rate": 2e-4, "epochs": 3.0}
    page._session.undo_stack.undo()
    page._session.undo_stack.undo()
    assert stored(page) == {}
    assert page.form.rows["learning_rate"].editor.value() == before
    page._session.undo_stack.redo()
    assert stored(page) == {"learning_rate": 2e-4}


def test_the_plan_follows_the_settings(page: SettingsPage, qtbot: QtBot) -> None:
    enter(page, "epochs", "2", qtbot)
    enter(page, "batch_size", "10", qtbot)
    told = " ".join(label.text() for label in page.plan.findChildren(type(page.plan.share)))
    assert "620 training texts are seen 2 times, 10 to a step: 124 steps." in told
    assert "124" in page.plan.curve.accessibleDescription() or page.plan.curve._steps == 124


def test_of_texts_that_are_read_on_in_blocks_the_plan_counts_the_blocks() -> None:
    settings = TrainingSettings(epochs=2.0, batch_size=4, max_length=512)
    facts = replace(FACTS, rows=83, texts=15, text_lengths=(512, 1_600, 2_000) * 5)
    told = sentences(settings, facts, Modality.TEXT, Answer.TEXT)

    assert "83 training texts are read on in about 45 blocks of at most 512 tokens." in told[1]
    assert "4 blocks to a step: 24 steps." in told[1]
    assert "longer ones are read on in blocks" in told[-1]
    chats = replace(facts, texts=83, text_lengths=(1,) * 83)
    assert "83 training texts are seen" in sentences(settings, chats, Modality.TEXT, Answer.TEXT)[1]
    assert "of longer texts" in sentences(settings, chats, Modality.TEXT, Answer.TEXT)[-1]


def test_a_preset_is_chosen_by_click_and_keeps_the_changes(page: SettingsPage, qtbot: QtBot) -> None:
    enter(page, "epochs", "3", qtbot)
    qtbot.mouseClick(page.presets.cards["quick"], Qt.MouseButton.LeftButton)
    assert page._session.file is not None and page._session.file.settings.preset == "quick"
    assert stored(page) == {"epochs": 3.0}
    assert page.form.rows["tuning_method"].editor.value() == "head"
    assert page.form.rows["layer_decay"].isHidden()
    page._session.undo_stack.undo()
    assert page._session.file.settings.preset == "balanced"


def test_all_mistakes_are_counted_and_nothing_bad_is_stored(page: SettingsPage, qtbot: QtBot) -> None:
    enter(page, "learning_rate", "fast", qtbot)
    enter(page, "epochs", "-1", qtbot)
    assert "2 values" in page.status.accessibleName()
    assert stored(page) == {}
    qtbot.mouseClick(page.presets.cards["thorough"], Qt.MouseButton.LeftButton)
    assert "All values" in page.status.accessibleName()


def test_reset_goes_back_to_the_preset_everywhere(page: SettingsPage, qtbot: QtBot) -> None:
    enter(page, "epochs", "3", qtbot)
    enter(page, "weight_decay", "0,2", qtbot)
    assert stored(page) == {"epochs": 3.0, "weight_decay": 0.2}
    qtbot.mouseClick(page.reset_button, Qt.MouseButton.LeftButton)
    assert stored(page) == {}


def test_everything_has_a_name_and_presets_take_keys(page: SettingsPage, qtbot: QtBot) -> None:
    assert unnamed(page) == []
    page.presets.cards["quick"].setFocus()
    qtbot.keyClick(page.presets.cards["quick"], Qt.Key.Key_Space)
    assert page._session.file is not None and page._session.file.settings.preset == "quick"


def test_the_form_is_the_tasks_own(session: Session, operations: Operations, tmp_path, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    page = SettingsPage(session, operations)
    qtbot.addWidget(page)
    assert not page.isEnabled()
    session.create(tmp_path / "p", "Pictures", "image-classification")
    assert page.isEnabled()
    assert page.form.rows["max_length"].isHidden() and not page.form.rows["augmentation"].isHidden()


ALL = Effort(1.0, 1.0)


def test_estimates_grow_with_the_work() -> None:
    settings = TrainingSettings(epochs=4.0, batch_size=16)
    assert steps_of(settings, 100) == 28
    assert steps_of(settings.model_copy(update={"max_steps": 10}), 100) == 10
    full = estimate(settings, FACTS, ALL)
    head = estimate(settings.model_copy(update={"tuning_method": "head"}), FACTS, Effort(0.0, 0.0))
    assert head.seconds < full.seconds and head.memory_bytes < full.memory_bytes
    assert estimate(settings, FACTS, ALL, speed=62.0).seconds == pytest.approx(46, abs=1)


def test_estimates_and_words_follow_the_size_of_pictures() -> None:
    settings = TrainingSettings(epochs=4.0, batch_size=8)
    classifier = Facts(rows=100, parameters=3_000_000, input_size=224)
    detector = replace(classifier, new_detector=True)

    def larger(facts: Facts, **values: Any) -> float:
        """Return how many times the plain time a run with these values takes."""
        changed = estimate(settings.model_copy(update=values), facts, ALL)
        return (changed.seconds - START_SECONDS) / (estimate(settings, facts, ALL).seconds - START_SECONDS)

    assert larger(classifier, picture_size=448) == pytest.approx(4.0)
    assert larger(detector, picture_size=512) == pytest.approx(4.0), "256 is what a new detector reads"
    assert 3.0 <= larger(detector, detector="fcos") <= 4.0, "as was measured"
    assert larger(classifier, detector="fcos") == 1.0
    bigger = estimate(settings.model_copy(update={"picture_size": 512}), detector, ALL)
    assert bigger.memory_bytes > estimate(settings, detector, ALL).memory_bytes
    words = sentences(settings.model_copy(update={"picture_size": 512}), detector, Modality.IMAGE, Answer.BOXES)
    assert "Pictures are read at 512 × 512 pixels." in words
    assert "Pictures are read at 256 × 256 pixels." in sentences(settings, detector, Modality.IMAGE, Answer.BOXES)
    assert not any("Pictures" in one for one in sentences(settings, FACTS, Modality.TEXT))


def test_the_schedule_rises_and_falls() -> None:
    assert rate_at(0.0, "linear", 0.1) == 0.0
    assert rate_at(0.1, "linear", 0.1) == 1.0
    assert rate_at(1.0, "linear", 0.1) == 0.0
    assert rate_at(0.55, "cosine", 0.1) == pytest.approx(0.5)
    assert rate_at(1.0, "constant", 0.0) == 1.0


def test_estimates_are_rounded_as_roughly_as_they_are_known() -> None:
    assert [rounded(seconds) for seconds in (2, 33, 100, 700, 5000)] == [5, 35, 90, 720, 5100]
