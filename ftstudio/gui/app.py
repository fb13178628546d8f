"""Starts the window: the application object, its manners, its one error path, and what to open first."""

from __future__ import annotations

import faulthandler
import locale
import os
import signal
import sys
from pathlib import Path
from typing import TextIO

from PySide6.QtCore import QLibraryInfo, QMessageLogContext, QTimer, QtMsgType, QTranslator, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QStyleFactory

from ftstudio.core import paths, translation
from ftstudio.gui import icons, notifications, preferences, theme
from ftstudio.gui.main_window import APPLICATION, MainWindow

_HARMLESS = ("propagateSizeHints", "This plugin does not support", "QSocketNotifier", "XDG_RUNTIME_DIR")


def main(project: Path | None = None, sample: str | None = None, train: bool = False) -> int:
    """Open the window, on a project or a fresh copy of a sample if asked, and return the exit code."""
    remembered = preferences.load()
    app = make_application(remembered)
    crash_log = _log_crashes()
    window = MainWindow(remembered)
    window.closed.connect(app.quit)
    window.show()
    QTimer.singleShot(0, window, lambda: _open_first(window, project, sample, train))
    signal.signal(signal.SIGTERM, lambda *_: window.close())
    try:
        return app.exec()
    finally:
        qInstallMessageHandler(None)
        if crash_log is not None:
            faulthandler.disable()
            crash_log.close()


def make_application(remembered: preferences.Preferences) -> QApplication:
    """Return the application object, dressed and with every error on the one path."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    # Qt takes the system's number format for C as well, and tokenizers then fail to parse “0.5” under a decimal comma.
    locale.setlocale(locale.LC_NUMERIC, "C")
    _speak(app, remembered.language)
    app.setApplicationName("ftstudio")
    app.setApplicationDisplayName(APPLICATION)
    app.setDesktopFileName("org.ftstudio.FineTuningStudio")
    app.setQuitOnLastWindowClosed(False)
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setWindowIcon(icons.application_icon())
    theme.apply(app, remembered.theme)
    app.styleHints().colorSchemeChanged.connect(lambda _: _follow_system(app))
    notifications.catch_everything()
    qInstallMessageHandler(_hear_qt)
    return app


def _speak(app: QApplication, chosen: str) -> None:
    """Speak the chosen language, unless the environment asks for one; Qt's own dialogs speak it too."""
    if chosen and not os.environ.get("FTSTUDIO_LANGUAGE"):
        translation.use(chosen)
    if translation.language() == translation.SOURCE_LANGUAGE:
        return
    translator, folder = QTranslator(app), QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{translation.language()}", folder):
        app.installTranslator(translator)


def _follow_system(app: QApplication) -> None:
    chosen = preferences.load().theme
    if chosen not in theme.THEMES:
        theme.apply(app, chosen)


def _open_first(window: MainWindow, project: Path | None, sample: str | None, train: bool) -> None:
    if sample is not None:
        window.session.create_sample(sample, then_train=train)
    elif project is not None:
        window.open_project(project)
        if train:
            window.session.start_training()


def _hear_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Qt's own complaints: the serious ones become messages, the rest goes to the console."""
    if any(part in message for part in _HARMLESS):
        return
    if kind is QtMsgType.QtCriticalMsg:
        notifications.centre().post(
            translation.tr("The window system reported a problem."),
            "warning",
            translation.tr("You can go on working. If something looks wrong, start the program again."),
            details=f"{message}\n{context.file}:{context.line}",
        )
    elif sys.stderr is not None:
        print(message, file=sys.stderr)


def _log_crashes() -> TextIO | None:
    """A crash inside a library leaves its stack in the log folder; without a writable one there is no such log."""
    try:
        log = (paths.log_folder() / "crash.log").open("a", encoding="utf-8")
    except OSError:
        return None
    faulthandler.enable(log)
    return log
