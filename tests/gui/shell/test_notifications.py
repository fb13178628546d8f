"""One error path: a sentence, a hint, a report; the window lives on."""

from __future__ import annotations

import sys
import threading

from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.text import text
from ftstudio.gui import notifications
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.notifications import Notifications
from ftstudio.gui.widgets.feedback import Banner


def test_an_error_of_ours_shows_its_words_and_no_trace() -> None:
    made = Notifications().error(InputError(text("There is no column."), text("Choose another.")))

    assert made is not None
    assert (made.message, made.hint, made.details) == ("There is no column.", "Choose another.", "")


def test_any_other_error_keeps_its_trace_in_the_report() -> None:
    try:
        raise ValueError("inside")
    except ValueError as error:
        made = Notifications().error(error)

    assert made is not None
    assert "ValueError: inside" in made.message
    assert "Traceback" not in made.message
    assert "Traceback" in made.report()
    assert "Fine-Tuning Studio" in made.report()


def test_a_cancellation_says_nothing() -> None:
    centre = Notifications()

    assert centre.error(CancelledError()) is None
    assert not centre.record


def test_an_exception_in_a_thread_becomes_a_message_on_the_window(window: MainWindow, qtbot: QtBot) -> None:
    before = threading.excepthook, sys.excepthook
    notifications.catch_everything()
    try:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: bool(window.toasts.findChildren(Banner)))
    finally:
        threading.excepthook, sys.excepthook = before

    banner = window.toasts.findChildren(Banner)[0]
    assert "ZeroDivisionError" in banner.text_label.text()
    assert window.isVisible()


def test_the_report_can_be_copied(window: MainWindow, qtbot: QtBot) -> None:
    notifications.centre().post("It broke.", "danger", "Do that.", details="the trace")
    qtbot.waitUntil(lambda: bool(window.toasts.findChildren(Banner)))
    copy = next(one for one in window.toasts.findChildren(QPushButton) if one.text() == "Copy report")

    copy.click()

    assert "the trace" in QApplication.clipboard().text()


def test_the_drawer_lists_everything_said(window: MainWindow) -> None:
    notifications.centre().post("First.")
    notifications.centre().post("Second.", "warning")

    window.commands.perform("show_messages")

    said = [banner.text_label.text() for banner in window.drawer.findChildren(Banner)]
    assert said == ["Second.", "First."]
    assert window.drawer.isVisible()
