"""The edits of the open project, the part of the session that writes: undoable, and on disk when the method returns.

What the disk refuses is taken back at once, and said: what is on the screen is what is on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from ftstudio.core import catalog
from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.settings import Overrides
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text
from ftstudio.core.translation import tr
from ftstudio.gui import edits, notifications
from ftstudio.gui.project_runs import ProjectRuns

if TYPE_CHECKING:
    from ftstudio.core.boxes import Box
    from ftstudio.core.deciding import Decision
    from ftstudio.core.problems import Fix
    from ftstudio.datasets.store import Dataset
    from ftstudio.models.records import ModelRecord
    from ftstudio.project.runs import RunSummary
    from ftstudio.project.schema import ProjectFile


class ProjectEdits(ProjectRuns):
    """Edits of the project file and of the data set, as commands on `undo_stack`."""

    saved = Signal()
    decision_changed = Signal(str)
    """How a run's model decides was changed; carries the id of the run."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self._refused = False

    @property
    def file(self) -> ProjectFile | None:
        """The content of the project file."""
        return self.project.file if self.project is not None else None

    def set_name(self, name: str) -> None:
        """Rename the project (its folder stays)."""
        self._edit(tr("rename"), name=name)

    def set_notes(self, notes: str) -> None:
        """Change the notes."""
        self._edit(tr("edit notes"), notes=notes)

    def set_overrides(self, overrides: Overrides, title: str = "") -> None:
        """Change the settings: a preset and the values that differ from it."""
        self._edit(title or tr("change settings"), settings=overrides)

    def set_model(self, record: ModelRecord) -> None:
        """Use a model; where it lies on this computer goes into the machine's own book."""
        from ftstudio.project import modelbook
        from ftstudio.project.schema import ModelReference

        reference = ModelReference(name=record.name, source=record.origin, fingerprint=record.fingerprint)
        modelbook.remember(reference, record.path)
        self._edit(tr("choose a model"), model=reference)

    def can_change_task(self) -> bool:
        """Whether nothing has been made yet that is of the present task: no data, no runs."""
        return self.can_write and self.dataset is None and not self.runs

    def set_task(self, key: str) -> None:
        """Make the project one for another task; a model that does not fit it and all settings are let go."""
        from ftstudio.models.compatibility import fits

        if self.file is None or not self.can_change_task():
            return
        stays = self.model is not None and fits(self.model, catalog.tasks().spec(key)) is None
        self._edit(tr("change the task"), task=key, model=self.file.model if stays else None, settings=Overrides())

    def data_imported(self, name: str) -> None:
        """Take over a data set that an import has just put into the project's folder (this cannot be undone)."""
        from ftstudio.datasets.store import Dataset
        from ftstudio.project.schema import DataReference, now

        if self.project is None:
            return
        fingerprint = Dataset.open(self.project.layout.data).manifest.fingerprint
        reference = DataReference(name=name, fingerprint=fingerprint, imported=now())
        if self.write(self.project.file.model_copy(update={"data": reference}), {"data"}):
            self.undo_stack.clear()

    def apply_fix(self, fix: Fix) -> None:
        """Apply a suggested remedy to the data; it can be undone. Raises `StudioError` with nothing changed."""
        self._edit_data(fix.label.render(), lambda data: data.apply(fix))

    def set_roles(self, roles: dict[ColumnRole, str]) -> None:
        """Say what the columns of the data mean; it can be undone. Raises `StudioError` with nothing changed."""
        self._edit_data(tr("change columns"), lambda data: data.set_roles(roles))

    def set_label_kind(self, kind: Answer) -> None:
        """Say what the label of a row is; it can be undone. Raises `StudioError` with nothing changed."""
        self._edit_data(tr("change the kind of label"), lambda data: data.set_roles(data.roles, kind))

    def relabel(self, place: int, label: str) -> None:
        """Give one row another label; it can be undone. Raises `StudioError` with nothing changed."""
        from ftstudio.datasets import label_edits

        edit = label_edits.relabel(place, label)
        self._edit_data(tr("fix a label"), lambda data: data.set_edits((*data.edits, edit)))

    def set_boxes(self, place: int, boxes: Sequence[Box], title: str) -> None:
        """Give one picture other boxes, as an edit of that name; raises `StudioError` with nothing changed."""
        from ftstudio.core.boxes import write
        from ftstudio.datasets import label_edits

        edit = label_edits.relabel(place, write(boxes))
        self._edit_data(title, lambda data: data.set_edits((*data.edits, edit)))

    def confirm_label(self, place: int, label: str) -> None:
        """Note that the label of a row is right; it can be undone. Raises `StudioError` with nothing changed."""
        from ftstudio.datasets import label_edits

        edit = label_edits.confirm(place, label)
        self._edit_data(tr("keep a label"), lambda data: data.set_edits((*data.edits, edit)))

    def set_decision(self, run: RunSummary, decision: Decision, title: str) -> None:
        """Choose how the model of a run decides; it can be undone."""
        from ftstudio.project.decisions import read_decision
        from ftstudio.project.schema import now

        after = decision.model_copy(update={"chosen": now()})
        if self.can_write and self.write_decision(run, after, before := read_decision(run.layout)):
            self.undo_stack.push(edits.DecisionEdit(self, title, run, before, after))

    def reload_data(self) -> None:
        """Read the data set again after it changed on disk; the session knows how."""
        raise NotImplementedError

    # Back and forth

    def undo(self) -> None:
        """Take back the last edit; if the disk refuses, it stays in force."""
        self._step(self.undo_stack.undo, self.undo_stack.redo)

    def redo(self) -> None:
        """Do the edit again that was taken back last; if the disk refuses, it stays taken back."""
        self._step(self.undo_stack.redo, self.undo_stack.undo)

    def _step(self, step: Callable[[], None], back: Callable[[], None]) -> None:
        self._refused = False
        step()
        if self._refused:
            back()  # writes nothing: what it would write is what is there

    # Writing. Not for pages: they use the methods above.

    def _edit(self, title: str, **changes: Any) -> None:
        before = self.file
        if before is None:
            return
        after = before.model_copy(update=changes)
        if after != before and self.write(after, set(changes)):
            self.undo_stack.push(edits.FileEdit(self, title, before, after, set(changes)))

    def _edit_data(self, title: str, change: Callable[[Dataset], object]) -> None:
        if self.dataset is None:
            return
        if not self.can_write:
            raise InputError(
                text("The project is open for reading only."),
                text("Close it in the other window and open it here again."),
            )
        self.undo_stack.push(edits.DataEdit(self, title, self.dataset, change))

    def write(self, file: ProjectFile, changed: set[str]) -> bool:
        """Store a project file, tell who must know, and return whether the disk took it (if not, that is said)."""
        if self.project is None:
            return False
        written = True
        try:
            self.project.save(file)
            self.saved.emit()
        except StudioError as error:
            written = False
            self.say_refused(error)
        for field in changed:  # after a refusal, too: a field on the screen goes back to what is on disk
            getattr(self, f"_{field}_written")()
        self.stage_states_changed.emit()
        return written

    def write_decision(self, run: RunSummary, decision: Decision, before: Decision) -> bool:
        """Store how a run decides, tell who must know, and return whether the disk took it (if not, that is said)."""
        from ftstudio.project.decisions import write_decision

        if decision == before:
            return False
        try:
            write_decision(run.layout, decision)
        except StudioError as error:
            self.say_refused(error)
            return False
        self.saved.emit()
        self.decision_changed.emit(run.id)
        return True

    def say_refused(self, error: StudioError) -> None:
        """Tell that an edit could not be written and is not in force."""
        self._refused = True
        taken_back = tr("The change was taken back: what you see is what is on disk.")
        hint = f"{error.hint} {taken_back}" if error.hint else taken_back
        notifications.centre().post(error.message, "danger", hint)
