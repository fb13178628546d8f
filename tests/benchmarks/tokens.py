"""`python -m tests.benchmarks.tokens`: marking names in tweets, our engine against Trainer with its best flags.

Same model, rows, units, epochs, rate and seed; each contender runs in a process of its own, in turn. What is printed:
rows a second, their ratio, peak memory, and F1 of places on the test rows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ftstudio.core import catalog, units
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.readers import token_lines
from ftstudio.engine import backend, device
from ftstudio.engine.answers.outputs import by_row
from ftstudio.engine.control import Control
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.runs import preparation, training
from tests.benchmarks.outcome import TEXT, _model
from tests.support import real_data

TRAIN, TEST, BATCH, RATE, LENGTH = 1600, 400, 16, 2e-4, 256
KINDS = ["company", "facility", "geo-loc", "movie", "musicartist", "other", "person", "product", "sportsteam", "tvshow"]


def _tables(seed: int) -> dict[Split, pa.Table]:
    options = token_lines.look(real_data.tweets(), ReadOptions()).options
    table = pa.Table.from_batches([chunk.batch for chunk in token_lines.read(real_data.tweets(), options)])
    order = np.random.default_rng(seed).permutation(table.num_rows)
    none = table.slice(0, 0)
    train, test = table.take(order[:TRAIN]), table.take(order[TRAIN : TRAIN + TEST])
    return {Split.TRAIN: train, Split.VALIDATION: none, Split.TEST: test}


class _Rows:
    """The tweets in the place of a project's data."""

    folder, labels = Path("/"), KINDS

    def __init__(self, seed: int) -> None:
        self._tables = _tables(seed)

    def table(self, split: Split) -> pa.Table:
        """Return the rows of a split."""
        return self._tables[split]


def _settings(seed: int, epochs: float) -> TrainingSettings:
    return TrainingSettings(
        seed=seed, epochs=epochs, batch_size=BATCH, learning_rate=RATE, max_length=LENGTH, monitor="f1",
        dropout=0.1, probe_first=False, early_stopping=False,
    )  # fmt: skip


def ours(seed: int, epochs: float) -> dict[str, float]:
    """Our engine: from encoded rows to a trained model."""
    backend.prepare()
    settings, module = _settings(seed, epochs), catalog.tasks().module("token-classification")
    hardware = device.choose(settings)
    accelerator = training.make_accelerator(hardware)
    rows: Any = _Rows(seed)
    prepared = preparation.prepare(module, _model(TEXT), rows, settings, hardware, lambda *_: None, resuming=False)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        outcome = training.run_training(prepared, settings, accelerator, lambda _: None, Control(), Path(scratch))
    seconds = time.perf_counter() - began
    test = prepared.whole[Split.TEST]
    score = module.score(logits_of(test, hardware), test.truth, prepared.bundle.labels)
    return _result(outcome.state.rows, seconds, score["f1"])


def trainer(seed: int, epochs: float) -> dict[str, float]:
    """Trainer in bfloat16, rows grouped by length, on the same units."""
    backend.prepare()
    import transformers as hf

    hf.set_seed(seed)
    module, settings, tables = catalog.tasks().module("token-classification"), _settings(seed, epochs), _tables(seed)
    bundle = module.load(_model(TEXT), KINDS, settings, trained=False)
    sets = {split: module.encode(bundle, table, Path("/")) for split, table in tables.items() if table.num_rows}
    arguments = hf.TrainingArguments(
        output_dir=tempfile.mkdtemp(), num_train_epochs=epochs, per_device_train_batch_size=BATCH, learning_rate=RATE,
        per_device_eval_batch_size=64, bf16=True, train_sampling_strategy="group_by_length", seed=seed,
        report_to=[], save_strategy="no", disable_tqdm=True, logging_strategy="no",
        use_cpu=device.choose(settings).device.type == "cpu",
    )  # fmt: skip
    run = hf.Trainer(
        bundle.model, arguments, hf.DataCollatorForTokenClassification(bundle.processor),
        train_dataset=[_row(sets[Split.TRAIN], at) for at in range(TRAIN)],
    )  # fmt: skip
    began = time.perf_counter()
    run.train()
    seconds = time.perf_counter() - began
    test = sets[Split.TEST]
    said = run.predict([_row(test, at) for at in range(TEST)]).predictions  # type: ignore[arg-type]
    logits = by_row([said[at][np.maximum(test.tokens[at], 0)] for at in range(TEST)])
    return _result(round(TRAIN * epochs), seconds, module.score(logits, test.truth, units.tags_for(KINDS))["f1"])


def _row(examples: Any, at: int) -> dict[str, list[int]]:
    """Return a row as Trainer takes it: the tag of a unit stands at its token, nothing at the others."""
    start, end = examples.texts.offsets[at], examples.texts.offsets[at + 1]
    labels = np.full(end - start, -100, dtype=np.int64)
    tokens, tags = examples.tokens[at], examples.truth[at]
    for token, tag in zip(tokens[::-1], tags[::-1], strict=True):  # of two units in one token the first is learned
        if token >= 0:
            labels[token] = tag
    ids = examples.texts.ids[start:end].tolist()
    return {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": labels.tolist()}


def _result(rows: int, seconds: float, f1: float) -> dict[str, float]:
    from tests.benchmarks.peers import peak_memory

    return {"rows": rows, "seconds": seconds, "f1": f1, "memory": peak_memory()}


CONTENDERS: dict[str, Callable[[int, float], dict[str, float]]] = {"ours": ours, "trainer": trainer}


def main() -> None:
    """Run both in turn, or one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=float, default=3.0)
    parser.add_argument("--contender", choices=list(CONTENDERS))
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.contender:
        print(json.dumps(CONTENDERS[arguments.contender](arguments.seed, arguments.epochs)))
        return
    for seed in range(arguments.seeds):
        found = {name: _run(name, seed, arguments.epochs) for name in CONTENDERS}
        speed = {name: one["rows"] / one["seconds"] for name, one in found.items()}
        for name, one in found.items():
            print(f"seed {seed}  {name:8} {speed[name]:7.1f} rows/s  {one['memory'] / 1e9:.2f} GB  F1 {one['f1']:.3f}")
        print(f"seed {seed}  ratio    {speed['ours'] / speed['trainer']:7.2f} (wanted 1.3)")


def _run(contender: str, seed: int, epochs: float) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.tokens", "--contender", contender]
    command += ["--seed", str(seed), "--epochs", str(epochs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{contender}: {done.stderr[-2000:]}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


if __name__ == "__main__":
    main()
