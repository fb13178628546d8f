"""How quick a result opens: `python -m tests.benchmarks.results [--rows 50000] [--labels 10] [--output FILE]`.

Makes a project with that many test rows and a finished run with stored answers to them, opens it in a window, and
measures for each view of the Results page the time from the wish until it is filled (work in the background included)
and the longest time that the event loop was held up meanwhile. Every view is measured built anew and shown again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

WORDS = ("film", "plot", "actor", "scene", "music", "story", "night", "house", "river", "letter", "train", "garden")
LONGEST = 60.0


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="ftstudio-benchmark-") as home:
        os.environ["FTSTUDIO_HOME"] = home
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        project = make_project(Path(home), arguments.rows, arguments.labels)
        measured = {"rows": arguments.rows, "labels": arguments.labels, "views": measure(project)}
    _print(measured)
    if arguments.output:
        arguments.output.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    return 0


def make_project(home: Path, rows: int, labels: int) -> Path:
    """Return a project whose test split has `rows` rows, with one run that answered them."""
    from ftstudio.core import catalog
    from ftstudio.datasets.importing import ImportPlan, import_data
    from ftstudio.datasets.store import Dataset
    from ftstudio.project.schema import DataReference
    from ftstudio.project.store import create_project
    from tests.support.stored_answers import answered_run

    source = home / "rows.csv"
    chance = random.Random(1)
    with source.open("w", encoding="utf-8") as file:
        file.write("text,label,split\n")
        for split, count in (("train", labels * 20), ("validation", 2_000), ("test", rows)):
            for at in range(count):
                words = " ".join(chance.choices(WORDS, k=12))
                file.write(f"{words} {split} {at},label {at % labels:02},{split}\n")
    root = home / "many"
    with create_project(root, "many", "text-classification") as project:
        import_data(project.layout.data, catalog.tasks().spec("text-classification"), ImportPlan(sources=(source,)))
        manifest = Dataset.open(project.layout.data).manifest
        data = DataReference(name=manifest.name, fingerprint=manifest.fingerprint, imported=manifest.imported)
        project.save(project.file.model_copy(update={"data": data}))
    answered_run(root)
    return root


def measure(project: Path) -> dict[str, dict[str, float]]:
    """Return seconds until a view is filled, first and again, and the longest hold of the event loop in ms."""
    from ftstudio.gui import app, preferences, seal
    from ftstudio.gui.main_window import MainWindow

    application = app.make_application(preferences.Preferences(theme="light"))
    sys.excepthook = sys.__excepthook__
    window = MainWindow(preferences.Preferences(theme="light"))
    window.resize(1280, 800)
    window.show()
    window.open_project(project)
    _settle(window)
    run = window.session.run()
    assert run is not None
    seal.open_test(window.session, run)
    window.go_to("home")
    _settle(window)
    found: dict[str, dict[str, float]] = {}
    page: Any = None
    for key in _keys():
        found[key] = {}
        for time_of in ("first", "again"):
            hold = Holds()
            began = time.perf_counter()
            if page is None:
                window.go_to("results")
                page = window.pages["results"]
            page.split = "test"
            page.show_view(key)
            page.refresh()
            _settle(window)
            found[key] |= {time_of: time.perf_counter() - began, f"held_ms_{time_of}": hold.stop()}
    window.close()
    application.processEvents()
    return found


class Holds:
    """Listens to a timer of two milliseconds: the longest gap is how long the event loop was held up."""

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self._last, self._longest = time.perf_counter(), 0.0
        self._timer = QTimer()
        self._timer.setInterval(2)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._longest, self._last = max(self._longest, now - self._last), now

    def stop(self) -> float:
        """Return the longest gap in milliseconds."""
        self._tick()
        self._timer.stop()
        return 1000 * self._longest


def _settle(window: Any) -> None:
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + LONGEST
    for _ in range(3):
        QApplication.processEvents()
    while window.operations.running and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.001)
    window.grab()
    QApplication.processEvents()


def _keys() -> list[str]:
    from ftstudio.core.specs import Answer
    from ftstudio.gui.results import finding

    return [tab.key for tab in finding.find(Answer.LABEL)]


def _print(measured: dict[str, Any]) -> None:
    print(f"{measured['rows']} test rows, {measured['labels']} labels (wanted: each below 1 s)")
    print(f"{'view':14} {'first':>8} {'again':>8}   longest hold of the event loop")
    for key, one in measured["views"].items():
        held = max(one["held_ms_first"], one["held_ms_again"])
        print(f"{key:14} {one['first']:7.3f}s {one['again']:7.3f}s   {held:.0f} ms")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--labels", type=int, default=10)
    parser.add_argument("--output", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
