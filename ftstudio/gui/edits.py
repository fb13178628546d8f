"""The undoable edits of a project: each writes to disk as it is done and as it is undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QUndoCommand

if TYPE_CHECKING:
    from ftstudio.datasets.store import Dataset
    from ftstudio.gui.session import Session
    from ftstudio.project.schema import ProjectFile


class FileEdit(QUndoCommand):
    """A change of some fields of the project file. Undoing puts back only those fields."""

    def __init__(
        self, session: Session, title: str, before: ProjectFile, after: ProjectFile, changed: set[str]
    ) -> None:
        super().__init__(title)
        self._session, self._before, self._after, self._changed = session, before, after, changed

    def redo(self) -> None:
        """Write the new values."""
        self._put(self._after)

    def undo(self) -> None:
        """Write the old values."""
        self._put(self._before)

    def _put(self, source: ProjectFile) -> None:
        if self._session.file is not None:
            values = {field: getattr(source, field) for field in self._changed}
            self._session.write(self._session.file.model_copy(update=values), self._changed)


class DataEdit(QUndoCommand):
    """A change of the data set's list of edits; the imported table itself is never touched.

    The change is made here, before the command goes on the stack, so that one the data refuses (`StudioError`)
    never becomes a step to undo.
    """

    def __init__(self, session: Session, title: str, data: Dataset, change: Callable[[Dataset], object]) -> None:
        super().__init__(title)
        self._session = session
        self._before: list[Any] = list(data.edits)
        change(data)
        self._after: list[Any] = list(data.edits)

    def redo(self) -> None:
        """Put the edits in force."""
        self._put(self._after)

    def undo(self) -> None:
        """Put back the edits from before."""
        self._put(self._before)

    def _put(self, edits: list[Any]) -> None:
        if self._session.dataset is not None:
            self._session.dataset.set_edits(edits)
            self._session.reload_data()
