"""The runs of the open project: listed, begun, resumed, chosen. The part of the session that looks after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ftstudio.core.messages import Diagnosed
from ftstudio.core.states import RunState
from ftstudio.core.translation import tr
from ftstudio.gui import notifications
from ftstudio.gui.trainer import Trainer

if TYPE_CHECKING:
    from ftstudio.core.advice import Advice, Remedy
    from ftstudio.datasets.store import Dataset
    from ftstudio.models.records import ModelRecord
    from ftstudio.project.run_shelf import RunShelf
    from ftstudio.project.runs import RunSummary
    from ftstudio.project.store import Project


class ProjectRuns(QObject):
    """Base of the session: what is open, and its runs, newest first. `run_id` is the run chosen to be looked at."""

    runs_changed = Signal()
    stage_states_changed = Signal()
    stage_requested = Signal(str)
    view_requested = Signal(str)
    """A view of the result is asked for, by its key."""
    samples_requested = Signal(str, str, str)
    """Samples are asked for: split, true label, predicted label; empty means any."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trainer = Trainer(self)
        self._forget_runs()
        self.trainer.started.connect(lambda _: self.refresh_runs())
        self.trainer.ended.connect(lambda _: self.refresh_runs())
        self.trainer.state_changed.connect(self.stage_states_changed)

    def _forget_runs(self) -> None:
        self.project: Project | None = None
        self.dataset: Dataset | None = None
        self.model: ModelRecord | None = None
        self.runs: list[RunSummary] = []
        self.run_id: str | None = None
        self._shelf: RunShelf | None = None

    @property
    def can_write(self) -> bool:
        """Whether the open project may be changed here; one opened only to be looked at may not."""
        return self.project is not None and self.project.writable

    @property
    def only_looking(self) -> bool:
        """Whether a project is open that may not be changed here."""
        return self.project is not None and not self.project.writable

    def refresh_runs(self) -> None:
        """List the runs again after one began, ended or was removed."""
        self._list_runs()
        self.runs_changed.emit()
        self.stage_states_changed.emit()

    def look_again(self) -> None:
        """Notice runs that came, changed or went without this window: by another one, a verb or a file manager."""
        listed, shown = self.runs, self.run()
        self._list_runs()
        if self.runs == listed:
            return
        if shown is not None and shown.id not in [run.id for run in self.runs]:
            gone = tr("The run “{run}” is not there any more.").format(run=shown.name)
            hint = tr(
                "It was deleted outside of this window. If it is in the trash of the Runs page, restore it there."
            )
            notifications.centre().post(gone, "warning", hint)
        self.runs_changed.emit()
        self.stage_states_changed.emit()

    def _list_runs(self) -> None:
        from ftstudio.project.run_shelf import RunShelf

        if self.project is not None and self._shelf is None:
            self._shelf = RunShelf(self.project.layout)
        self.runs = self._shelf.list() if self._shelf is not None else []

    def run(self, run_id: str | None = None) -> RunSummary | None:
        """Return the run called `run_id`, or the one shown, or the latest with a result."""
        wanted = run_id or self.run_id
        with_result = [run for run in self.runs if run.status.state.has_result]
        chosen = next((run for run in self.runs if run.id == wanted), None)
        return chosen or (with_result[0] if with_result else None)

    def show_run(self, run_id: str | None) -> None:
        """Choose the run that Results, Try and Export are about."""
        self.run_id = run_id
        self.runs_changed.emit()

    def start_training(self, *, resume: str | None = None) -> None:
        """Begin a run with the settings as they are, or go on with an interrupted one."""
        if self.project is None or not self.can_write or self.trainer.is_active:
            return
        self.run_id = None
        self.trainer.start(self.project.layout.root, {"resume": resume} if resume else {})
        self.stage_requested.emit("train")

    def note_remedy(self, run_id: str, advice: Advice, remedy: Remedy) -> None:
        """Note with a run that the user took a remedy offered for it: through its worker, or in its record."""
        if self.trainer.is_active and self.trainer.run_id == run_id:
            self.trainer.note(remedy.name)
            return
        run = next((run for run in self.runs if run.id == run_id), None)
        if run is not None and self.can_write and not run.status.state.is_active:
            from ftstudio.project.journal import Journal

            with Journal(run.layout.metrics) as journal:
                journal.append(Diagnosed(step=run.status.step, advice=(advice,), done=remedy.name))

    def resumable(self) -> RunSummary | None:
        """Return the newest run if it can go on from its last checkpoint."""
        if not self.runs or not self.can_write or self.trainer.is_active:
            return None
        newest = self.runs[0]
        can = newest.status.state.can_resume and newest.request is not None and newest.layout.last.exists()
        return newest if can else None

    def interrupted(self) -> RunSummary | None:
        """Return the newest run if it ended without a word and can go on."""
        run = self.resumable()
        return run if run is not None and run.status.state is RunState.INTERRUPTED else None

    def can_train(self) -> bool:
        """Whether data and model are there, nothing is training and the project may be changed."""
        return self.can_write and self.dataset is not None and self.model is not None and not self.trainer.is_active
