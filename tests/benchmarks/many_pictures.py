"""`python -m tests.benchmarks.many_pictures [--count 100000]`: a large folder of pictures, from the drop to the grid.

Measured: time and peak memory of looking at the folder, of the import (every picture is decoded, checked, copied) and
of the checks; how long a cancel takes to be obeyed, at several moments; and how long the grid holds up the window while
it is scrolled through. The pictures are small JPEGs, all different by a comment at their end.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

COUNT, CLASSES, BASES = 100_000, 10, 200
TASK = "image-classification"


def make_folder(folder: Path, count: int) -> Path:
    """Write `count` small pictures, evenly in classes."""
    import numpy as np
    from PIL import Image

    chance = np.random.default_rng(1)
    bases = []
    for _ in range(BASES):
        coarse = Image.fromarray(chance.integers(0, 255, (12, 16, 3), dtype=np.uint8))
        stream = io.BytesIO()
        coarse.resize((160, 120)).save(stream, "JPEG", quality=85)
        bases.append(stream.getvalue())
    for kind in range(CLASSES):
        (folder / f"kind-{kind}").mkdir(parents=True)
    for number in range(count):
        path = folder / f"kind-{number % CLASSES}" / f"{number:06}.jpg"
        path.write_bytes(bases[number % BASES] + b"%08d" % number)
    return folder


def own_peak() -> int:
    """Return the largest resident size of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def whole(source: Path, data: Path) -> dict[str, float]:
    """Look, import and check; return seconds of each, and memory before and at the peak."""
    from ftstudio.core import catalog
    from ftstudio.core.specs import Modality
    from ftstudio.datasets import checks, importing
    from ftstudio.datasets.store import Dataset

    task = catalog.tasks().spec(TASK)
    before, began = own_peak(), time.perf_counter()
    importing.inspect([source], Modality.IMAGE)
    looked = time.perf_counter()
    importing.import_data(data, task, importing.ImportPlan((source,)))
    imported = time.perf_counter()
    problems = checks.run_checks(Dataset.open(data), task)
    ended = time.perf_counter()
    return {
        "look_seconds": looked - began,
        "import_seconds": imported - looked,
        "check_seconds": ended - imported,
        "problems": len(problems),
        "memory_before": before,
        "memory_peak": own_peak(),
    }


def cancel_latency(source: Path, data: Path, after: float) -> float:
    """Return the seconds from a cancel, `after` the start of an import, until the disk is as it was; NaN: too late."""
    from ftstudio.core import catalog
    from ftstudio.core.errors import CancelledError
    from ftstudio.datasets.importing import ImportPlan, import_data

    asked = threading.Event()
    moment = [0.0]

    def ask() -> None:
        moment[0] = time.perf_counter()
        asked.set()

    timer = threading.Timer(after, ask)
    timer.start()
    try:
        import_data(data, catalog.tasks().spec(TASK), ImportPlan((source,)), cancelled=asked.is_set)
    except CancelledError:
        assert not data.exists()
        return time.perf_counter() - moment[0]
    finally:
        timer.cancel()
    return float("nan")


def grid(data: Path, steps: int = 120) -> dict[str, float]:
    """Return how long the grid takes to be filled and the window is held up while it is scrolled through, in ms."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import numpy as np
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from ftstudio.datasets.store import Dataset
    from ftstudio.gui.panels.data_browser import DataBrowser

    application = QApplication.instance() or QApplication([])
    before = own_peak()
    browser = DataBrowser()
    browser.resize(1200, 760)
    browser.show()
    began = time.perf_counter()
    browser.show_dataset(Dataset.open(data))
    application.processEvents()
    shown = time.perf_counter() - began
    bar, chance = browser.grid.verticalScrollBar(), np.random.default_rng(2)
    held: list[float] = []
    for step in range(steps):
        at = step * 40 if step < steps // 2 else int(chance.integers(0, bar.maximum()))
        began = time.perf_counter()
        bar.setValue(at)
        browser.grid.viewport().repaint()
        held.append(1000 * (time.perf_counter() - began))
        QTest.qWait(10)
    browser.grid.pictures.thumbnails.close()
    return {
        "shown_ms": 1000 * shown,
        "median_ms": float(np.median(held)),
        "longest_ms": max(held),
        "memory_before": before,
        "memory_peak": own_peak(),
    }


def _in_a_process(part: str, source: Path, data: Path, *more: str) -> Any:
    command = [sys.executable, "-m", "tests.benchmarks.many_pictures", "--part", part, str(source), str(data), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


PARTS: dict[str, Callable[..., Any]] = {
    "whole": whole,
    "cancel": lambda source, data, after: cancel_latency(source, data, float(after)),
    "grid": grid,
}


def measure(count: int, folder: Path) -> dict[str, Any]:
    """Measure everything, each part in a process of its own."""
    source, data = make_folder(folder / "pictures", count), folder / "data"
    results = {"count": count, **_in_a_process("whole", source, data), "grid": _in_a_process("grid", source, data)}
    moments = (0.2, 0.25 * results["import_seconds"], 0.8 * results["import_seconds"])
    results["cancel_seconds"] = [_in_a_process("cancel", source, folder / "other", str(one)) for one in moments]
    return results


def show(found: dict[str, Any]) -> None:
    """Print the figures."""
    grown = (found["memory_peak"] - found["memory_before"]) / 1e6
    seen = found["grid"]
    for name, value in (
        (f"look through {found['count']:,} pictures", f"{found['look_seconds']:.1f} s"),
        ("import, every one decoded and copied", f"{found['import_seconds']:.1f} s"),
        ("pictures a second", f"{found['count'] / found['import_seconds']:.0f}"),
        ("checks", f"{found['check_seconds']:.1f} s"),
        ("memory at the peak, of which grown", f"{found['memory_peak'] / 1e6:.0f} MB, {grown:.0f} MB"),
        ("cancel obeyed after", ", ".join(f"{one:.2f} s" for one in found["cancel_seconds"])),
        ("grid filled", f"{seen['shown_ms']:.0f} ms"),
        ("grid scrolled: median, longest", f"{seen['median_ms']:.1f} ms, {seen['longest_ms']:.0f} ms"),
        ("grid: memory grown", f"{(seen['memory_peak'] - seen['memory_before']) / 1e6:.0f} MB"),
    ):
        print(f"{name:42}{value}")


def main() -> None:
    """Run the benchmark, or one part of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        part, source, data, *more = arguments.part
        print(json.dumps(PARTS[part](Path(source), Path(data), *more) if part != "grid" else grid(Path(data))))
        return
    with tempfile.TemporaryDirectory(prefix="ftstudio-pictures-") as folder:
        os.environ["FTSTUDIO_HOME"] = str(Path(folder) / "home")
        found = measure(arguments.count, Path(folder))
    show(found)
    if arguments.output:
        arguments.output.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
