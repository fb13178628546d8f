"""How long an import takes beside pyarrow's bare read of the same file, and whether its cost grows linearly.

Run `python -m tests.benchmarks.importing [--output FILE] [--repeat N]`. Each measurement is the best of N. The peak
memory is that of a fresh process that only imports, so that nothing else counts.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZES = (10_000, 100_000, 1_000_000)
TARGET = 4.0
NEVER = (float("inf"), float("inf"))
LABELS = ("business", "science", "sports", "world")


def write_source(path: Path, rows: int) -> None:
    """Write reviews of 5 to 40 words, a third of them quoted because they hold a comma, one in a hundred copied."""
    generator = random.Random(0)
    words = ["".join(generator.choices("aeiourstnlcdmpg", k=generator.randint(2, 10))) for _ in range(20_000)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label"])
        text = ""
        for number in range(rows):
            if not number or generator.random() > 0.01:
                chosen = generator.choices(words, k=generator.randint(5, 40))
                if generator.random() < 0.33:
                    chosen[2] += ","
                text = " ".join(chosen)
            writer.writerow([number, text, LABELS[hash_of(text) % len(LABELS)]])


def hash_of(text: str) -> int:
    """Return a small number that is the same in every process."""
    return sum(text.encode()) // 3


def bare_read(source: Path) -> None:
    """Read the file as pyarrow does when asked for nothing else."""
    import pyarrow.csv

    pyarrow.csv.read_csv(source)


def whole_import(source: Path, data: Path) -> int:
    """Import, divide and check; return the number of problems found."""
    from ftstudio.core import catalog
    from ftstudio.datasets.checks import run_checks
    from ftstudio.datasets.importing import ImportPlan, import_data
    from ftstudio.datasets.store import Dataset

    task = catalog.tasks().spec("text-classification")
    import_data(data, task, ImportPlan((source,)))
    return len(run_checks(Dataset.open(data), task))


def measured(action: Callable[[], object]) -> tuple[float, float]:
    """Return how long an action takes on the clock and on all processors together, in seconds."""
    started, used = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - started, time.process_time() - used


def measure(source: Path, rows: int, folder: Path, repeat: int) -> dict[str, Any]:
    """Measure one size: both ways in turn in this process, memory in a fresh one."""
    bare, full = NEVER, NEVER
    for turn in range(repeat):
        data = folder / f"data-{rows}-{turn}"
        bare = min(bare, measured(lambda: bare_read(source)))
        full = min(full, measured(lambda data=data: whole_import(source, data)))
        shutil.rmtree(data)
    command = [sys.executable, "-m", "tests.benchmarks.importing", "--memory-of", str(source)]
    peak = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {
        "rows": rows,
        "bytes": source.stat().st_size,
        "bare_read_seconds": bare[0],
        "import_seconds": full[0],
        "ratio": full[0] / bare[0],
        "ratio_of_processor_time": full[1] / bare[1],
        "microseconds_per_row": 1e6 * full[0] / rows,
        **peak,
    }


def memory_of(source: Path) -> dict[str, int]:
    """Return the memory of this process before and at the peak of an import, in bytes."""
    from ftstudio.core import catalog
    from ftstudio.datasets import checks, importing, store  # noqa: F401  # loaded before the first measurement

    catalog.tasks()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    own = [0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.002):
            own[0] = max(own[0], own_memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    with tempfile.TemporaryDirectory() as folder:
        whole_import(source, Path(folder) / "data")
    ended.set()
    watcher.join()
    return {
        "memory_before_bytes": before,
        "memory_peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "own_memory_peak_bytes": own[0],
    }


def own_memory() -> int:
    """Return the memory that is this process's own in bytes: without mapped files, which the system takes back."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


COLUMNS: dict[str, Callable[[dict[str, Any]], str]] = {
    "rows": lambda one: f"{one['rows']:,}",
    "MB": lambda one: f"{one['bytes'] / 1e6:.1f}",
    "bare read": lambda one: f"{one['bare_read_seconds']:.3f} s",
    "import": lambda one: f"{one['import_seconds']:.3f} s",
    "ratio": lambda one: f"{one['ratio']:.2f}",
    "CPU ratio": lambda one: f"{one['ratio_of_processor_time']:.2f}",
    "µs/row": lambda one: f"{one['microseconds_per_row']:.2f}",
    "peak MB": lambda one: f"{one['memory_peak_bytes'] / 1e6:.0f}",
    "own MB": lambda one: f"{one['own_memory_peak_bytes'] / 1e6:.0f}",
}


def show(results: list[dict[str, Any]]) -> None:
    """Print the table."""
    for cells in [list(COLUMNS), *[[shown(one) for shown in COLUMNS.values()] for one in results]]:
        print("  ".join(f"{cell:>9}" for cell in cells))
    first, last = results[0], results[-1]
    growth = last["microseconds_per_row"] / first["microseconds_per_row"]
    print(f"cost per row at {last['rows']:,} rows is {growth:.2f} times that at {first['rows']:,} rows")
    print(f"import, check and split of {last['rows']:,} rows: {last['ratio']:.2f} x bare read (target {TARGET:g} x)")


def main() -> None:
    """Measure all sizes, print a table, write a JSON file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("importing.json"))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        print(json.dumps(memory_of(arguments.memory_of)))
        return
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in SIZES:
            source = Path(folder) / f"rows-{rows}.csv"
            write_source(source, rows)
            results.append(measure(source, rows, Path(folder), arguments.repeat))
            source.unlink()
    show(results)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "processor": platform.processor()}
    document = {"machine": machine, "target_ratio": TARGET, "results": results}
    arguments.output.write_text(json.dumps(document, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
