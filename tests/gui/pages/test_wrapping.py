"""Buttons that find no room beside each other stand below each other, and never widen what they stand in."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.wrapping import WrappingRow


def test_a_row_becomes_a_column_where_it_is_too_narrow(qtbot: QtBot) -> None:
    row = WrappingRow(indent=20)
    buttons = [QPushButton(f"A button with quite some words {at}") for at in range(3)]
    for one in buttons:
        row.add(one)
    qtbot.addWidget(row)
    row.resize(2000, 100)
    row.show()
    qtbot.waitUntil(lambda: buttons[0].x() < buttons[1].x() < buttons[2].x())
    assert buttons[0].y() == buttons[2].y()

    row.resize(buttons[0].sizeHint().width() + 60, 300)
    qtbot.waitUntil(lambda: buttons[0].y() < buttons[1].y() < buttons[2].y())
    assert buttons[0].x() == buttons[2].x() == 20
    assert row.minimumSizeHint().width() < 2 * buttons[0].sizeHint().width()


def test_an_empty_place_shows_all_its_words_at_any_width(qtbot: QtBot) -> None:
    hint = "Models that had not learned from a row are asked what its label should be. " * 4
    place = EmptyState("search", "Nothing here", hint)
    qtbot.addWidget(place)
    place.show()
    words = next(one for one in place.findChildren(QLabel) if one.text() == hint)
    for width in (400, 700, 1400):
        place.resize(width, 600)
        qtbot.wait(20)
        assert words.height() >= words.heightForWidth(words.width())
    assert words.x() + words.width() // 2 in range(690, 711)
