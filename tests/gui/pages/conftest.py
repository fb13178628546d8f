"""A session with a fresh project for the tests of pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ftstudio.gui import theme
from ftstudio.gui.operations import Operations
from ftstudio.gui.session import Session

OpenProject = Callable[[str], Session]


@pytest.fixture
def operations(qtbot: QtBot) -> Iterator[Operations]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the pages of tests before this one
    if not app.styleSheet():
        theme.apply(app, "light")
    made = Operations()
    yield made
    made.cancel_all()
    qtbot.waitUntil(lambda: not made.running)


@pytest.fixture
def session(operations: Operations) -> Iterator[Session]:
    made = Session(operations)
    yield made
    made.close()


@pytest.fixture
def new_project(session: Session, tmp_path: Path) -> OpenProject:
    def make(task: str) -> Session:
        session.create(tmp_path / "project", "Test", task)
        return session

    return make


def drop(target: QWidget, *paths: Path) -> None:
    """Drop files on a widget as a file manager would."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(target.rect().center(), Qt.DropAction.CopyAction, data, button, keys)
    QApplication.sendEvent(target, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(
        target, QDropEvent(QPointF(target.rect().center()), Qt.DropAction.CopyAction, data, button, keys)
    )


def unnamed(page: QWidget) -> list[str]:
    """Return the controls of a page that a screen reader could not name."""
    kinds = ("QPushButton", "QToolButton", "QLineEdit", "QComboBox", "QCheckBox", "QRadioButton", "QAbstractItemView")
    controls = [widget for widget in page.findChildren(QWidget) if any(widget.inherits(kind) for kind in kinds)]
    own = [widget for widget in controls if not widget.objectName().startswith("qt_") and widget.parent() is not None]
    return [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in own
        if widget.isVisibleTo(page) and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
