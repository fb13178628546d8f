"""A person at the window: presses buttons, clicks cards and menus, drops a folder, and waits for what follows.

Nothing here calls the session or a page's methods: whatever happens, happens because of a mouse or a key.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.data import DataPage
from ftstudio.gui.pages.export import ExportPage
from ftstudio.gui.pages.home import HomePage
from ftstudio.gui.pages.model import ModelPage
from ftstudio.gui.pages.train import TrainPage
from ftstudio.gui.widgets.feedback import Banner
from ftstudio.project.layout import ProjectLayout, RunLayout
from tests.gui.pages.conftest import drop

LEFT = Qt.MouseButton.LeftButton
SOON = 60_000
A_RUN = 900_000

Page = TypeVar("Page", bound=QWidget)


class Person:
    """Somebody who uses `window`."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self._qtbot = window, qtbot
        window.activateWindow()

    @property
    def project(self) -> ProjectLayout:
        """The folder of the open project."""
        assert self.window.session.project is not None
        return self.window.session.project.layout

    def begin(self, name: str, task: str) -> None:
        """Begin a project on the Home page."""
        home = self._page("home", HomePage)
        self._press(home, "New project")
        panel = home.new_project
        self._qtbot.keyClicks(panel.name, name)
        self._click(panel.cards[task])
        self._press(panel, "Create project")
        self._until(lambda: self.window.session.project is not None)

    def choose_model(self, name: str) -> None:
        """Choose a model in the browser; one that must be prepared first is."""
        page = self._page("model", ModelPage)
        self._until(lambda: name in self._listed(page))
        models = page.models
        place = models.visualRect(models.shown.index(self._listed(page).index(name))).center()
        self._qtbot.mouseClick(models.viewport(), LEFT, pos=place)
        self._press(page.details, "Use this model", "Prepare and use")
        self._until(lambda: self.window.session.model is not None)

    def import_folder(self, folder: Path) -> None:
        """Drop a folder on the Data page, look at what was found, import it."""
        self._click(self.window.rail.buttons["data"])
        page = self._page("data", DataPage)
        drop(page.drop, folder)
        self._until(lambda: page.faces.currentWidget() is page.review)
        self._press(page.review, "Import")
        self._until(lambda: page.faces.currentWidget() is page.view and self.window.session.facts is not None)

    def train(self) -> RunLayout:
        """Press Start training, with the settings as they are, and wait for the end."""
        self._click(self.window.rail.buttons["train"])
        page = self._page("train", TrainPage)
        self._press(page.before, "Start training")
        # Before a run that may take long the window measures some steps, which takes as long as the computer is busy.
        self._until(lambda: self.window.session.trainer.is_active, A_RUN)
        self._until(lambda: not self.window.session.trainer.is_active, A_RUN)
        run = self.window.session.run()
        assert run is not None, list(self.window.session.trainer.log)
        return run.layout

    def export(self, key: str) -> Path:
        """Choose a format in the menu, press Export, and return where the banner says that the model lies."""
        self._choose(f"export_as:{key}")
        page = self._page("export", ExportPage)
        self._press(page, "Export")
        self._until(lambda: bool(page.done_slot.findChildren(Banner)))
        banner = page.done_slot.findChildren(Banner)[0]
        assert banner.text_label.text() == "Exported.", banner.text_label.text()
        return Path(banner.hint_label.text())

    def _choose(self, action: str) -> None:
        """Open the menu that holds an action and click its entry."""
        entry = self.window.actions_by_key[action]
        menu = next(one for one in self.window.menus if entry in one.actions())
        bar = self.window.menuBar()
        self._qtbot.mouseClick(bar, LEFT, pos=bar.actionGeometry(menu.menuAction()).center())
        self._until(menu.isVisible)
        assert entry.isEnabled()
        self._qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(entry).center())

    def _page(self, key: str, kind: type[Page]) -> Page:
        self._until(lambda: self.window.stage == key)
        page = self.window.pages[key]
        assert isinstance(page, kind)
        return page

    def _press(self, within: QWidget, *words: str) -> None:
        """Press the button that says one of `words`, as soon as it can be pressed."""

        def found() -> list[QPushButton]:
            buttons = within.findChildren(QPushButton)
            return [one for one in buttons if one.text() in words and one.isVisible() and one.isEnabled()]

        self._until(lambda: bool(found()))
        self._click(found()[0])

    def _click(self, widget: QWidget) -> None:
        QApplication.processEvents()  # what was just shown gets its place
        self._qtbot.mouseClick(widget, LEFT)

    def _until(self, true: Callable[[], bool], longest: int = SOON) -> None:
        self._qtbot.waitUntil(true, timeout=longest)

    @staticmethod
    def _listed(page: ModelPage) -> list[str]:
        return [entry.name for entry in page.models.shown.entries]
