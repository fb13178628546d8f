"""How long a project with a thousand runs takes: to list them, to open their page, to follow a change.

Run `python -m tests.benchmarks.runs [--runs 1000] [--output FILE]`. The runs are made with realistic files (settings,
240 steps of curves, results with confusion matrices of `--classes` labels). The page must open in under half a second.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
GOAL = 0.5


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="ftstudio-runs-") as folder:
        os.environ["FTSTUDIO_HOME"] = str(Path(folder) / "home")
        project = _make(Path(folder) / "project", arguments.runs, arguments.classes)
        results = {"runs": arguments.runs, "classes": arguments.classes, **_listing(project), **_window(project)}
    _print(results)
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0 if results["page_opens"] < GOAL else 1


def _make(root: Path, count: int, classes: int) -> Path:
    from ftstudio.project.store import create_project
    from tests.support.made_runs import fill

    create_project(root, "Many runs", "text-classification").close()
    fill(root, count, classes=classes)
    past = time.time() - 3600
    for run in (root / "runs").iterdir():
        os.utime(run, (past, past))
    return root


def _listing(root: Path) -> dict[str, float]:
    """Return the times to list all runs: reading each whole result as before, at first, and again."""
    from ftstudio.project.layout import ProjectLayout
    from ftstudio.project.run_shelf import RunShelf
    from ftstudio.project.runs import list_runs

    layout = ProjectLayout(root)
    shelf = RunShelf(layout)
    used = time.thread_time()
    list_runs(layout)
    busy = time.thread_time() - used
    return {
        "list_with_results": _timed(lambda: [run.report for run in list_runs(layout)], 3),
        "list_first": _timed(lambda: list_runs(layout), 3),
        "list_busy": busy,
        "list_again": _timed(shelf.list, 7),
    }


def _window(root: Path) -> dict[str, float]:
    from PySide6.QtWidgets import QApplication

    from ftstudio.gui import app
    from ftstudio.gui.main_window import MainWindow
    from ftstudio.gui.preferences import Preferences
    from ftstudio.project import run_notes

    app.make_application(Preferences(theme="light"))
    window = MainWindow(Preferences(theme="light"))
    window.show()

    def painted(act: Callable[[], object]) -> float:
        began = time.perf_counter()
        act()
        QApplication.processEvents()
        return time.perf_counter() - began

    opened = painted(lambda: window.open_project(root))
    while window.operations.running:  # what the pages before look up in the background is not this page's time
        QApplication.processEvents()
    used = time.thread_time()
    page_opens = painted(lambda: window.go_to("runs"))
    page_busy = time.thread_time() - used
    page: Any = window.pages["runs"]
    began = time.perf_counter()
    while window.operations.running or not page.details.stack.currentIndex() or not page.details.curves.score.lines:
        QApplication.processEvents()
    curves_drawn = page_opens + time.perf_counter() - began
    session, layout = window.session, window.session.project.layout if window.session.project else None
    assert layout is not None
    changed = layout.run(session.runs[0].id)

    def change() -> None:
        notes = run_notes.read_notes(changed)
        run_notes.write_notes(changed, notes.changed(star=not notes.star))
        session.refresh_runs()

    times = {
        "project_opens": opened,
        "page_opens": page_opens,
        "page_busy": page_busy,
        "curves_drawn": curves_drawn,
        "page_follows_a_change": statistics.median(painted(change) for _ in range(7)),
        "page_sorts": painted(lambda: page.table.runs.sort(page.table.runs.place("best"))),
        "page_filters": painted(lambda: page.filters.search.setText("lora")),
    }
    window.close()
    QApplication.processEvents()
    return times


def _timed(act: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _print(results: dict[str, Any]) -> None:
    rows = (
        ("listed with every result read (as it was)", "list_with_results", ""),
        ("listed for the first time", "list_first", ""),
        ("  of which work of the process itself", "list_busy", ""),
        ("listed again", "list_again", ""),
        ("project opens (runs listed, page of training built)", "project_opens", ""),
        ("page of runs opens, painted", "page_opens", f"under {GOAL} s"),
        ("  of which work of the window itself", "page_busy", ""),
        ("curves of the chosen run drawn after", "curves_drawn", ""),
        ("page follows a change of one run, painted", "page_follows_a_change", ""),
        ("page sorts", "page_sorts", ""),
        ("page filters", "page_filters", ""),
    )
    print(f"{results['runs']} runs, results of {results['classes']} labels; load {os.getloadavg()[0]:.1f}")
    for name, key, goal in rows:
        print(f"{name:54}{results[key] * 1000:8.0f} ms   {goal}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--classes", type=int, default=20)
    parser.add_argument("--output", type=Path, help="write the numbers as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
