"""The undoable edits of a project: each writes to disk as it is done and as it is undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QUndoCommand

from ftstudio.core.errors import StudioError

if TYPE_CHECKING:
    from ftstudio.core.deciding import Decision
    from ftstudio.datasets.store import Dataset
    from ftstudio.gui.project_edits import ProjectEdits
    from ftstudio.project.runs import RunSummary
    from ftstudio.project.schema import ProjectFile


class FileEdit(QUndoCommand):
    """A change of some fields of the project file. Undoing puts back only those fields."""

    def __init__(
        self, session: ProjectEdits, title: str, before: ProjectFile, after: ProjectFile, changed: set[str]
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
        file = self._session.file
        if file is None:
            return
        after = file.model_copy(update={field: getattr(source, field) for field in self._changed})
        if after != file:  # the session writes an edit before it becomes a command
            self._session.write(after, self._changed)


class DataEdit(QUndoCommand):
    """A change of the data set's list of edits; the imported table itself is never touched.

    The change is made here, before the command goes on the stack, so that one the data refuses (`StudioError`)
    never becomes a step to undo.
    """

    def __init__(self, session: ProjectEdits, title: str, data: Dataset, change: Callable[[Dataset], object]) -> None:
        super().__init__(title)
        self._session = session
        self._before: list[Any] = list(data.edits)
        _change(data, change)
        self._after: list[Any] = list(data.edits)

    def redo(self) -> None:
        """Put the edits in force."""
        self._put(self._after)

    def undo(self) -> None:
        """Put back the edits from before."""
        self._put(self._before)

    def _put(self, edits: Sequence[Any]) -> None:
        data = self._session.dataset
        if data is None:
            return
        try:
            if list(data.edits) != list(edits):
                _change(data, lambda data: data.set_edits(edits))
        except StudioError as error:
            self._session.say_refused(error)
        self._session.reload_data()


class DecisionEdit(QUndoCommand):
    """Another way for a run's model to decide; the session has written it before it becomes a command."""

    def __init__(self, session: ProjectEdits, title: str, run: RunSummary, before: Decision, after: Decision) -> None:
        super().__init__(title)
        self._session, self._run, self._before, self._after = session, run, before, after
        self._in_force = after

    def redo(self) -> None:
        """Decide in the new way."""
        self._put(self._after)

    def undo(self) -> None:
        """Decide as before."""
        self._put(self._before)

    def _put(self, decision: Decision) -> None:
        if self._session.write_decision(self._run, decision, self._in_force):
            self._in_force = decision


def _change(data: Dataset, change: Callable[[Dataset], object]) -> None:
    """Make a change; what the disk refuses is a `StudioError`, too."""
    from ftstudio.project import disk_errors

    try:
        change(data)
    except OSError as error:
        raise disk_errors.explain(error, data.folder) from error
