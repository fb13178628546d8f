"""Buttons that find no room beside each other stand below each other, and never widen what they stand in."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

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
