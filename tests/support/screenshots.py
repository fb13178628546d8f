"""Opens the window on a real sample project, trains it, and writes a picture of every page in each theme and size.

Run `python -m tests.support.screenshots FOLDER [--sample topics] [--sizes 1280x800] [--themes light,dark]`. The
pictures in `resources/screenshots` are made with it. Works on any display, also `QT_QPA_PLATFORM=offscreen`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LONGEST_RUN = 900.0


def main() -> int:
    arguments = _arguments()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.home is None:
        arguments.home = Path(tempfile.mkdtemp(prefix="ftstudio-screenshots-"))
    os.environ["FTSTUDIO_HOME"] = str(arguments.home)
    from ftstudio.gui import app, preferences
    from ftstudio.gui.main_window import MainWindow

    remembered = preferences.Preferences(theme="light")
    application = app.make_application(remembered)
    sys.excepthook = sys.__excepthook__
    window = MainWindow(remembered)
    camera = Camera(window, arguments)
    window.show()
    if arguments.project is not None:
        window.open_project(arguments.project)
        wait(2.0)
    else:
        camera.shoot("home-first-start")
        camera.window.commands.perform("new_project")
        camera.shoot("new-project")
        _train(camera, arguments.sample)
    camera.all_pages()
    for message in app.notifications.centre().record:
        print(message.report(), file=sys.stderr)
    window.close()
    application.processEvents()
    return 0


class Camera:
    """Takes pictures of one window in all themes and sizes asked for."""

    def __init__(self, window: object, arguments: argparse.Namespace) -> None:
        from ftstudio.gui.main_window import MainWindow

        assert isinstance(window, MainWindow)
        self.window, self.folder = window, arguments.folder
        self.sizes = [tuple(map(int, size.split("x"))) for size in arguments.sizes.split(",")]
        self.themes = arguments.themes.split(",")

    def shoot(self, name: str) -> None:
        """Picture what is shown, in every theme and size."""
        for width, height in self.sizes:
            self.window.resize(width, height)
            for theme in self.themes:
                self.window.set_theme(theme)
                wait(0.6)
                self.window.grab().save(str(self.folder / f"{name}-{theme}-{width}x{height}.png"))

    def all_pages(self) -> None:
        """Picture every page."""
        for key in self.window.stages:
            self.window.go_to(key)
            wait(1.0)
            self.shoot(key)


def _train(camera: Camera, sample: str) -> None:
    session = camera.window.session
    session.create_sample(sample)
    wait_until(lambda: session.facts is not None, 120)
    camera.window.go_to("train")
    camera.shoot("train-before")
    session.start_training()
    trainer = session.trainer
    wait_until(lambda: trainer.share_done() > 0.35 or not trainer.is_active, LONGEST_RUN)
    camera.shoot("train-running")
    wait_until(lambda: not trainer.is_active, LONGEST_RUN)
    wait(1.0)


def wait(seconds: float) -> None:
    """Let the window work for a while."""
    from PySide6.QtTest import QTest

    QTest.qWait(int(seconds * 1000))


def wait_until(true: Callable[[], bool], longest: float) -> None:
    """Let the window work until something is true; raises TimeoutError."""
    end = time.monotonic() + longest
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there in time")
        wait(0.1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", default="topics")
    parser.add_argument("--project", type=Path, default=None, help="picture this project as it is, without training")
    parser.add_argument("--sizes", default="1280x800")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--home", type=Path, default=None, help="keep settings and projects here")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
