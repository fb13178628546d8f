"""`python -m tests.benchmarks.advice`: what following the advice gives, against trying everything.

Three small real data sets, both modalities. (a) The learning rate that `find-lr` suggests against the best of a grid;
(b) the tuning method that `advise-depth` chooses against the best of head, top layers and full; (c) what the look at
all depths costs, in passes over the data. Results are kept in a JSON file after every step, so that an interrupted
benchmark goes on where it stopped.
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

import torch

from ftstudio.core.messages import Request
from ftstudio.core.options import Options
from ftstudio.datasets import folds
from ftstudio.engine import depth_study, evaluation, freezing, preparation, studies
from ftstudio.engine.context import JobContext
from ftstudio.engine.feeds import ModelFeed
from ftstudio.engine.run import execute
from tests.benchmarks import ours
from tests.benchmarks.outcome import IMAGE, MODELS, TEXT, Split, _model, _shuffled
from tests.support import real_data

GRID = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
METHODS: dict[str, dict[str, Any]] = {
    "head": {"tuning_method": "head"},
    "top 1": {"tuning_method": "top_layers", "top_layers": 1},
    "top 4": {"tuning_method": "top_layers", "top_layers": 4},
    "full": {"tuning_method": "full"},
}
Results = dict[str, Any]


def _fashion(seed: int, folder: Path) -> Split:
    train, test = real_data.fashion(folder / "fashion", 15, 500, seed)
    return Split(IMAGE, train, test)


SETS: dict[str, Callable[[int, Path], Split]] = {
    "movie reviews, 300": lambda seed, _: _shuffled(TEXT, real_data.movie_reviews(), 300, 800, seed),
    "topics, 300": lambda seed, _: _shuffled(TEXT, real_data.topics(), 300, 340, seed),
    "fashion, 15 a class": _fashion,
}


class Bench:
    """One data set as a project, and the results of everything tried on it."""

    def __init__(self, results: Results, output: Path, name: str, seed: int, folder: Path) -> None:
        self.results, self.output, self.prefix, self.seed = results, output, f"{name} | {seed}", seed
        split = SETS[name](seed, folder)
        self.project = ours.make_project(folder / "project", split.task, MODELS[split.task], split.train, split.test)
        self.model = _model(split.task)

    def once(self, key: str, measure: Callable[[], Any]) -> Any:
        """Measure what is not there yet, and keep it."""
        key = f"{self.prefix} | {key}"
        if key not in self.results:
            began = time.perf_counter()
            self.results[key] = measure()
            print(f"{key}: {self.results[key]} ({time.perf_counter() - began:.0f} s)", flush=True)
            self.output.write_text(json.dumps(self.results, indent=1))
        return self.results[key]

    def trained(self, **settings: Any) -> float:
        """Return the share of right test rows after training with the Balanced preset and these changes."""
        return ours.train(self.project, seed=self.seed, **settings).accuracy

    def study(self, job: str) -> dict[str, Any]:
        """Make a study with its options as they are and return its document."""
        options = {"settings": {"preset": "balanced", "values": {"seed": self.seed}}}
        return execute(Request(job=job, project=self.project, options=options), lambda _: None)

    def cost(self) -> list[float]:
        """Return processor seconds: of a pass over the rows, and of looking at all depths, whose pass is its own."""
        request = Request(job="advise_depth", project=self.project, options={})
        study = studies.begin(request, JobContext(lambda _: None, folder=self.project), Options)
        bundle = preparation.load(
            study.task, study.model_folder, study.dataset.labels, study.settings, study.hardware, study.tell
        )
        pool = folds.pool(study.dataset)
        feed = ModelFeed(
            study.task, bundle, study.task.encode(bundle, pool.table, study.dataset.folder), study.settings
        )
        rows = torch.arange(len(pool)).numpy()
        parts = freezing.parts_of(bundle.model)
        evaluation.logits_of(feed, study.hardware)
        plain, looking = [], []
        for _ in range(2):
            began = time.process_time()
            study.task.encode(bundle, pool.table, study.dataset.folder)
            evaluation.logits_of(feed, study.hardware)
            between = time.process_time()
            depth_study.measure(study, bundle, parts, pool, rows)
            plain.append(between - began)
            looking.append(time.process_time() - between)
        return [min(plain), min(looking)]


def measure(bench: Bench) -> None:
    """Try everything on one data set."""
    bench.once("cost", bench.cost)
    advised = bench.once("advised", lambda: bench.study("advise_depth")["values"])
    suggested = bench.once("suggested", lambda: bench.study("find_lr")["suggested"])
    for rate in (suggested, *GRID):
        bench.once(f"rate {rate:g}", lambda rate=rate: bench.trained(learning_rate=rate))
    for method in {str(values): values for values in (*METHODS.values(), advised)}.values():
        bench.once(f"method {method}", lambda method=method: bench.trained(**method))


def rates_table(results: Results) -> str:
    """Return (a): the suggested rate's test score beside the grid's."""
    lines = ["| data | suggested | score | best of the grid | difference |", "|---|---|---|---|---|"]
    for prefix in _prefixes(results):
        rate = results[f"{prefix} | suggested"]
        scores = {one: results[f"{prefix} | rate {one:g}"] for one in GRID}
        best = max(scores, key=lambda one: scores[one])
        own = results[f"{prefix} | rate {rate:g}"]
        lines.append(
            f"| {prefix} | {rate:g} | {100 * own:.1f} | {100 * scores[best]:.1f} at {best:g} "
            f"| {100 * (own - scores[best]):+.1f} |"
        )
    return "\n".join(lines)


def methods_table(results: Results) -> str:
    """Return (b): the advised method's test score beside those of all methods, and how often within one point."""
    lines = ["| data | advised | score | " + " | ".join(METHODS) + " | difference |", "|---" * (len(METHODS) + 4) + "|"]
    gaps = []
    for prefix in _prefixes(results):
        advised = results[f"{prefix} | advised"]
        scores = [results[f"{prefix} | method {values}"] for values in METHODS.values()]
        own = results[f"{prefix} | method {advised}"]
        gaps.append(own - max(scores))
        cells = " | ".join(f"{100 * score:.1f}" for score in scores)
        name = " ".join(str(value) for value in advised.values())
        lines.append(f"| {prefix} | {name} | {100 * own:.1f} | {cells} | {100 * gaps[-1]:+.1f} |")
    within = sum(gap >= -0.01 for gap in gaps)
    return "\n".join([*lines, "", f"Within one point of the best: {within} of {len(gaps)}."])


def cost_table(results: Results) -> str:
    """Return (c): what the depth advisor takes, in passes over the same rows."""
    lines = ["| data | pass, CPU s | advisor, CPU s | ratio |", "|---|---|---|---|"]
    ratios = []
    for prefix in _prefixes(results):
        plain, looking = results[f"{prefix} | cost"]
        ratios.append(looking / plain)
        lines.append(f"| {prefix} | {plain:.2f} | {looking:.2f} | {ratios[-1]:.2f} |")
    return "\n".join([*lines, "", f"Mean ratio: {statistics.mean(ratios):.2f} (limit 1.5)."])


def _prefixes(results: Results) -> list[str]:
    done = (f"method {METHODS['full']}", f"rate {GRID[-1]:g}", "suggested", "advised", "cost")
    prefixes = dict.fromkeys(" | ".join(key.split(" | ")[:2]) for key in results)
    return [prefix for prefix in prefixes if all(f"{prefix} | {key}" in results for key in done)]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("advice.json"))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    arguments = parser.parse_args()
    os.environ.setdefault("FTSTUDIO_HOME", str(Path(tempfile.gettempdir()) / "ftstudio-benchmark"))
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    results: Results = json.loads(arguments.output.read_text()) if arguments.output.exists() else {}
    for name in arguments.sets:
        for seed in range(arguments.seeds):
            with tempfile.TemporaryDirectory() as folder:
                measure(Bench(results, arguments.output, name, seed, Path(folder)))
    if _prefixes(results):
        print("\n\n".join((rates_table(results), methods_table(results), cost_table(results))))


if __name__ == "__main__":
    main()
