"""Tables of figures: columns have room for their cells and for what they are called."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from ftstudio.gui import theme
from ftstudio.gui.widgets.number_table import NumberTable


def test_a_column_that_is_renamed_gets_the_room_for_its_name(qtbot: QtBot) -> None:
    table = NumberTable("Scores", ["label", "rows", "a"])
    qtbot.addWidget(table)
    table.show_rows([[("b", "b"), ("1", 1), ("123,456,789.000", 1.0)]])
    header = table.horizontalHeaderItem(1)
    assert header is not None
    header.setText("photographs of all kinds")
    table.widen_columns()
    metrics = QFontMetrics(theme.font())
    assert table.columnWidth(1) > metrics.horizontalAdvance("photographs of all kinds")
    assert table.columnWidth(2) > metrics.horizontalAdvance("123,456,789.000")
