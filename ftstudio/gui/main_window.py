"""The window: menus, rail, the page of the chosen stage, messages, status bar. It holds them together and no more."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QMenu, QStackedWidget, QWidget

from ftstudio.core import catalog
from ftstudio.core.errors import StudioError
from ftstudio.core.quantities import percent
from ftstudio.core.states import RunState
from ftstudio.core.translation import tr
from ftstudio.gui import actions, looking, notifications, preferences, stage_pages, theme
from ftstudio.gui.commands import CONDITIONS, WRITING, Commands
from ftstudio.gui.dialogs import closing
from ftstudio.gui.operations import Operations
from ftstudio.gui.preferences import Preferences
from ftstudio.gui.rail import Rail
from ftstudio.gui.session import Session
from ftstudio.gui.status_line import StatusLine
from ftstudio.gui.wakefulness import Wakefulness
from ftstudio.gui.widgets.toasts import MessageDrawer, NotificationBridge, Toasts
from ftstudio.planning.export_offers import formats_in_order

APPLICATION = "Fine-Tuning Studio"
PROJECT_FILE = "project.ftstudio"


class MainWindow(QMainWindow):
    """One window, one project. `closed` tells that it has let everything go."""

    closed = Signal()

    def __init__(self, remembered: Preferences | None = None) -> None:
        super().__init__()
        self.preferences = remembered or preferences.load()
        self.operations = Operations(self)
        self.session = Session(self.operations, self)
        self.commands = Commands(self, self.session)
        self.stages = {stage.key: stage for stage in stage_pages.find()}
        self.pages: dict[str, QWidget] = {}
        self.stage = "home"
        self.actions_by_key: dict[str, QAction] = {}
        self.menus: list[QMenu] = []
        self._conditions: list[tuple[QAction, str]] = []
        self._closing = False
        self._wakefulness = Wakefulness()
        self._build()
        self._connect()
        self._remember_from()

    def _build(self) -> None:
        self.setMinimumSize(1000, 680)
        self.setAcceptDrops(True)
        self.rail = Rail([(stage.key, stage.shown_title, stage.icon) for stage in self.stages.values()])
        self.page_stack = QStackedWidget()
        self.drawer = MessageDrawer(notifications.centre())
        self.drawer.hide()
        centre = QWidget()
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part, stretch in ((self.rail, 0), (self.page_stack, 1), (self.drawer, 0)):
            row.addWidget(part, stretch)
        self.setCentralWidget(centre)
        self.toasts = Toasts(centre)
        self.setStatusBar(StatusLine(self.session))
        self._build_menus()

    def _connect(self) -> None:
        bridge = NotificationBridge(notifications.centre(), self)
        bridge.posted.connect(self.toasts.show_message)
        bridge.posted.connect(self.drawer.hear)
        self.rail.chosen.connect(self.go_to)
        self.rail.fold_asked.connect(self.fold_rail)
        session, trainer = self.session, self.session.trainer
        session.stage_requested.connect(self.go_to)
        session.command_requested.connect(self._obey)
        session.stage_states_changed.connect(self._refresh)
        session.project_changed.connect(self._refresh)
        session.undo_stack.indexChanged.connect(self._refresh)
        trainer.state_changed.connect(self._stay_awake)
        trainer.measured.connect(self._show_progress)
        trainer.ended.connect(self._run_ended)
        self._progress_timer = QTimer(self)
        self._progress_timer.setSingleShot(True)
        self._progress_timer.setInterval(250)
        self._progress_timer.timeout.connect(self._show_title)

    # Menus

    def _build_menus(self) -> None:
        stages = [(stage.key, stage.title) for stage in self.stages.values()]
        formats = [(spec.key, spec.title) for spec in formats_in_order()]
        studies = [(spec.key, spec.title) for spec in catalog.studies_in_order()]
        specs = (
            *actions.of_stages(stages),
            *actions.ACTIONS,
            *actions.of_studies(studies),
            *actions.of_exporters(formats),
        )
        for key, title in actions.MENUS.items():
            menu = self.menuBar().addMenu(tr(title))
            menu.setToolTipsVisible(True)
            self.menus.append(menu)
            group = None
            for spec in sorted((spec for spec in specs if spec.menu == key), key=lambda spec: spec.group):
                if group not in (None, spec.group):
                    menu.addSeparator()
                group = spec.group
                self._add_action(menu, spec)

    def _add_action(self, menu: QMenu, spec: actions.ActionSpec) -> None:
        action = QAction(tr(spec.title), self)
        action.setShortcut(QKeySequence(spec.shortcut))
        action.setShortcutVisibleInContextMenu(True)
        action.setCheckable(spec.checkable)
        action.triggered.connect(lambda: self.commands.perform(spec.key, spec.argument))
        menu.addAction(action)
        self._conditions.append((action, spec.needs))
        self.actions_by_key[f"{spec.key}:{spec.argument}" if spec.argument else spec.key] = action

    # What is shown

    def go_to(self, key: str) -> None:
        """Show a stage; its page is built the first time."""
        if key not in self.stages:
            return
        self.session.look_again()
        if key not in self.pages:
            self.pages[key] = page = self.stages[key].build(self.session, self.operations)
            self.page_stack.addWidget(page)
        self.stage = key
        self.page_stack.setCurrentWidget(self.pages[key])
        self.rail.choose(key)

    def changeEvent(self, event: QEvent) -> None:
        """Look again at what lies on the disk whenever the user comes back to this window."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.session.look_again()

    def fold_rail(self) -> None:
        """Fold the rail to icons, or unfold it."""
        self.preferences.rail_folded = not self.preferences.rail_folded
        self.rail.set_folded(self.preferences.rail_folded)
        self.actions_by_key["fold_rail"].setChecked(self.preferences.rail_folded)

    def toggle_messages(self) -> None:
        """Show everything said so far, or hide it."""
        self.drawer.refresh()
        self.drawer.setVisible(self.drawer.isHidden())

    def set_theme(self, name: str) -> None:
        """Wear a theme and remember it."""
        self.preferences.theme = name
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, name)
        preferences.save(self.preferences)

    def _refresh(self) -> None:
        why_not = tr(looking.WHY) if self.session.only_looking else ""
        for action, needs in self._conditions:
            action.setEnabled(CONDITIONS[needs](self.session))
            action.setToolTip(why_not if needs in WRITING else "")
        self.actions_by_key["show_messages"].setChecked(not self.drawer.isHidden())
        self._show_title()

    def _stay_awake(self) -> None:
        if self.session.trainer.is_active and self.preferences.keep_awake:
            self._wakefulness.hold()
        else:
            self._wakefulness.release()

    def _show_progress(self, _: object) -> None:
        if not self._progress_timer.isActive():
            self._progress_timer.start()

    def _show_title(self) -> None:
        trainer, file = self.session.trainer, self.session.file
        self.rail.refresh(self.session.stage_state, trainer.share_done())
        if file is None:
            self.setWindowTitle(APPLICATION)
        elif trainer.is_active:
            self.setWindowTitle(f"{percent(trainer.share_done())} – {file.name} – {APPLICATION}")
        else:
            name = tr("{name} (to look at only)").format(name=file.name) if self.session.only_looking else file.name
            self.setWindowTitle(f"{name} – {APPLICATION}")

    # Projects come and go

    def open_project(self, path: Path, *, write: bool = True) -> None:
        """Open a project and show the stage that comes next; what is wrong with it is told.

        One that another window is changing can be opened to be looked at.
        """
        from ftstudio.project.lock import LockedError

        if self.session.trainer.is_active:
            notifications.centre().post(tr("A project is training."), "warning", tr("Stop it before opening another."))
            return
        try:
            self.session.open_and_continue(path, write=write)
        except LockedError as error:
            look = (tr("Open to look, without changing"), lambda: self.open_project(path, write=False))
            notifications.centre().post(error.message, "danger", error.hint, actions=(look,))
        except StudioError as error:
            notifications.centre().error(error)

    def _obey(self, command: str, argument: str) -> None:
        if command in ("open_project", "write_report"):
            self.commands.perform(command, argument)

    def _run_ended(self, outcome: object) -> None:
        QApplication.alert(self)
        finished = getattr(outcome, "state", None)
        if self.session.file is not None and finished is RunState.FINISHED and self.stage != "train":
            notifications.centre().post(
                tr("The training of “{name}” is finished.").format(name=self.session.file.name),
                "success",
                actions=((tr("Look at the results"), lambda: self.go_to("results")),),
            )
        if self._closing and self.isHidden():
            self.close()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files and folders."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a dropped project; hand anything else to the data page."""
        dropped = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if not dropped:
            return
        event.acceptProposedAction()
        first = dropped[0]
        if first.name == PROJECT_FILE or (first / PROJECT_FILE).is_file():
            self.open_project(first)
        elif self.session.project is not None:
            self.go_to("data")
            self.session.command_requested.emit("import_files", "\n".join(map(str, dropped)))
        else:
            self.go_to("home")
            self.session.command_requested.emit("new_project_from", "\n".join(map(str, dropped)))

    # Between starts

    def _remember_from(self) -> None:
        self.resize(1280, 800)
        if self.preferences.geometry:
            self.restoreGeometry(QByteArray.fromBase64(self.preferences.geometry.encode()))
        self.rail.set_folded(self.preferences.rail_folded)
        self.actions_by_key["fold_rail"].setChecked(self.preferences.rail_folded)
        self.go_to("home")
        self._refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask once while training; remember size and stage; let the project go."""
        if self.session.trainer.is_active:
            self._close_while_training(event)
            return
        self.preferences.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.preferences.stage = self.stage
        preferences.save(self.preferences)
        self.session.close()
        self.operations.cancel_all()
        event.accept()
        self.closed.emit()

    def _close_while_training(self, event: QCloseEvent) -> None:
        event.ignore()
        if self._closing:
            return
        answer = closing.ask(self)
        if answer is closing.Answer.CANCEL:
            return
        self._closing = True
        if answer is closing.Answer.STOP:
            self.session.trainer.stop()
        self.hide()
