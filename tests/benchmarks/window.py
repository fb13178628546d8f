"""How quick the window is: `python -m tests.benchmarks.window [--output FILE] [--rounds 7]`.

Measured, in this order: time from starting the interpreter to the first painted window, ours and a bare script that
imports PySide6.QtWidgets and pyqtgraph and shows an empty window, in turn; whether the window process has loaded
torch after every page was shown; the longest time the event loop was held up while a run sent 200 events a second;
the time to repaint a chart with one million points.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parents[2]

_BARE = """
from PySide6 import QtWidgets, QtCore
import pyqtgraph
class Window(QtWidgets.QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QtCore.QTimer.singleShot(0, seen)
def seen():
    print("visible", flush=True)
    QtWidgets.QApplication.exit(0)
app = QtWidgets.QApplication([])
window = Window()
window.resize(1280, 800)
window.show()
app.exec()
"""

_OURS = """
import sys
sys.argv = ["ftstudio"]
from PySide6 import QtWidgets, QtCore
from ftstudio import __main__
import ftstudio.gui.main_window as main_window
def paint(self, event):
    QtWidgets.QMainWindow.paintEvent(self, event)
    QtCore.QTimer.singleShot(0, seen)
def seen():
    print("visible", flush=True)
    QtWidgets.QApplication.exit(0)
main_window.MainWindow.paintEvent = paint
__main__.main()
"""

_HEAVY = ("torch", "transformers", "torchvision", "accelerate", "timm", "sklearn")


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="ftstudio-benchmark-") as home:
        os.environ["FTSTUDIO_HOME"] = home
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        results: dict[str, Any] = {"start": start_times(arguments.rounds)}
        results |= inside(Path(home))
    _print(results)
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


def start_times(rounds: int) -> dict[str, float]:
    """Return the median seconds to a visible window, ours and bare, measured in turn after one warm-up of each."""
    measured: dict[str, list[float]] = {"bare": [], "ours": []}
    for number in range(rounds + 1):
        for name, script in (("bare", _BARE), ("ours", _OURS)):
            seconds = _time_to_window(script)
            if number:
                measured[name].append(seconds)
    medians = {name: statistics.median(times) for name, times in measured.items()}
    return {**medians, "ratio": medians["ours"] / medians["bare"]}


def _time_to_window(script: str) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "visible":
                seconds = time.perf_counter() - began
                process.wait(60)
                return seconds
    raise RuntimeError("the window never became visible")


def inside(home: Path) -> dict[str, Any]:
    """Measure what needs a window of this process."""
    from ftstudio.gui import app, preferences
    from ftstudio.gui.main_window import MainWindow

    application = app.make_application(preferences.Preferences(theme="light"))
    sys.excepthook = sys.__excepthook__
    window = MainWindow(preferences.Preferences(theme="light"))
    window.resize(1280, 800)
    window.show()
    for key in window.stages:
        window.go_to(key)
        application.processEvents()
    loaded = [name for name in _HEAVY if name in sys.modules]
    results = {"heavy_modules_loaded": loaded, "events": event_loop(window, home), "chart": million_points()}
    window.close()
    application.processEvents()
    return results


def event_loop(window: Any, home: Path, seconds: float = 8.0, rate: int = 200) -> dict[str, float]:
    """Return how long the event loop was held up, in ms, while a run sent `rate` events a second to the train page."""
    from PySide6.QtCore import QTimer
    from PySide6.QtTest import QTest

    from ftstudio.supervisor import launch

    transcript = home / "transcript.jsonl"
    transcript.write_text(_transcript(int(seconds * rate)), encoding="utf-8")
    fake = [sys.executable, str(ROOT / "tests/support/fake_worker.py"), str(transcript), "--rate", str(rate)]
    original, launch.worker_command = launch.worker_command, lambda runtime=None: fake
    session = window.session
    session.create(home / "projects" / "load", "load", "text-classification")
    window.go_to("train")
    gaps: list[float] = []
    busy: list[float] = []
    last = [0.0, 0.0]

    def beat() -> None:
        now, used = time.perf_counter(), time.thread_time()
        gaps.append((now - last[0]) * 1000)
        busy.append((used - last[1]) * 1000)
        last[:] = now, used

    timer = QTimer()
    timer.timeout.connect(beat)
    session.trainer.start(session.project.layout.root, {})
    while not session.trainer.events:
        QTest.qWait(20)
    last[:] = time.perf_counter(), time.thread_time()
    timer.start(0)
    while session.trainer.is_active:
        QTest.qWait(50)
    timer.stop()
    launch.worker_command = original
    heard = len(session.trainer.events)
    return {"events": heard, "longest_ms": max(gaps), "longest_busy_ms": max(busy), "load": os.getloadavg()[0]}


def _transcript(count: int) -> str:
    from ftstudio.core.messages import Measured, Started

    lines = [Started(job="train", pid=1, device="cpu", precision="fp32", total_steps=count).line()]
    for step in range(1, count + 1):
        split: Literal["train", "validation"] = "validation" if step % 10 == 0 else "train"
        values = {"loss": 1 / step, "macro_f1": 1 - 1 / step, "samples_per_second": 60.0, "learning_rate": 1e-5}
        lines.append(Measured(split=split, step=step, epoch=step / 100, seconds=step / 10, values=values).line())
    return "\n".join(lines) + "\n"


def million_points(points: int = 1_000_000, rounds: int = 60) -> dict[str, float]:
    """Return the time, in ms, to draw a chart of `points` points anew: reduction, items and painting."""
    import numpy as np
    from PySide6.QtTest import QTest

    from ftstudio.gui.charts.curve_chart import CurveChart
    from ftstudio.gui.charts.curves import RunCurves

    generator = np.random.default_rng(1)
    steps = np.arange(points, dtype=float)
    values = np.exp(-steps / points * 3) + generator.normal(0, 0.05, points)
    curves = RunCurves()
    curves.series("train", "loss").extend(np.stack((steps, steps / 1000, steps / 10, values)))
    every = steps[::1000]
    curves.series("validation", "loss").extend(np.stack((every, every / 1000, every / 10, values[::1000])))
    chart = CurveChart("Loss", "loss")
    chart.resize(800, 480)
    chart.show()
    chart.show_curves(curves)
    QTest.qWait(100)
    times, busy = [], []
    for step in range(rounds):
        curves.series("train", "loss").append(points + step, 0.0, 0.0, 0.1)
        began, used = time.perf_counter(), time.thread_time()
        chart.repaint_curves()
        chart.plot.viewport().repaint()
        times.append((time.perf_counter() - began) * 1000)
        busy.append((time.thread_time() - used) * 1000)
    chart.close()
    return {
        "median_ms": statistics.median(times),
        "p95_ms": sorted(times)[int(0.95 * len(times))],
        "median_busy_ms": statistics.median(busy),
    }


def _print(results: dict[str, Any]) -> None:
    start, events, chart = results["start"], results["events"], results["chart"]
    rows = (
        ("time to a visible window, bare", f"{start['bare']:.2f} s", ""),
        ("time to a visible window, ours", f"{start['ours']:.2f} s", ""),
        ("ratio", f"{start['ratio']:.2f}", "at most 2"),
        ("heavy modules in the window", ", ".join(results["heavy_modules_loaded"]) or "none", "none"),
        (f"event loop held up, {events['events']} events", f"{events['longest_ms']:.0f} ms", "at most 50 ms"),
        ("  of which work of the window itself", f"{events['longest_busy_ms']:.0f} ms", ""),
        ("  other programs’ load meanwhile", f"{events['load']:.1f}", f"{os.cpu_count()} cores"),
        ("one million points, median repaint", f"{chart['median_ms']:.1f} ms", "under 16 ms"),
        ("  of which work of the window itself", f"{chart['median_busy_ms']:.1f} ms", ""),
        ("one million points, 95th percentile", f"{chart['p95_ms']:.1f} ms", ""),
    )
    for name, value, goal in rows:
        print(f"{name:42}{value:>12}   {goal}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="write the numbers as JSON")
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
