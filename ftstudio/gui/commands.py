"""What each menu entry does: one small method for each key of `actions`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QInputDialog

from ftstudio.core import paths
from ftstudio.core.errors import StudioError
from ftstudio.core.specs import Answer
from ftstudio.core.states import RunState
from ftstudio.core.translation import tr
from ftstudio.gui import notifications
from ftstudio.gui.dialogs import about, data_export, preferences_dialog, report_dialog, shortcuts
from ftstudio.gui.session import Session

if TYPE_CHECKING:
    from ftstudio.gui.main_window import MainWindow

CONDITIONS: dict[str, Callable[[Session], bool]] = {
    "": lambda session: True,
    "project": lambda session: session.project is not None,
    "writable": lambda session: session.can_write,
    "data": lambda session: session.dataset is not None,
    "boxes": lambda session: session.dataset is not None and session.dataset.answer is Answer.BOXES,
    "undo": lambda session: session.undo_stack.canUndo(),
    "redo": lambda session: session.undo_stack.canRedo(),
    "can_train": lambda session: session.can_train(),
    "training": lambda session: session.trainer.is_active,
    "can_resume": lambda session: session.resumable() is not None,
    "result": lambda session: session.run() is not None,
}
WRITING = frozenset({"writable", "undo", "redo", "can_train", "can_resume"})
"""The conditions that no project meets which is open only to be looked at."""


class Commands:
    """The actions of one window."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        self._window, self._session = window, session

    def perform(self, key: str, argument: str = "") -> None:
        """Do the action `key`; what goes wrong is told."""
        try:
            method = getattr(self, key)
            method(argument) if argument else method()
        except StudioError as error:
            notifications.centre().error(error)

    # File

    def new_project(self, task: str = "") -> None:
        """Show the page on which a project is begun."""
        self._window.go_to("home")
        self._session.command_requested.emit("new_project", task)

    def open_project(self, path: str = "") -> None:
        """Open a project, asking for its folder unless it is given."""
        chosen = path or QFileDialog.getExistingDirectory(
            self._window, tr("Open project"), str(paths.projects_folder())
        )
        if chosen:
            self._window.open_project(Path(chosen))

    def save_project(self) -> None:
        """Say that it is saved: every change is, at once."""
        if self._session.project is not None:
            self._session.project.save(self._session.project.file)
            self._session.saved.emit()
            notifications.centre().post(tr("Saved. Every change is saved as you make it."))

    def show_folder(self) -> None:
        """Open the project's folder in the system's file manager."""
        if self._session.project is not None:
            show_folder(self._session.project.layout.root)

    def close_project(self) -> None:
        """Close the project and go home."""
        if self._session.trainer.is_active:
            notifications.centre().post(
                tr("The project is training."), "warning", tr("Stop the training first; then close the project.")
            )
            return
        self._session.close()
        self._window.go_to("home")

    def preferences(self) -> None:
        """Open the preferences."""
        preferences_dialog.show(self._window)

    def quit(self) -> None:
        """Close the window."""
        self._window.close()

    # Edit

    def undo(self) -> None:
        """Take back the last edit."""
        self._session.undo()

    def redo(self) -> None:
        """Do it again."""
        self._session.redo()

    def rename_project(self) -> None:
        """Ask for another name."""
        if self._session.file is not None:
            name, accepted = QInputDialog.getText(
                self._window, tr("Rename project"), tr("Name"), text=self._session.file.name
            )
            if accepted and name.strip():
                self._session.set_name(name.strip())

    # Model, data

    def browse_models(self) -> None:
        """Go to the models."""
        self._window.go_to("model")

    def add_model_folder(self) -> None:
        """Let the model page ask for a folder."""
        self._ask_page("model", "add_model_folder")

    def import_data(self) -> None:
        """Let the data page ask for files."""
        self._ask_page("data", "import_data")

    def check_data(self) -> None:
        """Let the data page check again."""
        self._ask_page("data", "check_data")

    def label_doctor(self) -> None:
        """Let the data page show the label doctor."""
        self._ask_page("data", "label_doctor")

    def correct_boxes(self) -> None:
        """Let the data page show pictures with boxes to be corrected."""
        self._ask_page("data", "correct_boxes")

    def export_data(self) -> None:
        """Ask for a file and write the data into it as it is now."""
        data_export.ask(self._window, self._session)

    def _ask_page(self, stage: str, command: str, argument: str = "") -> None:
        self._window.go_to(stage)
        self._session.command_requested.emit(command, argument)

    # Train, export

    def start_training(self) -> None:
        """Begin a run."""
        self._session.start_training()

    def show_study(self, key: str) -> None:
        """Go to a study on the Advice page."""
        self._window.go_to("advice")
        self._session.command_requested.emit("show_study", key)

    def pause_training(self) -> None:
        """Pause, or go on."""
        trainer = self._session.trainer
        if trainer.state is RunState.PAUSED:
            trainer.resume()
        else:
            trainer.pause()

    def stop_training(self) -> None:
        """Stop and keep the best."""
        self._session.trainer.stop()

    def resume_run(self) -> None:
        """Go on with the last interrupted run."""
        run = self._session.resumable()
        if run is not None:
            self._session.start_training(resume=run.id)

    def export_model(self) -> None:
        """Go to the formats."""
        self._window.go_to("export")

    def write_report(self) -> None:
        """Write one page about the run that is shown."""
        report_dialog.ReportDialog(self._window, self._session).show()

    def export_as(self, key: str) -> None:
        """Export in one format."""
        self._ask_page("export", "export_as", key)

    # View, help

    def go_to(self, stage: str) -> None:
        """Show a stage."""
        self._window.go_to(stage)

    def fold_rail(self) -> None:
        """Fold or unfold the rail."""
        self._window.fold_rail()

    def show_messages(self) -> None:
        """Show or hide the messages."""
        self._window.toggle_messages()

    def set_theme(self, name: str) -> None:
        """Wear another theme."""
        self._window.set_theme(name)

    def full_screen(self) -> None:
        """Fill the screen, or not."""
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def help(self) -> None:
        """Explain the page that is shown."""
        about.show_help(self._window, self._window.stage)

    def shortcuts(self) -> None:
        """List all shortcuts."""
        shortcuts.show(self._window)

    def about(self) -> None:
        """Say what this program is."""
        about.show(self._window)


def show_folder(folder: Path) -> None:
    """Open a folder in the system's file manager, or tell where it is."""
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
        notifications.centre().post(tr("It lies here: {folder}").format(folder=folder))
