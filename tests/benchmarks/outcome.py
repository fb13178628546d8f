"""`python -m tests.benchmarks.outcome`: the model that default clicks give, against what else people do.

Five small real data sets, several seeds; what is compared is the share of right test rows. Results are kept in a JSON
file after every run, so that an interrupted benchmark goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from ftstudio.core.messages import Request
from ftstudio.engine.run import execute
from ftstudio.models.library import resolve
from tests.benchmarks import ours, peers
from tests.support import real_data
from tests.support.real_data import Row

TEXT, IMAGE = "text-classification", "image-classification"
MODELS = {TEXT: "starter:minilm", IMAGE: "starter:efficientnet-lite0"}
LENGTH = 256


@dataclass
class Split:
    """Rows to learn from and rows to be judged on."""

    task: str
    train: list[Row]
    test: list[Row]

    def held_out(self, seed: int) -> tuple[list[Row], list[Row]]:
        """Divide the training rows for peers that need validation rows, 85 to 15."""
        rows = list(self.train)
        random.Random(seed).shuffle(rows)
        cut = round(0.85 * len(rows))
        return rows[:cut], rows[cut:]


def _shuffled(task: str, rows: list[Row], train: int, test: int, seed: int) -> Split:
    rows = list(rows)
    random.Random(seed).shuffle(rows)
    return Split(task, rows[:train], rows[train : train + test])


def _textures(seed: int, folder: Path) -> Split:
    """Train on a fifth of the crops: with more, everything is perfect."""
    return _shuffled(IMAGE, real_data.textures(folder / "textures"), 45, 147, seed)


def _fashion(seed: int, folder: Path) -> Split:
    train, test = real_data.fashion(folder / f"fashion-{seed}", 60, 600, seed)
    return Split(IMAGE, train, test)


SETS: dict[str, Callable[[int, Path], Split]] = {
    "movie reviews, 600": lambda seed, _: _shuffled(TEXT, real_data.movie_reviews(), 600, 1000, seed),
    "mail, 200": lambda seed, _: _shuffled(TEXT, real_data.mails(), 200, 600, seed),
    "topics": lambda seed, _: _shuffled(TEXT, real_data.topics(), 453, 194, seed),
    "textures": _textures,
    "fashion, 60 a class": _fashion,
}


def _model(task: str) -> Path:
    record = resolve(MODELS[task])
    if record.needs_preparing:
        execute(Request(job="prepare_model", options={"starter": record.starter}), lambda _: None)
    return resolve(MODELS[task]).path


def _balanced(split: Split, seed: int, folder: Path) -> float:
    project = ours.make_project(folder / f"project-{seed}", split.task, MODELS[split.task], split.train, split.test)
    return ours.train(project, seed=seed).accuracy


def _bag_of_words(split: Split, seed: int, folder: Path) -> float:
    return peers.bag_of_words(split.train, split.test) if split.task == TEXT else float("nan")


def _frozen(split: Split, seed: int, folder: Path) -> float:
    model = _model(split.task)
    if split.task == TEXT:
        return peers.frozen_text(model, split.train, split.test, LENGTH)
    return peers.frozen_pictures(model, split.train, split.test)


def _trainer(split: Split, seed: int, folder: Path) -> float:
    if split.task == TEXT:
        return peers.train_text(_model(TEXT), split.train, split.test, seed=seed, max_length=LENGTH).accuracy
    return peers.train_pictures(_model(IMAGE), split.train, split.test, seed=seed).accuracy


def _trainer_best(split: Split, seed: int, folder: Path) -> float:
    train, validation = split.held_out(seed)
    options = {"seed": seed, "validation": validation, "patience": 3, "num_train_epochs": 10, "bf16": True}
    if split.task == TEXT:
        return peers.train_text(_model(TEXT), train, split.test, max_length=LENGTH, **options).accuracy
    return peers.train_pictures(_model(IMAGE), train, split.test, **options).accuracy


CONTENDERS: dict[str, Callable[[Split, int, Path], float]] = {
    "Balanced": _balanced,
    "TF-IDF + LR": _bag_of_words,
    "frozen + LR": _frozen,
    "Trainer": _trainer,
    "Trainer, best of 10": _trainer_best,
}


def measure(output: Path, names: list[str], sets: list[str], seeds: int) -> dict[str, float]:
    """Run what is missing in `output` and return all results, keyed `set | contender | seed`."""
    results: dict[str, float] = json.loads(output.read_text()) if output.exists() else {}
    for name in sets:
        for seed in range(seeds):
            for contender in names:
                key = f"{name} | {contender} | {seed}"
                if key in results:
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    began = time.perf_counter()
                    results[key] = CONTENDERS[contender](SETS[name](seed, Path(folder)), seed, Path(folder))
                print(f"{key}: {results[key]:.4f} ({time.perf_counter() - began:.0f} s)", flush=True)
                output.write_text(json.dumps(results, indent=1))
    return results


def table(results: dict[str, float]) -> str:
    """Return the results as a Markdown table of means and spreads in per cent."""
    lines = ["| data | " + " | ".join(CONTENDERS) + " | best peer |", "|---|" + "---|" * (len(CONTENDERS) + 1)]
    for name in SETS:
        cells, means = [], {}
        for contender in CONTENDERS:
            values = [value for key, value in results.items() if key.startswith(f"{name} | {contender} | ")]
            values = [100 * value for value in values if value == value]
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            cells.append(f"{statistics.mean(values):.1f} ± {spread:.1f}" if values else "–")
            if values:
                means[contender] = statistics.mean(values)
        rivals = [value for key, value in means.items() if key != "Balanced"]
        gap = f"{means['Balanced'] - max(rivals):+.1f}" if "Balanced" in means and rivals else "–"
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {gap} |")
    return "\n".join(lines)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("outcome.json"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(CONTENDERS), choices=list(CONTENDERS))
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    arguments = parser.parse_args()
    os.environ.setdefault("FTSTUDIO_HOME", str(Path(tempfile.gettempdir()) / "ftstudio-benchmark"))
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    print(table(measure(arguments.output, arguments.only, arguments.sets, arguments.seeds)))


if __name__ == "__main__":
    main()
