"""The generated form: real keys and clicks, all mistakes at once, only the user's changes leave it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ftstudio.core.settings import Overrides, TrainingSettings, fields
from ftstudio.core.text import text
from ftstudio.gui.forms.editors import stepped
from ftstudio.gui.forms.settings_form import SettingsForm

WHY = {"learning_rate": text("A usual rate for {n} rows.", n=600)}


@pytest.fixture
def form(qtbot: QtBot) -> SettingsForm:
    made = SettingsForm()
    qtbot.addWidget(made)
    made.resize(520, 900)
    made.show_settings({"learning_rate": 5e-5, "epochs": 4.0}, WHY, Overrides(), "text")
    made.show()
    return made


def _type(qtbot: QtBot, editor: QWidget, written: str) -> None:
    editor.setFocus()
    editor.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(editor, written)


def test_every_setting_has_a_row_with_names(form: SettingsForm) -> None:
    assert set(form.rows) == {field.key for field in fields()}
    for row in form.rows.values():
        assert row.editor.accessibleName() and row.editor.accessibleDescription()
        assert row.help_button.accessibleName() and row.reset_button.accessibleName()


def test_shows_the_presets_value_and_its_reason(form: SettingsForm) -> None:
    row = form.rows["learning_rate"]
    assert row.editor.value() == 5e-5
    assert row.note.text() == "A usual rate for 600 rows."
    assert row.reset_button.isHidden()


def test_a_change_leaves_as_one_override_and_can_be_reset(form: SettingsForm, qtbot: QtBot) -> None:
    given: list[Overrides] = []
    form.changed.connect(lambda overrides, _: given.append(overrides))
    row = form.rows["learning_rate"]
    _type(qtbot, row.editor, "2e-5")
    assert given == []
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert given == [Overrides(values={"learning_rate": 2e-5})]
    assert row.changed and "5e-5" in row.note.text()
    qtbot.mouseClick(row.reset_button, Qt.MouseButton.LeftButton)
    assert given[-1] == Overrides()
    assert row.editor.value() == 5e-5 and not row.changed


def test_typing_the_presets_value_is_no_change(form: SettingsForm, qtbot: QtBot) -> None:
    given: list[Overrides] = []
    form.changed.connect(lambda overrides, _: given.append(overrides))
    _type(qtbot, form.rows["epochs"].editor, "4")
    qtbot.keyClick(form.rows["epochs"].editor, Qt.Key.Key_Return)
    assert given == []


def test_all_mistakes_are_shown_beside_their_fields_and_stay_out(form: SettingsForm, qtbot: QtBot) -> None:
    given: list[Overrides] = []
    seen: list[list[Any]] = []
    form.changed.connect(lambda overrides, _: given.append(overrides))
    form.problems_changed.connect(seen.append)
    for key, written in (("learning_rate", "-1"), ("epochs", "many"), ("batch_size", "0"), ("weight_decay", "7")):
        _type(qtbot, form.rows[key].editor, written)
        qtbot.keyClick(form.rows[key].editor, Qt.Key.Key_Return)
    assert {problem.where.field for problem in seen[-1]} == {"learning_rate", "epochs", "batch_size", "weight_decay"}
    for key in ("learning_rate", "epochs", "batch_size", "weight_decay"):
        assert form.rows[key].problem.isVisible() and form.rows[key].problem.text()
    assert given == []
    _type(qtbot, form.rows["epochs"].editor, "3")
    qtbot.keyClick(form.rows["epochs"].editor, Qt.Key.Key_Return)
    assert given == [Overrides(values={"epochs": 3.0})]
    assert form.rows["epochs"].problem.isHidden() and form.rows["batch_size"].problem.isVisible()


def test_a_bad_value_from_a_file_is_shown_and_can_be_mended(form: SettingsForm, qtbot: QtBot) -> None:
    form.show_settings({}, {}, Overrides(values={"tuning_method": "magic", "warmup": 3.0}), "text")
    assert form.rows["tuning_method"].problem.isVisible()
    assert form.rows["warmup"].problem.isVisible(), "the advanced group opens for a problem"


def test_the_wheel_never_changes_a_value(form: SettingsForm) -> None:
    editor = form.rows["tuning_method"].editor
    before = editor.value()
    editor.setFocus()
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(editor.mapToGlobal(QPoint(5, 5))),
        QPoint(0, -120),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(editor, wheel)
    assert editor.value() == before and not wheel.isAccepted()


def test_only_what_matters_is_shown(form: SettingsForm) -> None:
    form.show_settings({"tuning_method": "head"}, {}, Overrides(), "image")
    hidden = {key for key, row in form.rows.items() if row.isHidden()}
    assert {"max_length", "long_text", "top_layers", "layer_decay"} <= hidden
    assert {"augmentation", "cache_features"}.isdisjoint(hidden)
    form.show_settings({"tuning_method": "top_layers", "early_stopping": False}, {}, Overrides(), "text")
    hidden = {key for key, row in form.rows.items() if row.isHidden()}
    assert {"augmentation", "patience"} <= hidden
    assert {"top_layers", "max_length"}.isdisjoint(hidden)


def test_choosing_with_the_keyboard(form: SettingsForm, qtbot: QtBot) -> None:
    editor = form.rows["tuning_method"].editor
    editor.setFocus()
    with qtbot.waitSignal(form.changed) as given:
        qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert given.args[0].values == {"tuning_method": "gradual"}
    assert form.rows["gradual_epochs"].isVisible() and not form.rows["top_layers"].isVisible()


def test_steps_follow_the_kind_of_number() -> None:
    known = {field.key: field for field in fields()}
    assert stepped(3e-5, 1, known["learning_rate"]) == 5e-5
    assert stepped(1e-5, -1, known["learning_rate"]) == 5e-6
    assert stepped(16, 1, known["batch_size"]) == 17
    assert stepped(1, -1, known["batch_size"]) == 1
    assert stepped(0.5, 1, known["label_smoothing"]) == 0.5
    assert TrainingSettings().batch_size == 16
