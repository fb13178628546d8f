"""The facts beside the charts of a run: every value is seen whole, however long its words are."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ftstudio.core.row_words import rows_are_pictures
from ftstudio.gui.panels.settings_facts import SettingsFacts

VALUES = {"tuning_method": "full", "batch_norm": "learn", "batch_size": 32, "learning_rate": 1e-3}


def shown(qtbot: QtBot) -> SettingsFacts:
    facts = SettingsFacts()
    qtbot.addWidget(facts)
    facts.resize(facts.width(), 600)
    facts.show_settings(VALUES, "image", "label")
    facts.show()
    qtbot.waitExposed(facts)
    return facts


def test_no_value_is_cut_off_at_the_side(qtbot: QtBot) -> None:
    facts = shown(qtbot)
    words = {one.text(): one for one in facts.findChildren(QLabel) if one.isVisible()}
    assert any(len(text) > 20 for text in words), "one of the values should be long"
    for text, one in words.items():
        assert one.mapTo(facts, one.rect().topRight()).x() < facts.width(), text


def test_units_are_those_of_the_project(qtbot: QtBot) -> None:
    rows_are_pictures(True)
    facts = shown(qtbot)
    assert "32 pictures" in [one.text() for one in facts.findChildren(QLabel)]
