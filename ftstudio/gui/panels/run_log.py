"""The log of the run at work, folded away until somebody wants it."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPlainTextEdit

from ftstudio.core.translation import tr
from ftstudio.gui.forms.fold import Fold
from ftstudio.gui.trainer import LOG_LINES, Trainer

FLUSH_MS = 250
HEIGHT = 140


class RunLog(Fold):
    """Shows the last lines; lines are added in bundles so that a chatty library cannot slow the window."""

    def __init__(self, trainer: Trainer) -> None:
        super().__init__(tr("Log"), opened=False, quiet=True)
        self._waiting: list[str] = []
        self.view = QPlainTextEdit()
        self.view.setReadOnly(True)
        self.view.setMaximumBlockCount(LOG_LINES)
        self.view.setFixedHeight(HEIGHT)
        self.view.setAccessibleName(tr("Log of the run"))
        self.view.setPlaceholderText(tr("Nothing has been logged."))
        self.contents.addWidget(self.view)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FLUSH_MS)
        self._timer.timeout.connect(self._flush)
        trainer.logged.connect(self.add)

    def add(self, line: str) -> None:
        """Add a line soon."""
        self._waiting.append(line)
        if not self._timer.isActive():
            self._timer.start()

    def show_lines(self, lines: list[str]) -> None:
        """Replace everything."""
        self._waiting.clear()
        self.view.setPlainText("\n".join(lines[-LOG_LINES:]))

    def open_with(self, details: str) -> None:
        """Show the last words of a worker."""
        self.show_lines(details.splitlines())
        self.set_opened(True)

    def _flush(self) -> None:
        self.view.appendPlainText("\n".join(self._waiting[-LOG_LINES:]))
        self._waiting.clear()
