"""`python -m tests.benchmarks.training`: our engine against transformers' Trainer on the same model, data and seed.

Each contender runs in a process of its own, in turn, and prints one JSON line; the table shows rows per second (time
to a trained model, checks and probe included on our side), the ratio, peak memory and the share of right test rows.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import real_data
from tests.support.real_data import Row

ROWS, TEST_ROWS, LENGTH, EPOCHS = 1024, 600, 256, 3
HEAD_EPOCHS = 5
PICTURES_A_CLASS = 30


def _texts(seed: int) -> tuple[list[Row], list[Row]]:
    rows = list(real_data.movie_reviews())
    random.Random(seed).shuffle(rows)
    return rows[:ROWS], rows[ROWS : ROWS + TEST_ROWS]


def _result(accuracy: float, rows: int, seconds: float) -> dict[str, float]:
    from tests.benchmarks.peers import peak_memory

    return {"accuracy": accuracy, "rows": rows, "seconds": seconds, "memory": peak_memory()}


def _ours(task: str, model: str, train: list[Row], test: list[Row], **settings: Any) -> dict[str, float]:
    from tests.benchmarks.in_memory import train_in_memory

    return _result(*train_in_memory(task, model, train, test, settings))


def ours_text(seed: int) -> dict[str, float]:
    """Full tuning with the Balanced preset's settings, without early stopping so that the rows are the same."""
    return _ours("text-classification", "starter:minilm", *_texts(seed), epochs=float(EPOCHS), seed=seed)


def trainer_text(seed: int) -> dict[str, float]:
    """Trainer at its defaults, but for the number of epochs and the batch size of ours."""
    return _trainer_text(seed, num_train_epochs=EPOCHS, per_device_train_batch_size=16)


def trainer_text_best(seed: int) -> dict[str, float]:
    """Trainer with the flags that make it fastest here: bf16 and grouping by length."""
    best = {"bf16": True, "train_sampling_strategy": "group_by_length"}
    return _trainer_text(seed, num_train_epochs=EPOCHS, per_device_train_batch_size=16, **best)


def _trainer_text(seed: int, **options: Any) -> dict[str, float]:
    from tests.benchmarks import outcome, peers

    train, test = _texts(seed)
    model = outcome._model("text-classification")
    done = peers.train_text(model, train, test, seed=seed, max_length=LENGTH, **options)
    return _result(done.accuracy, done.rows, done.seconds)


def ours_head(seed: int) -> dict[str, float]:
    """Head only, frozen layers run once."""
    settings = {"tuning_method": "head", "epochs": float(HEAD_EPOCHS), "learning_rate": 1e-3, "seed": seed}
    return _ours("text-classification", "starter:minilm", *_texts(seed), **settings)


def trainer_head(seed: int) -> dict[str, float]:
    """Trainer with the same layers frozen."""
    return _trainer_text(
        seed, num_train_epochs=HEAD_EPOCHS, per_device_train_batch_size=16, frozen=True, learning_rate=1e-3
    )


def ours_top_layers(seed: int) -> dict[str, float]:
    """The two uppermost blocks, what lies below them run once."""
    settings = {"tuning_method": "top_layers", "top_layers": 2, "epochs": float(EPOCHS), "seed": seed}
    return _ours("text-classification", "starter:minilm", *_texts(seed), **settings)


def trainer_top_layers(seed: int) -> dict[str, float]:
    """Trainer with the same layers frozen."""
    return _trainer_text(seed, num_train_epochs=EPOCHS, per_device_train_batch_size=16, frozen=True, top_layers=2)


def ours_run_head(seed: int) -> dict[str, float]:
    """One run with a head on a project, from its settings to its report."""
    return _project("train", seed)


def ours_folds_head(seed: int) -> dict[str, float]:
    """Five folds on the same project, each row answered once."""
    return _project("cross_validate", seed, refit=False)


def ours_folds_and_final_head(seed: int) -> dict[str, float]:
    """Five folds and the final model, scored on the test rows."""
    return _project("cross_validate", seed)


def _project(job: str, seed: int, **options: Any) -> dict[str, float]:
    from tests.benchmarks import folds

    settings = {"tuning_method": "head", "epochs": float(HEAD_EPOCHS), "learning_rate": 1e-3, "seed": seed}
    accuracy, seconds = folds.time_job(_texts(seed)[0], job, settings, **options)
    return _result(accuracy, ROWS, seconds)


def trainer_folds_head(seed: int) -> dict[str, float]:
    """Trainer with the same layers frozen, once a fold."""
    from tests.benchmarks import folds

    options = {"num_train_epochs": HEAD_EPOCHS, "per_device_train_batch_size": 16, "learning_rate": 1e-3}
    accuracy, seconds = folds.time_trainer(_texts(seed)[0], seed, max_length=LENGTH, **options)
    return _result(accuracy, ROWS, seconds)


def _pictures(seed: int, folder: Path) -> tuple[list[Row], list[Row]]:
    return real_data.fashion(folder, PICTURES_A_CLASS, 300, seed)


def ours_pictures(seed: int) -> dict[str, float]:
    """Image classification, full."""
    with tempfile.TemporaryDirectory() as folder:
        train, test = _pictures(seed, Path(folder))
        model = "starter:efficientnet-lite0"
        return _ours("image-classification", model, train, test, epochs=float(EPOCHS), seed=seed)


def trainer_pictures(seed: int) -> dict[str, float]:
    """Trainer on the same model and pictures."""
    from tests.benchmarks import outcome, peers

    with tempfile.TemporaryDirectory() as folder:
        train, test = _pictures(seed, Path(folder))
        model = outcome._model("image-classification")
        options = {"num_train_epochs": EPOCHS, "per_device_train_batch_size": 16}
        done = peers.train_pictures(model, train, test, seed=seed, **options)
        return _result(done.accuracy, done.rows, done.seconds)


def ours_loop(seed: int) -> dict[str, float]:
    """Our loop on batches that a hand-written loop gets too."""
    from tests.benchmarks.in_memory import time_loop

    return _result(0.0, *time_loop(_texts(seed)[0][:512], seed, by_hand=False))


def hand_loop(seed: int) -> dict[str, float]:
    """The hand-written loop."""
    from tests.benchmarks.in_memory import time_loop

    return _result(0.0, *time_loop(_texts(seed)[0][:512], seed, by_hand=True))


CONTENDERS: dict[str, Callable[[int], dict[str, float]]] = {
    function.__name__: function
    for function in (ours_text, trainer_text, trainer_text_best, ours_head, trainer_head, ours_top_layers,
                     trainer_top_layers, ours_run_head,
                     ours_folds_head, ours_folds_and_final_head, trainer_folds_head, ours_pictures,
                     trainer_pictures, ours_loop, hand_loop)
}  # fmt: skip
PAIRS = [
    ("text, full, against Trainer's defaults", "ours_text", "trainer_text", "≥ 3.5"),
    ("text, full, against Trainer's best flags", "ours_text", "trainer_text_best", "≥ 1.3"),
    (f"text, head, {HEAD_EPOCHS} epochs", "ours_head", "trainer_head", "≥ 10"),
    ("text, two top layers", "ours_top_layers", "trainer_top_layers", "≥ 2"),
    ("five folds, head, one run's time", "ours_folds_head", "ours_run_head", "≥ 0.625"),
    ("five folds and final model, head, one run's time", "ours_folds_and_final_head", "ours_run_head", "≥ 0.5"),
    ("five folds, head, against five of Trainer", "ours_folds_head", "trainer_folds_head", "≥ 15"),
    ("pictures, full", "ours_pictures", "trainer_pictures", "≥ 1.3"),
    ("our loop against a hand-written one", "ours_loop", "hand_loop", "≥ 0.97"),
]


def _run(contender: str, seed: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.training", "--contender", contender, "--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{contender}: {done.stderr[-2000:]}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{contender}, seed {seed}: {result['rows'] / result['seconds']:.1f} rows/s, "
          f"accuracy {result['accuracy']:.3f}", file=sys.stderr, flush=True)  # fmt: skip
    return result


def table(results: dict[str, list[dict[str, float]]]) -> str:
    """Return the pairs as a Markdown table; ratios are medians over seeds, run in turn."""
    head = "| what | ours, rows/s | theirs | ratio | wanted | memory, ours / theirs | right, ours / theirs |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for title, one, other, wanted in PAIRS:
        if one not in results or other not in results:
            continue
        rates = [[run["rows"] / run["seconds"] for run in results[name]] for name in (one, other)]
        ratio = statistics.median(mine / theirs for mine, theirs in zip(*rates, strict=True))
        memory = " / ".join(f"{statistics.median(run['memory'] for run in results[name]) / 1e9:.1f} GB"
                            for name in (one, other))  # fmt: skip
        right = " / ".join(f"{100 * statistics.mean(run['accuracy'] for run in results[name]):.1f} %"
                           for name in (one, other))  # fmt: skip
        mine, theirs = (statistics.median(values) for values in rates)
        lines.append(f"| {title} | {mine:.1f} | {theirs:.1f} | {ratio:.2f} | {wanted} | {memory} | {right} |")
    return "\n".join(lines)


def main() -> None:
    """Run the benchmark, or one contender of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path(tempfile.gettempdir()) / "ftstudio-training.json")
    parser.add_argument("--only", nargs="*", default=list(CONTENDERS), choices=list(CONTENDERS))
    parser.add_argument("--contender", choices=list(CONTENDERS))
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    os.environ.setdefault("FTSTUDIO_HOME", str(Path(tempfile.gettempdir()) / "ftstudio-benchmark"))
    if arguments.contender:
        print(json.dumps(CONTENDERS[arguments.contender](arguments.seed)))
        return
    results: dict[str, list[dict[str, float]]] = {}
    for seed in range(arguments.seeds):
        for contender in arguments.only:
            results.setdefault(contender, []).append(_run(contender, seed))
            arguments.output.write_text(json.dumps(results, indent=1))
            time.sleep(1)
    print(table(results))


if __name__ == "__main__":
    main()
