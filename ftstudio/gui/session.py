"""What the window has open: one project with its data set, model, settings and runs, and who must hear of changes.

Pages read the attributes, call the methods and listen to the signals; they never write the project themselves
(`project_edits` does).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ftstudio.core import catalog
from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.presets import Facts, Resolved, propose, resolve
from ftstudio.core.row_words import rows_are_pictures
from ftstudio.core.specs import Modality, TaskSpec
from ftstudio.core.states import Split
from ftstudio.core.text import Text
from ftstudio.core.translation import tr
from ftstudio.gui import notifications, rehearsing, stages
from ftstudio.gui.operations import Operations
from ftstudio.gui.project_edits import ProjectEdits

if TYPE_CHECKING:
    from ftstudio.core.problems import Problem
    from ftstudio.core.states import StageState
    from ftstudio.project.store import Project


class Session(ProjectEdits):
    """The open project and everything known about it. All attributes are None or empty while none is open."""

    project_changed = Signal()
    model_changed = Signal()
    data_changed = Signal()
    settings_changed = Signal()
    facts_changed = Signal()
    problems_changed = Signal()
    command_requested = Signal(str, str)

    def __init__(self, operations: Operations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.operations = operations
        self._forget()

    def _forget(self) -> None:
        self._forget_runs()
        self.model_missing: Text | None = None
        self.facts: Facts | None = None
        self.resolved: Resolved | None = None
        self.problems: list[Problem] = []

    # The project

    @property
    def usual_task(self) -> TaskSpec | None:
        """The task as it is whatever labels the rows have: what new data is imported for."""
        if self.file is None:
            return None
        spec: TaskSpec = catalog.tasks().spec(self.file.task)
        return spec

    @property
    def task(self) -> TaskSpec | None:
        """What the project's model is trained for, as the labels of its rows shape it."""
        spec, kind = self.usual_task, self.dataset.answer if self.dataset is not None else None
        return spec if spec is None else spec.shaped(kind if kind in spec.answers else None)

    def open(self, path: Path, *, write: bool = True) -> None:
        """Open a project by its folder or file and close the one before; raises `InputError` with nothing changed."""
        from ftstudio.project.store import open_project

        self._adopt(open_project(path, write=write))

    def create(self, root: Path, name: str, task: str) -> None:
        """Make a project and open it; raises `InputError` if the folder exists and is not empty."""
        from ftstudio.project.store import create_project

        self._adopt(create_project(root, name, task))

    def close(self) -> None:
        """Let the project go; it is saved already."""
        if self.project is not None:
            self.project.close()
        self._forget()
        rows_are_pictures(False)
        self.undo_stack.clear()
        self._tell_everyone()

    def _adopt(self, project: Project) -> None:
        from ftstudio.project import recents

        if self.project is not None:
            self.project.close()
        self._forget()
        self.undo_stack.clear()
        self.project = project
        rows_are_pictures(self.usual_task is not None and self.usual_task.modality is Modality.IMAGE)
        recents.touch(project.layout.root)
        self._load_data()
        self._load_model()
        self._list_runs()
        self._tell_everyone()
        self.refresh_facts()

    def _tell_everyone(self) -> None:
        for signal in (self.project_changed, self.model_changed, self.data_changed, self.settings_changed):
            signal.emit()
        for signal in (self.facts_changed, self.problems_changed, self.runs_changed, self.stage_states_changed):
            signal.emit()

    # What an edit has written

    def _name_written(self) -> None:
        self.project_changed.emit()

    def _notes_written(self) -> None:
        self.project_changed.emit()

    def _task_written(self) -> None:
        self.project_changed.emit()

    def _settings_written(self) -> None:
        self._resolve()
        self.settings_changed.emit()

    def _model_written(self) -> None:
        self._load_model()
        self.model_changed.emit()
        self.refresh_facts()

    def _data_written(self) -> None:
        self.reload_data()

    # What is known about the parts

    def reload_data(self) -> None:
        """Read the data set again after it changed on disk."""
        self._load_data()
        self.data_changed.emit()
        self.stage_states_changed.emit()
        self.refresh_facts()

    def look_again(self) -> None:
        """Notice what was changed on disk without this window, the data, too."""
        super().look_again()
        if self.dataset is not None and not self.operations.running and not self.dataset.is_current():
            self.undo_stack.clear()  # its steps know nothing of what was changed outside, and would undo it
            self.reload_data()
            notifications.centre().post(tr("The data was changed outside of this window and read again."), "note")

    def set_problems(self, problems: list[Problem]) -> None:
        """Remember what the checks found in the data."""
        self.problems = problems
        self.problems_changed.emit()
        self.stage_states_changed.emit()

    def refresh_facts(self) -> None:
        """Gather what presets need to know, in the background; `facts_changed` and `settings_changed` follow."""
        project = self.project
        if project is None or self.dataset is None or self.model is None:
            self._take_facts(project, None)
            return

        def gather() -> Facts:
            from ftstudio.planning import facts

            return facts.gather(project)

        self.operations.run(
            gather,
            title=tr("Looking at data and model"),
            on_success=lambda facts: self._take_facts(project, facts),
            on_failure=lambda _: self._take_facts(project, None),
        )

    def _take_facts(self, project: Project | None, facts: Facts | None) -> None:
        if project is not self.project:
            return
        self.facts = facts
        self._resolve()
        self.facts_changed.emit()
        self.settings_changed.emit()
        self.stage_states_changed.emit()

    def _resolve(self) -> None:
        self.resolved = None
        if self.file is None or self.task is None:
            return
        facts = self.facts or Facts(rows=self.dataset.count(Split.TRAIN) if self.dataset is not None else 0)
        try:
            self.resolved = resolve(propose(self.task.recommend, facts, self.file.settings), self.file.settings)
        except InputError:
            self.resolved = None

    def _load_data(self) -> None:
        self.dataset, self.problems = None, []
        if self.project is None or self.project.file.data is None:
            return
        from ftstudio.datasets.store import Dataset

        try:
            self.dataset = Dataset.open(self.project.layout.data)
        except StudioError as error:
            notifications.centre().error(error)

    def _load_model(self) -> None:
        self.model, self.model_missing = None, None
        if self.project is None or self.project.file.model is None:
            return
        from ftstudio.models import library
        from ftstudio.project import modelbook

        reference = self.project.file.model
        try:
            place = None if reference.source.startswith("starter:") else modelbook.locate(reference)
            self.model = library.resolve(str(place) if place else reference.source)
        except StudioError as error:
            self.model_missing = error.message

    def next_stage(self) -> str:
        """Return the stage that a project just opened needs next."""
        if self.dataset is None and self.model is None:
            return "model"
        if self.dataset is None or self.model is None:
            return "data" if self.dataset is None else "model"
        return "results" if self.run() is not None and self.interrupted() is None else "train"

    def open_and_continue(self, path: Path, *, write: bool = True) -> None:
        """Open a project and go to the stage it needs next; offers to resume an interrupted run."""
        self.open(path, write=write)
        self.stage_requested.emit(self.next_stage())
        run = self.interrupted()
        if run is not None:
            notifications.centre().post(
                tr("“{run}” was interrupted at step {step}. Its checkpoint is safe.").format(
                    run=run.name, step=run.status.step
                ),
                "warning",
                tr("Resume it: it goes on exactly where it was."),
                actions=((tr("Resume"), lambda: self.start_training(resume=run.id)),),
            )

    def start_training(self, *, resume: str | None = None) -> None:
        """Begin a run, rehearsed first if it will be long, or go on with an interrupted one."""
        begin = super().start_training
        if resume is not None or not self.can_train() or not rehearsing.takes_over(self, begin):
            begin(resume=resume)

    def create_sample(self, key: str, *, then_train: bool = False) -> None:
        """Make a fresh project of a sample in the background, open it, and train it if asked."""
        from ftstudio.gui import sample_projects

        def adopt(root: Path) -> None:
            self.open_and_continue(root)
            if then_train:
                self.start_training()

        sample_projects.create(self.operations, key, adopt)

    def stage_state(self, key: str) -> StageState:
        """Return how a stage stands, for the rail."""
        return stages.state(key, self)
