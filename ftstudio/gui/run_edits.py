"""What a user changes about the runs of the open project: names, stars, notes, and which are in the trash.

Each change is on disk when it is made, and one step to undo. What was asked for and what came out is never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QUndoCommand

from ftstudio.core.errors import StudioError
from ftstudio.core.translation import tr
from ftstudio.gui import notifications

if TYPE_CHECKING:
    from ftstudio.gui.session import Session
    from ftstudio.project.layout import ProjectLayout


def rename(session: Session, run_id: str, name: str) -> None:
    """Give a run another name; an empty one is the name it was asked for with."""
    _note(session, tr("rename a run"), [run_id], name=name)


def set_star(session: Session, run_ids: Sequence[str], star: bool) -> None:
    """Mark runs with a star, or take it away."""
    _note(session, tr("star a run") if star else tr("take a star away"), run_ids, star=star)


def set_notes(session: Session, run_id: str, notes: str) -> None:
    """Write down words about a run."""
    _note(session, tr("note something about a run"), [run_id], notes=notes)


def delete(session: Session, run_ids: Sequence[str]) -> None:
    """Move runs to the trash; what is refused (a run at work) is said, and the others are moved."""
    if session.can_write and run_ids:
        _push(session, DeleteRuns(session, list(run_ids)))


def _note(session: Session, title: str, run_ids: Sequence[str], **fields: Any) -> None:
    if session.can_write:
        _push(session, NoteEdit(session, title, run_ids, fields))


def _push(session: Session, edit: _RunEdit) -> None:
    """Make an edit, and remember it only if it changed something: what the disk refuses is no step to undo."""
    if edit.make():
        session.undo_stack.push(edit)


class _RunEdit(QUndoCommand):
    """Base of edits: made before it goes on the stack, so that the first `redo` has nothing to do."""

    def __init__(self, session: Session, title: str) -> None:
        super().__init__(title)
        self._session = session
        self._made = False

    def make(self) -> bool:
        """Change what is on disk and return whether anything changed; what is refused is said."""
        raise NotImplementedError

    def redo(self) -> None:
        """Make the change again."""
        if self._made:
            self._made = False
        else:
            self.make()

    def _each(self, act: Callable[[ProjectLayout, str], object], run_ids: Sequence[str]) -> list[str]:
        """Do something to each run, say what is refused, list the runs again, and return those it was done to."""
        done = []
        for run_id in run_ids:
            try:
                if self._session.project is not None:
                    act(self._session.project.layout, run_id)
                    done.append(run_id)
            except StudioError as error:
                self._refuse(error)
        self._session.refresh_runs()
        return done

    def _refuse(self, error: StudioError) -> None:
        self._session.say_refused(error)


class NoteEdit(_RunEdit):
    """Other values of some fields of the notes of some runs."""

    def __init__(self, session: Session, title: str, run_ids: Sequence[str], fields: dict[str, Any]) -> None:
        super().__init__(session, title)
        known = {run.id: run.notes for run in session.runs if run.id in run_ids}
        self._before = {
            run_id: {key: getattr(notes, key) for key in fields}
            for run_id, notes in known.items()
            if notes.changed(**fields) != notes
        }
        self._after = dict.fromkeys(self._before, fields)

    def make(self) -> bool:
        """Write the new values."""
        self._made = bool(self._put(self._after))
        return self._made

    def undo(self) -> None:
        """Write the old values."""
        self._put(self._before)

    def _put(self, wanted: dict[str, dict[str, Any]]) -> list[str]:
        from ftstudio.project.run_notes import read_notes, write_notes

        def write(project: ProjectLayout, run_id: str) -> None:
            run = project.run(run_id)
            notes = read_notes(run)
            changed = notes.changed(**wanted[run_id])
            if changed != notes:
                write_notes(run, changed)

        return self._each(write, list(wanted)) if wanted else []


class DeleteRuns(_RunEdit):
    """Some runs moved to the trash."""

    def __init__(self, session: Session, run_ids: list[str]) -> None:
        super().__init__(session, tr("delete runs") if len(run_ids) > 1 else tr("delete a run"))
        self._run_ids = run_ids

    def make(self) -> bool:
        """Move them; those refused are no longer part of the edit."""
        from ftstudio.project.trash import delete_run

        self._run_ids = self._each(delete_run, self._run_ids)
        self._made = bool(self._run_ids)
        return self._made

    def undo(self) -> None:
        """Put them back; one that is gone for good is said, and the step forgotten."""
        from ftstudio.project.trash import restore_run

        restored = self._each(restore_run, self._run_ids)
        self.setObsolete(not restored)

    def _refuse(self, error: StudioError) -> None:
        """Say it; taking the step back, as a refused edit is, would move the other runs a second time."""
        notifications.centre().error(error)
