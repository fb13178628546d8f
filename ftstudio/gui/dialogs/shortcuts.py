"""All shortcuts in one place, made from the menus themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.labels import label, muted, section

if TYPE_CHECKING:
    from ftstudio.gui.main_window import MainWindow


def show(window: MainWindow) -> QDialog:
    """Open the list beside the window's work, without blocking it."""
    dialog = QDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr("Keyboard shortcuts"))
    columns = QHBoxLayout(dialog)
    columns.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
    columns.setSpacing(theme.XXL)
    halves = [QVBoxLayout(), QVBoxLayout()]
    for half in halves:
        columns.addLayout(half)
    for at, menu in enumerate(window.menus):
        halves[at * len(halves) // len(window.menus)].addWidget(_group(menu))
    for half in halves:
        half.addStretch(1)
    dialog.show()
    return dialog


def _group(menu: QMenu) -> QWidget:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, theme.M)
    grid.setVerticalSpacing(theme.XS)
    grid.addWidget(section(menu.title().replace("&", "")), 0, 0, 1, 2)
    shown = [action for action in menu.actions() if not action.isSeparator()]
    for row, action in enumerate(shown, start=1):
        grid.addWidget(label(action.text()), row, 0)
        grid.addWidget(muted(action.shortcut().toString(), wrap=False), row, 1, Qt.AlignmentFlag.AlignRight)
    grid.setColumnStretch(0, 1)
    return holder
