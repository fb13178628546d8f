"""`python -m tests.benchmarks.advice`: what following the advice gives, against trying everything.

Three small real data sets, both modalities, three seeds. (a) The learning rate that following `find-lr` comes to
(the preset's own, unless the test speaks against it) against the best of a grid, by means over the seeds;
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ftstudio.core.messages import Request
from ftstudio.core.options import Options
from ftstudio.datasets import folds
from ftstudio.engine.context import JobContext
from ftstudio.engine.guards import depth_study, studies
from ftstudio.engine.layers import freezing
from ftstudio.engine.learning import evaluation
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.run import execute
from ftstudio.engine.runs import preparation
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
SEEDS = 3
PARTS = ("cost", "methods", "rates")
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


def measure(bench: Bench, parts: list[str]) -> None:
    """Try everything, or some parts of it, on one data set."""
    if "cost" in parts:
        bench.once("cost", bench.cost)
    if "methods" in parts:
        advised = bench.once("advised", lambda: bench.study("advise_depth")["values"])
        for method in {str(values): values for values in (advised, *METHODS.values())}.values():
            bench.once(f"method {method}", lambda method=method: bench.trained(**method))
    if "rates" in parts:
        rate = bench.once("advised rate", lambda: bench.study("find_lr")["advised"])
        for one in dict.fromkeys((rate, *GRID)):
            bench.once(f"rate {one:g}", lambda one=one: bench.trained(learning_rate=one))


@dataclass(frozen=True)
class Comparison:
    """Test scores by seed: of what was advised, and of everything that could have been chosen instead."""

    advised: list[float]
    others: dict[str, list[float]]

    @property
    def best(self) -> str:
        """What is best on the mean of the seeds."""
        return max(self.others, key=lambda one: statistics.mean(self.others[one]))

    @property
    def gap(self) -> float:
        """The advised mean less the best mean."""
        return statistics.mean(self.advised) - statistics.mean(self.others[self.best])

    @property
    def noise(self) -> float:
        """The standard error of the gap, from how the differences vary between the seeds."""
        differences = [own - other for own, other in zip(self.advised, self.others[self.best], strict=True)]
        return statistics.stdev(differences) / len(differences) ** 0.5 if len(differences) > 1 else float("nan")


def _comparison_table(results: Results, what: str, kind: str, names: dict[str, str]) -> str:
    """Return means over the seeds of the advised choice beside those of all others as Markdown.

    `what` is the key of the advice in the results and `kind` that of a training; `names` has the columns by choice.
    """
    lines = [
        f"| data (seeds) | {what} | score | {' | '.join(names.values())} | difference |",
        "|---" * (len(names) + 4) + "|",
    ]
    gaps = []
    for name in SETS:
        seeds = _seeds(results, name, what)
        seeds = [at for at in seeds if all(f"{name} | {at} | {kind} {one}" in results for one in names)]
        if not seeds:
            continue
        choices = [_written(results[f"{name} | {at} | {what}"]) for at in seeds]
        own = [results[f"{name} | {at} | {kind} {choice}"] for at, choice in zip(seeds, choices, strict=True)]
        others = {one: [results[f"{name} | {at} | {kind} {one}"] for at in seeds] for one in names}
        found = Comparison(own, others)
        gaps.append(found.gap)
        cells = " | ".join(_mean(scores) for scores in others.values())
        chosen = ", ".join(dict.fromkeys(choices))
        difference = f"{100 * found.gap:+.1f} ± {100 * found.noise:.1f}"
        lines.append(f"| {name} ({len(seeds)}) | {chosen} | {_mean(own)} | {cells} | {difference} |")
    within = sum(gap >= -0.01 for gap in gaps)
    return "\n".join([*lines, "", f"Within one point of the best mean: {within} of {len(gaps)}."])


def _seeds(results: Results, name: str, what: str) -> list[int]:
    return sorted(int(key.split(" | ")[1]) for key in results if key.startswith(name) and key.endswith(f" | {what}"))


def _written(choice: Any) -> str:
    return f"{choice:g}" if isinstance(choice, float) else str(choice)


def _mean(scores: list[float]) -> str:
    spread = f" ± {100 * statistics.stdev(scores):.1f}" if len(scores) > 1 else ""
    return f"{100 * statistics.mean(scores):.1f}{spread}"


def rates_table(results: Results) -> str:
    """Return (a): the advised rate's test score beside the grid's."""
    return _comparison_table(results, "advised rate", "rate", {f"{one:g}": f"{one:g}" for one in GRID})


def methods_table(results: Results) -> str:
    """Return (b): the advised method's test score beside those of all methods, and how often within one point."""
    return _comparison_table(results, "advised", "method", {str(values): name for name, values in METHODS.items()})


def cost_table(results: Results) -> str:
    """Return (c): what the depth advisor takes, in passes over the same rows."""
    lines = ["| data | pass, CPU s | advisor, CPU s | ratio |", "|---|---|---|---|"]
    ratios = []
    for key, value in results.items():
        if key.endswith(" | cost"):
            ratios.append(value[1] / value[0])
            lines.append(f"| {key.removesuffix(' | cost')} | {value[0]:.2f} | {value[1]:.2f} | {ratios[-1]:.2f} |")
    mean = statistics.mean(ratios) if ratios else float("nan")
    return "\n".join([*lines, "", f"Mean ratio: {mean:.2f} (limit 1.5)."])


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("advice.json"))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    arguments = parser.parse_args()
    os.environ.setdefault("FTSTUDIO_HOME", str(Path(tempfile.gettempdir()) / "ftstudio-benchmark"))
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    results: Results = json.loads(arguments.output.read_text()) if arguments.output.exists() else {}
    for seed in range(arguments.seeds):
        for name in arguments.sets:
            with tempfile.TemporaryDirectory() as folder:
                measure(Bench(results, arguments.output, name, seed, Path(folder)), arguments.parts)
    print("\n\n".join((rates_table(results), methods_table(results), cost_table(results))))


if __name__ == "__main__":
    main()
