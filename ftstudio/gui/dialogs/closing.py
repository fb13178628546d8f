"""The one question asked when the window is closed while a run is at work."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtWidgets import QMessageBox, QWidget

from ftstudio.core.translation import tr


class Answer(Enum):
    """What to do with the run."""

    KEEP = auto()
    STOP = auto()
    CANCEL = auto()


def ask(parent: QWidget) -> Answer:
    """Ask what to do with the run at work."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(tr("Close while training?"))
    box.setText(tr("A run is at work."))
    box.setInformativeText(
        tr("It can go on without the window until it is done, or stop after this step and keep its best model.")
    )
    keep = box.addButton(tr("Keep training in the background"), QMessageBox.ButtonRole.AcceptRole)
    stop = box.addButton(tr("Stop and keep"), QMessageBox.ButtonRole.DestructiveRole)
    back = box.addButton(tr("Do not close"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(back)
    box.exec()
    clicked = box.clickedButton()
    if clicked is keep:
        return Answer.KEEP
    return Answer.STOP if clicked is stop else Answer.CANCEL
