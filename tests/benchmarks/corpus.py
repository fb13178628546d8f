"""How much memory a corpus takes that is far larger than what a model reads: its import, and the first steps on it.

Run `python -m tests.benchmarks.corpus [--megabytes 200 1000] [--output FILE]`. The corpus is a play, repeated with
words changed so that no part is as another. Each part of the work runs in a process of its own; with a `--folder` that
stays, one part after the other can be asked for (`--parts`), and what was measured there counts. What counts is the
memory that the process has for itself; pages of files that the system has read ahead are its own to take back. With
more than one size the ratio of the peaks is printed, and a growth with the corpus beyond `LIMIT` fails.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support import real_data, tiny_writers

LIMIT = 1.5  # a few bytes are kept of every row
STEPS = 4
PARTS = ("import", "check", "train")


def write_corpus(path: Path, megabytes: int) -> None:
    """Write a play again and again, every twentieth word exchanged for another of it."""
    chance = random.Random(0)
    pieces = re.split(r"(\s+)", real_data.hamlet())
    known = sorted({piece for piece in pieces if piece.strip()})
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < megabytes * 1_000_000:
            some = list(pieces)
            for at in chance.choices(range(0, len(some), 2), k=len(some) // 40):
                some[at] = chance.choice(known)
            file.write("".join(some) + "\n\n")


def own_memory() -> int:
    """Return the bytes that this process has for itself: those of mapped files are not counted."""
    with Path("/proc/self/status").open(encoding="ascii") as file:
        line = next(line for line in file if line.startswith("RssAnon"))
    return 1024 * int(line.split()[1])


class Watched:
    """Looks how much memory this process has, every few milliseconds."""

    def __init__(self) -> None:
        self.peak, self._done = 0, threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            self.peak = max(self.peak, own_memory())

    def stop(self) -> int:
        """Return the peak in bytes."""
        self._done.set()
        return self.peak


def work(part: str, project: Path, source: Path, model: Path) -> dict[str, Any]:
    """Do one part of the work in this process; returns seconds and the peak of its memory in bytes."""
    from ftstudio.core.messages import Request
    from ftstudio.core.settings import Overrides
    from ftstudio.engine.run import execute

    watched, began = Watched(), time.perf_counter()
    if part == "import":
        from ftstudio.core import catalog
        from ftstudio.datasets.importing import ImportPlan, import_data

        import_data(project / "data", catalog.tasks().spec("text-generation"), ImportPlan(sources=(source,)))
    else:
        values = {"max_steps": STEPS, "max_length": 256, "batch_size": 4, "device": "cpu", "checks_per_epoch": 1e-4}
        settings = Overrides(values={**values, "tuning_method": "full", "early_stopping": False}).model_dump()
        options = {"settings": settings} if part == "train" else {}
        execute(Request(job=part, project=project, options=options), lambda event: None)
    return {"seconds": time.perf_counter() - began, "peak": watched.stop()}


def _apart(part: str, *paths: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.corpus", "--work", part, *map(str, paths)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, Any] = json.loads(told.splitlines()[-1])
    return result


def _project(root: Path, model: Path) -> None:
    if root.exists():
        return
    from ftstudio.models.library import read_model
    from ftstudio.project import modelbook
    from ftstudio.project.schema import ModelReference
    from ftstudio.project.store import create_project

    reference = ModelReference(name=model.name, source="folder", fingerprint=read_model(model).fingerprint)
    modelbook.remember(reference, model)
    with create_project(root, root.name, "text-generation") as project:
        project.save(project.file.model_copy(update={"model": reference}))


def _measure(folder: Path, size: int, parts: Sequence[str]) -> dict[str, Any]:
    """Measure some parts of the work on a corpus of so many megabytes; returns all that was measured in `folder`."""
    model, source, root = folder / "model", folder / f"corpus-{size}.txt", folder / f"project-{size}"
    kept = folder / f"measured-{size}.json"
    if not model.exists():
        tiny_writers.writer(model, "smollm", max_position_embeddings=512)
    if not source.exists():
        write_corpus(source, size)
    _project(root, model)
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    for part in parts:
        told = found[part] = _apart(part, root, source, model)
        kept.write_text(json.dumps(found), encoding="utf-8")
        print(f"{size:>6} MB  {part:8}{told['seconds']:>8.0f} s{told['peak'] / 1e6:>10.0f} MB at most", flush=True)
    return found


def main() -> int:
    """Measure; returns 1 where memory grows with the corpus."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, nargs="+", default=[200, 1000])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--work", nargs=4)
    arguments = parser.parse_args()
    if arguments.work:
        print(json.dumps(work(arguments.work[0], *map(Path, arguments.work[1:]))))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        folder.mkdir(exist_ok=True)
        found = {size: _measure(folder, size, arguments.parts) for size in arguments.megabytes}
    worst = _growth(found)
    if arguments.output:
        arguments.output.write_text(json.dumps({"sizes": found, "growth": worst}, indent=1), encoding="utf-8")
    return int(any(ratio > LIMIT for ratio in worst.values()))


def _growth(found: dict[int, dict[str, Any]]) -> dict[str, float]:
    """Return by how much the peak of each part grows from the smallest to the largest corpus, and print it."""
    small, large = found[min(found)], found[max(found)]
    worst = {part: large[part]["peak"] / small[part]["peak"] for part in small if part in large}
    for part, ratio in worst.items():
        print(f"{part:8} {max(found) / min(found):.1f} times the corpus: {ratio:.2f} times the memory (limit {LIMIT})")
    return worst


if __name__ == "__main__":
    sys.exit(main())
