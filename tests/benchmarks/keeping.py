"""`python -m tests.benchmarks.keeping`: which of a run's checks should be kept, judged by test rows at each check.

Small real data sets with the Balanced preset; at every check the test rows are answered as well (which no user can
do), so that one training says what each rule would have kept: the highest score (what Keras or Trainer keep), the
later of nearly equal ones (ours, with two shares of a standard error), the last; and what the best check was. Wrong
labels and many epochs are among them, because there a later check may be the worse one. Results are kept in a JSON
file after every training, so that an interrupted benchmark goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray

from ftstudio.core.score_error import standard_error
from ftstudio.core.states import Split as Part
from ftstudio.engine.hooks.validation import BY_LUCK
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.runs import training
from tests.benchmarks import ours
from tests.benchmarks.advice import SETS
from tests.benchmarks.outcome import MODELS, Split

SEEDS = 3
Scores = dict[str, list[float]]


def _damaged(name: str, share: float, rows: int | None = None) -> Callable[[int, Path], Split]:
    def make(seed: int, folder: Path) -> Split:
        split, chance = SETS[name](seed, folder), random.Random(seed)
        labels = [label for _, label in split.train]
        train = [(one, chance.choice(labels) if chance.random() < share else label) for one, label in split.train]
        return replace(split, train=train[:rows], test=split.test[:300])

    return make


CASES: dict[str, tuple[Callable[[int, Path], Split], dict[str, Any]]] = {
    **{name: (make, {}) for name, make in SETS.items()},
    "topics, 3e-5": (SETS["topics, 300"], {"learning_rate": 3e-5}),
    "movie reviews, 3e-5": (SETS["movie reviews, 300"], {"learning_rate": 3e-5}),
    "topics, 30 % wrong": (_damaged("topics, 300", 0.3), {}),
    "topics, 30 % wrong, 25 epochs": (_damaged("topics, 300", 0.3), {"epochs": 25.0, "patience": 30}),
    "movie reviews, 40 rows, 30 epochs": (_damaged("movie reviews, 300", 0.0, 40), {"epochs": 30.0, "patience": 30}),
}


class Watch:
    """Answers the test rows at every check of a run, beside the validation rows."""

    def __init__(self) -> None:
        self.prepared: Any = None
        self.checked: list[NDArray[Any]] = []
        self.tested: list[float] = []
        self._hooks = training._hooks

    def hooks(self, prepared: Any, *rest: Any) -> Any:
        """Stand in for the making of the hooks, to learn which run it is."""
        self.prepared = prepared
        return self._hooks(prepared, *rest)

    def logits_of(self, feed: Any, *rest: Any) -> Any:
        """Stand in for the pass over the validation rows."""
        found, test = logits_of(feed, *rest), self.prepared.whole[Part.TEST]
        self.checked.append(found)
        self.tested.append(float((logits_of(test, *rest).argmax(-1) == test.truth).mean()))
        return found

    def scores(self) -> Scores:
        """Return at each check macro F1 on the validation rows, its standard error, the share of right test rows."""
        feed = self.prepared.feeds[Part.VALIDATION]
        names, counts = self.prepared.bundle.labels, np.bincount(feed.labels[feed.labels >= 0]).tolist()
        checked = [self.prepared.task.score(one, feed.truth, names)["macro_f1"] for one in self.checked]
        errors = [standard_error(one, sum(counts), counts) for one in checked]
        return {"checked": checked, "errors": errors, "tested": self.tested}


def watched(split: Split, seed: int, settings: dict[str, Any], folder: Path) -> Scores:
    """Train once and return what was seen at each check."""
    watch = Watch()
    project = ours.make_project(folder / "project", split.task, MODELS[split.task], split.train, split.test)
    with patch.object(training, "_hooks", watch.hooks), patch.object(training, "logits_of", watch.logits_of):
        ours.train(project, seed=seed, **settings)
    return watch.scores()


def highest(scores: Scores) -> float:
    """Return the test score of the check with the highest validation score."""
    return scores["tested"][scores["checked"].index(max(scores["checked"]))]


def later(scores: Scores, share: float) -> float:
    """Return the test score of the last check that was within `share` of a standard error of the highest so far."""
    kept, top = 0, 0
    for at, value in enumerate(scores["checked"]):
        top = at if value > scores["checked"][top] else top
        if value >= scores["checked"][top] - share * scores["errors"][top]:
            kept = at
    return scores["tested"][kept]


RULES: dict[str, Callable[[Scores], float]] = {
    "highest": highest,
    "later, a third of an error": lambda scores: later(scores, BY_LUCK),
    "later, one error": lambda scores: later(scores, 1.0),
    "last": lambda scores: scores["tested"][-1],
    "the best there was": lambda scores: max(scores["tested"]),
}


def rules_table(results: dict[str, Scores]) -> str:
    """Return the test score that each rule would have come to as Markdown, in per cent."""
    lines = [f"| run and seed | {' | '.join(RULES)} |", "|---" * (len(RULES) + 1) + "|"]
    rows = {key: [rule(scores) for rule in RULES.values()] for key, scores in results.items()}
    means = [statistics.mean(column) for column in zip(*rows.values(), strict=True)]
    for key, row in [*rows.items(), ("mean", means)]:
        lines.append(f"| {key.replace(' | ', ', ')} | {' | '.join(f'{100 * one:.1f}' for one in row)} |")
    return "\n".join(lines)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("keeping.json"))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    arguments = parser.parse_args()
    os.environ.setdefault("FTSTUDIO_HOME", str(Path(tempfile.gettempdir()) / "ftstudio-benchmark"))
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    results: dict[str, Scores] = json.loads(arguments.output.read_text()) if arguments.output.exists() else {}
    for seed in range(arguments.seeds):
        for name in arguments.cases:
            make, settings = CASES[name]
            key = f"{name} | {seed}"
            if key in results:
                continue
            with tempfile.TemporaryDirectory() as folder:
                results[key] = watched(make(seed, Path(folder)), seed, settings, Path(folder))
            arguments.output.write_text(json.dumps(results))
            print(rules_table({key: results[key]}).splitlines()[2], flush=True)
    print(rules_table(results))


if __name__ == "__main__":
    main()
