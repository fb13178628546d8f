"""The words a user notes with a run: a plain field that is saved when it is left, or after a moment's pause."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import run_edits, theme
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.labels import caption
from ftstudio.project.runs import RunSummary

PAUSE_MS = 1500


class RunNotesEditor(QWidget):
    """Shows and changes the notes of one run."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._run_id, self._stored = "", ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        self.field = _Field(self.save)
        self.field.setAccessibleName(tr("Notes"))
        self.field.setPlaceholderText(tr("What was tried, what came of it, what to try next."))
        self.field.setTabChangesFocus(True)
        self.hint = caption()
        column.addWidget(self.field, 1)
        column.addWidget(self.hint)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.save)
        self.field.textChanged.connect(self._typed)

    def show_run(self, run: RunSummary | None) -> None:
        """Show the notes of a run; what was typed for another is saved first."""
        if run is None or run.id != self._run_id:
            self.save()
        elif run.notes.notes == self._stored:
            self._say_where(run)
            return  # what is being typed stays
        self._run_id, self._stored = (run.id, run.notes.notes) if run is not None else ("", "")
        self.field.setPlainText(self._stored)
        self._pause.stop()
        self.field.setReadOnly(run is None or not self._session.can_write)
        self._say_where(run)

    def _say_where(self, run: RunSummary | None) -> None:
        self.hint.setText(tr("Saved with the run “{name}”.").format(name=run.name) if run is not None else "")

    def save(self) -> None:
        """Store what was typed, as one step to undo."""
        self._pause.stop()
        typed = self.field.toPlainText()
        if self._run_id and typed != self._stored and self._session.can_write:
            self._stored = typed
            run_edits.set_notes(self._session, self._run_id, typed)

    def _typed(self) -> None:
        if self.field.toPlainText() != self._stored:
            self._pause.start()


class _Field(QPlainTextEdit):
    def __init__(self, left: object) -> None:
        super().__init__()
        self._left = left

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if callable(self._left):
            self._left()
