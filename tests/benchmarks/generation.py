"""`python -m tests.benchmarks.generation`: LoRA on a small language model, our engine against TRL's SFTTrainer.

SmolLM2-135M learns questions with their answers, or a play; same rows, batch size, rate, schedule, rank and number of
steps. Each contender runs in a process of its own, in turn. What is printed: tokens read a second, their ratio, peak
memory, and the loss on held-out rows, which is measured by our code for all. TRL (1.16.0 was used) is no dependency of
the project: without it its lines say so. QLoRA has its peak while the weights are still whole, so of ours the peak from
the first step on is told, too: `--only bf16 qlora` compares adapters beside whole weights with those beside small ones.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio.core import catalog
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.engine import backend, device
from ftstudio.engine.control import Control
from ftstudio.engine.learning import memory
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.runs import preparation, training
from tests.benchmarks.corpus import Watched
from tests.support import real_data

VALIDATION, BATCH, RATE, LENGTH, RANK, PIECE = 64, 8, 1e-3, 512, 16, 1_200
Result = dict[str, float]


def _table(data: str, seed: int) -> pa.Table:
    if data == "chats":
        rows = real_data.dialogues()
        random.Random(seed).shuffle(rows := list(rows))
        return pa.table({"text": [one for one, _ in rows], "label": [other for _, other in rows]})
    words = real_data.hamlet()
    pieces = [words[at : at + PIECE] for at in range(0, len(words), PIECE)]
    random.Random(seed).shuffle(pieces)
    return pa.table({"text": pieces})


class _Rows:
    """Rows in the place of a project's data: as many as the steps take, others to validate, none to test."""

    folder, labels = Path("/"), ()

    def __init__(self, data: str, seed: int, steps: int) -> None:
        table = _table(data, seed)
        none = table.slice(0, 0)
        train = table.slice(VALIDATION, steps * BATCH)
        self._tables = {Split.TRAIN: train, Split.VALIDATION: table.slice(0, VALIDATION), Split.TEST: none}

    def table(self, split: Split) -> pa.Table:
        """Return the rows of a split."""
        return self._tables[split]


def _settings(seed: int, **values: Any) -> TrainingSettings:
    return TrainingSettings(
        seed=seed, epochs=1.0, batch_size=BATCH, learning_rate=RATE, max_length=LENGTH, monitor="loss", dropout=0.0,
        probe_first=False, early_stopping=False, tuning_method="lora", lora_rank=RANK, lora_targets="all",
        cache_features=False, weight_decay=0.0, checks_per_epoch=1.0, **values,
    )  # fmt: skip


def _ours(data: str, seed: int, steps: int, **values: Any) -> Result:
    """Our engine, from encoded rows to a trained model; the checks of validation rows are not counted."""
    backend.prepare()
    module, rows, settings = (
        catalog.tasks().module("text-generation"),
        _Rows(data, seed, steps),
        _settings(seed, **values),
    )
    hardware = device.choose(settings)
    accelerator = training.make_accelerator(hardware)
    source: Any = rows
    prepared = preparation.prepare(
        module, real_data.smollm2(), source, settings, hardware, lambda *_: None, resuming=False
    )
    checked = prepared.whole[Split.VALIDATION]
    prepared.feeds[Split.VALIDATION] = checked.over(checked.examples.only(checked.labels < -1))  # nothing to check
    memory.give_back(hardware.device)
    watched = Watched()
    with tempfile.TemporaryDirectory() as scratch:
        outcome = training.run_training(prepared, settings, accelerator, lambda _: None, Control(), Path(scratch))
    learning = watched.stop()
    tokens = int(prepared.whole[Split.TRAIN].lengths.sum())
    return {**_result(tokens, outcome.state.seconds, _loss(module, checked, hardware)), "learning": learning}


def ours(data: str, seed: int, steps: int) -> Result:
    """As the program does it: short rows packed."""
    return _ours(data, seed, steps)


def ours_padded(data: str, seed: int, steps: int) -> Result:
    """The same with rows of similar length filled up to the longest of their batch."""
    return _ours(data, seed, steps, packing=False)


def bf16(data: str, seed: int, steps: int) -> Result:
    """Computed in bfloat16 beside whole weights."""
    return _ours(data, seed, steps, precision="bf16")


def qlora(data: str, seed: int, steps: int) -> Result:
    """Computed in bfloat16 beside resting weights in 4 bits; the loss is that of adapters beside these."""
    return _ours(data, seed, steps, precision="bf16", lora_base="nf4")


def _trl(data: str, seed: int, steps: int, **options: Any) -> Result:
    backend.prepare()
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
    from trl import SFTConfig, SFTTrainer

    set_seed(seed)
    rows, settings = _Rows(data, seed, steps), _settings(seed)
    hardware = device.choose(settings)
    told = [_for_trl(row) for row in rows.table(Split.TRAIN).to_pylist()]
    arguments = SFTConfig(
        output_dir=tempfile.mkdtemp(), num_train_epochs=1, per_device_train_batch_size=BATCH, learning_rate=RATE,
        lr_scheduler_type="linear", warmup_steps=round(settings.warmup * steps), max_length=LENGTH,
        bf16=hardware.precision == "bf16",
        use_cpu=hardware.device.type == "cpu", seed=seed, report_to=[], save_strategy="no", disable_tqdm=True,
        logging_strategy="no", gradient_checkpointing=False, **options,
    )  # fmt: skip
    adapters = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules="all-linear", task_type="CAUSAL_LM")
    folder = real_data.smollm2()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32")
    run = SFTTrainer(
        model, arguments, train_dataset=Dataset.from_list(told), processing_class=tokenizer, peft_config=adapters
    )
    began = time.perf_counter()
    run.train()
    seconds = time.perf_counter() - began
    module: Any = catalog.tasks().module("text-generation")
    bundle = module.load(folder, [], settings, trained=False)
    tokens = int(module.encode(bundle, rows.table(Split.TRAIN), Path("/")).lengths.sum())
    merged: Any = run.model
    bundle.model.load_state_dict(merged.merge_and_unload().state_dict())
    bundle.model.to(hardware.device)
    examples = module.encode(bundle, rows.table(Split.VALIDATION), Path("/"))
    return _result(tokens, seconds, _loss(module, ModelFeed(module, bundle, examples, settings), hardware))


def _for_trl(row: dict[str, str]) -> dict[str, Any]:
    if "label" not in row:
        return {"text": row["text"]}
    asked, said = {"role": "user", "content": row["text"]}, {"role": "assistant", "content": row["label"]}
    return {"prompt": [asked], "completion": [said]}


def trl(data: str, seed: int, steps: int) -> Result:
    """SFTTrainer as it is, but in bfloat16 where the hardware has it."""
    return _trl(data, seed, steps)


def trl_grouped(data: str, seed: int, steps: int) -> Result:
    """SFTTrainer with rows grouped by length."""
    return _trl(data, seed, steps, train_sampling_strategy="group_by_length")


def _loss(module: Any, feed: ModelFeed, hardware: device.Hardware) -> float:
    return float(module.score(logits_of(feed, hardware), feed.truth, [])["loss"])


def _result(tokens: int, seconds: float, loss: float) -> Result:
    from tests.benchmarks.peers import peak_memory

    return {"tokens": tokens, "seconds": seconds, "loss": loss, "memory": peak_memory()}


CONTENDERS: dict[str, Callable[[str, int, int], Result]] = {
    "ours": ours, "ours_padded": ours_padded, "trl": trl, "trl_grouped": trl_grouped, "bf16": bf16, "qlora": qlora
}  # fmt: skip


def main() -> None:
    """Run all in turn, or one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=["chats", "play"], default="chats")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--contender", choices=list(CONTENDERS))
    arguments = parser.parse_args()
    if arguments.contender:
        print(json.dumps(CONTENDERS[arguments.contender](arguments.data, arguments.seed, arguments.steps)))
        return
    first: float | None = None
    for name in arguments.only:
        found = _run(name, arguments)
        if found is None:
            continue
        speed = found["tokens"] / found["seconds"]
        first = first or speed
        learning = f"({found['learning'] / 1e9:.2f} GB from the first step on)  " if "learning" in found else ""
        print(
            f"{arguments.data}  {name:12} {speed:7.1f} tokens/s  {found['memory'] / 1e9:.2f} GB  {learning}"
            f"loss {found['loss']:.4f}  ours is {first / speed:.2f} times as fast (wanted 1.5)",
            flush=True,
        )


def _run(contender: str, arguments: argparse.Namespace) -> Result | None:
    command = [sys.executable, "-m", "tests.benchmarks.generation", "--contender", contender]
    command += ["--data", arguments.data, "--seed", str(arguments.seed), "--steps", str(arguments.steps)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{contender} DID NOT RUN (is TRL installed?): {done.stderr[-600:]}", flush=True)
        return None
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


if __name__ == "__main__":
    main()
