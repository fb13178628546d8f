"""Which run a page is about: a list of those with a result, newest first, numbered in the order they were made."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from ftstudio.core.translation import tr
from ftstudio.gui.session import Session


class RunChoice(QComboBox):
    """Shows the session's run and changes it. A page that shows it calls `refresh()` when the runs change."""

    def __init__(self, session: Session, width: int = 260) -> None:
        super().__init__()
        self._session = session
        self.setAccessibleName(tr("Run"))
        self.setFixedWidth(width)
        self.activated.connect(lambda at: session.show_run(self.itemData(at)))

    def refresh(self) -> None:
        """List the runs again and choose the session's."""
        self.clear()
        runs = self._session.runs
        for at, run in enumerate(runs):
            if run.head is not None:
                words = tr("Run {number}: {name}").format(number=len(runs) - at, name=run.name)
                self.addItem(words, run.id)
                self.setItemData(self.count() - 1, words, Qt.ItemDataRole.ToolTipRole)
        chosen = self._session.run()
        self.setCurrentIndex(max(0, self.findData(chosen.id)) if chosen is not None else -1)
        self.setToolTip(self.currentText())
