"""Writes tests/transcripts/*.jsonl: what real runs of a text classifier send, with round numbers.

python -m tests.support.make_transcripts
"""

from __future__ import annotations

import math
import random
from pathlib import Path

from ftstudio.core.errors import ErrorDocument
from ftstudio.core.messages import (
    Changed,
    Event,
    Failed,
    Finished,
    Heartbeat,
    Kept,
    Log,
    Measured,
    Progress,
    Remark,
    Started,
)
from ftstudio.core.states import RunState
from ftstudio.core.text import text

FOLDER = Path(__file__).parent.parent / "transcripts"
LABELS = ("negative", "neutral", "positive")
STEPS, STEPS_PER_EPOCH, CHECKS = 396, 33, 12


def opening(run: str) -> list[Event]:
    return [
        Log(line_text="accelerate 1.15.0, torch 2.13.0+cpu, transformers 5.20.0"),
        Progress(phase=text("Reading the model"), done=0, total=1),
        Progress(phase=text("Reading the model"), done=1, total=1),
        Started(
            job="train",
            pid=4711,
            run=run,
            device="cpu",
            precision="bf16",
            total_steps=STEPS,
            steps_per_epoch=STEPS_PER_EPOCH,
        ),
        Changed(state=RunState.RUNNING, step=0),
        Progress(phase=text("Fitting the head"), done=600, total=600),
    ]


def train_point(step: int, chance: random.Random) -> Measured:
    loss = 0.08 + 1.02 * math.exp(-step / 90) + chance.gauss(0, 0.05)
    warmed = min(1.0, step / 24)
    return Measured(
        split="train",
        step=step,
        epoch=round(step / STEPS_PER_EPOCH, 4),
        seconds=round(step * 0.31, 2),
        values={
            "loss": round(max(0.01, loss), 4),
            "learning_rate": round(3e-5 * warmed * (1 - step / (STEPS + 1)), 9),
            "samples_per_second": round(58 + chance.gauss(0, 3), 1),
            "grad_norm": round(1.5 + chance.random(), 3),
            "memory_bytes": 1_210_000_000.0 + 1_000_000.0 * step,
        },
    )


def check(step: int, chance: random.Random) -> Measured:
    score = 0.55 + 0.36 * (1 - math.exp(-step / 80)) + chance.gauss(0, 0.004)
    loss = 0.35 + 0.7 * math.exp(-step / 80) + 0.0006 * max(0, step - 250)
    return Measured(
        split="validation",
        step=step,
        epoch=round(step / STEPS_PER_EPOCH, 4),
        seconds=round(step * 0.31, 2),
        values={"loss": round(loss, 4), "accuracy": round(score + 0.01, 4), "macro_f1": round(score, 4)},
    )


def training(until: int) -> tuple[list[Event], Kept]:
    """Return the events up to step `until`, and the best checkpoint kept."""
    chance, events = random.Random(3), list[Event]()
    best = Kept(which="best", step=0, metric="macro_f1", value=0.0)
    for step in range(1, until + 1):
        events.append(train_point(step, chance))
        if step % 40 == 0:
            events.append(Heartbeat(memory_bytes=1_210_000_000 + step * 1_000_000))
        if step % (STEPS // CHECKS) == 0:
            measured = check(step, chance)
            events.append(measured)
            if measured.values["macro_f1"] > (best.value or 0):
                best = Kept(which="best", step=step, metric="macro_f1", value=measured.values["macro_f1"])
                events.append(best)
            events.append(Kept(which="last", step=step))
        if step == 330:
            told = text("Validation loss has risen for {count} checks while training loss falls: overfitting.", count=2)
            events.append(Remark(severity="warning", code="overfitting", text=told, step=step))
    return events, best


def metrics(score: float) -> dict[str, float]:
    return {"accuracy": round(score + 0.01, 4), "macro_f1": round(score, 4), "loss": 0.41}


def finished() -> list[Event]:
    run = "20261122-101500-balanced"
    events, best = training(STEPS)
    document = {
        "run": run,
        "state": "finished",
        "steps": STEPS,
        "seconds": 122.8,
        "samples_per_second": 58.2,
        "peak_memory_bytes": 1_606_000_000,
        "best": {"step": best.step, "metric": "macro_f1", "value": best.value},
        "metrics": {"validation": metrics(best.value or 0), "test": metrics(0.893)},
        "labels": list(LABELS),
        "confusion": {
            "validation": [[38, 3, 1], [4, 31, 3], [0, 2, 40]],
            "test": [[37, 4, 1], [5, 30, 3], [0, 3, 39]],
        },
        "baseline": {"accuracy": 0.344, "macro_f1": 0.171},
    }
    ending: list[Event] = [
        Progress(phase=text("Testing"), done=122, total=122),
        Measured(split="test", step=best.step, epoch=12.0, seconds=122.8, values=metrics(0.893)),
        Changed(state=RunState.FINISHED, step=STEPS),
        Finished(document=document),
    ]
    return [*opening(run), *events, *ending]


def out_of_memory() -> list[Event]:
    return [*opening("20261122-113000-long-texts"), *training(140)[0]]


def failed() -> list[Event]:
    run = "20261122-120000-lr-1"
    error = ErrorDocument(
        message=text("The loss became infinite at step {step}.", step=57),
        hint=text("Choose a lower learning rate, for example {rate}.", rate=3e-5),
        details="Traceback (most recent call last):\n  …\nNonFiniteError: loss is inf",
    )
    return [
        *opening(run),
        *training(57)[0],
        Remark(severity="error", code="not_finite", text=error.message, step=57),
        Changed(state=RunState.FAILED, step=57),
        Failed(error=error),
    ]


def write(name: str, events: list[Event], *instructions: str) -> None:
    lines = [event.line() for event in events]
    (FOLDER / name).write_text("\n".join([*lines, *instructions]) + "\n", encoding="utf-8")


def main() -> None:
    write("finished.jsonl", finished(), "#exit 0")
    write("out_of_memory.jsonl", out_of_memory(), "#signal 9")
    write("failed.jsonl", failed(), "#exit 1")


if __name__ == "__main__":
    main()
