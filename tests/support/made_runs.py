"""Many runs as training leaves them, made without training: settings, curves, results and stored answers differ."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from ftstudio.core.messages import Kept, Measured
from ftstudio.core.settings import Overrides, TrainingSettings
from ftstudio.core.states import RunState, Split
from ftstudio.datasets.store import Dataset
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.run_notes import RunNotes, write_notes
from ftstudio.project.runs import (
    BestValue,
    RunReport,
    RunRequest,
    RunStatus,
    create_run,
    write_report,
    write_status,
)
from ftstudio.project.schema import ModelReference
from tests.support.stored_answers import write_answers

METHODS = ("full", "lora", "head", "top_layers")
RATES = (1e-5, 2e-5, 3e-5, 5e-5, 1e-4)
NOTES = (
    "",
    "",
    "",
    "Slower, but steadier.\nTry more epochs.",
    "Same as before with class weights.",
    "Too high a rate.",
)


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Do not wait for the disk: what is made here may be made again."""
    original = os.fsync
    os.fsync = lambda descriptor: None
    try:
        yield
    finally:
        os.fsync = original


def fill(project: Path, count: int, *, classes: int = 6, checks: int = 12, seed: int = 1) -> list[RunLayout]:
    """Put `count` runs into a project, the oldest first; those of one with data have answers to its rows, too."""
    layout = ProjectLayout(project)
    dataset = Dataset.open(layout.data) if layout.data.joinpath("manifest.json").exists() else None
    chance = np.random.default_rng(seed)
    with in_a_hurry():
        return [_run(layout, dataset, number, chance, classes, checks) for number in range(count)]


def _run(
    layout: ProjectLayout, dataset: Dataset | None, number: int, chance: np.random.Generator, classes: int, checks: int
) -> RunLayout:
    method, rate = METHODS[number % len(METHODS)], float(RATES[int(chance.integers(len(RATES)))])
    skill = float(np.clip(0.86 + chance.normal(0, 0.03), 0.5, 0.97))
    settings = TrainingSettings(tuning_method=method, learning_rate=rate, epochs=float(chance.integers(2, 9)))
    request = RunRequest(
        task=dataset.manifest.task if dataset is not None else "text-classification",
        model=ModelReference(name="MiniLM", source="starter:minilm"),
        settings=settings.model_dump(mode="json"),
        overrides=Overrides(values={"learning_rate": rate}),
        data_fingerprint=dataset.fingerprint if dataset is not None else "f",
        name=f"{method.replace('_', ' ')}, rate {rate:g}",
        seed=number,
    )
    run = create_run(layout, request)
    best = _journal(run, chance, skill, checks, rate)
    state = (RunState.FINISHED, RunState.FINISHED, RunState.FINISHED, RunState.STOPPED, RunState.FAILED)[number % 5]
    if state.has_result:
        _result(run, dataset, chance, skill, classes, best)
    moment = datetime(2026, 11, 1, 8, tzinfo=UTC) + timedelta(hours=5 * number, minutes=int(chance.integers(60)))
    ended = moment + timedelta(seconds=60 + 40 * checks)
    write_status(
        run,
        RunStatus(
            state=state,
            step=best.step + 20,
            total_steps=checks * 20,
            seconds=(ended - moment).total_seconds(),
            best=best,
            started=moment.isoformat(timespec="seconds"),
            ended=ended.isoformat(timespec="seconds"),
        ),
    )
    write_notes(run, RunNotes(star=number % 7 == 3, notes=NOTES[number % len(NOTES)]))
    return run


def _journal(run: RunLayout, chance: np.random.Generator, skill: float, checks: int, rate: float) -> BestValue:
    lines, best = [], BestValue(step=0, metric="macro_f1", value=0.0)
    for step in range(1, checks * 20 + 1):
        about = {"step": step, "epoch": step / 40, "seconds": step * 0.6}
        loss = 0.15 + 1.5 * np.exp(-step / 60) + chance.normal(0, 0.04)
        falling = rate * (1 - step / (checks * 20 + 1))
        lines.append(
            Measured(split="train", values={"loss": float(max(loss, 0.01)), "learning_rate": falling}, **about)
        )
        if step % 20 == 0:
            value = float(skill - 0.5 * np.exp(-step / 50) + chance.normal(0, 0.008))
            loss = float(0.45 + 0.9 * np.exp(-step / 60) + 0.0006 * max(0, step - 140) + chance.normal(0, 0.01))
            values = {"loss": loss, "macro_f1": value, "accuracy": value + 0.01}
            lines.append(Measured(split="validation", values=values, **about))
            if value > best.value:
                best = BestValue(step=step, metric="macro_f1", value=value)
                lines.append(Kept(which="best", **best.model_dump()))
    run.metrics.write_text("".join(line.line() + "\n" for line in lines), encoding="utf-8")
    return best


def _result(
    run: RunLayout, dataset: Dataset | None, chance: np.random.Generator, skill: float, classes: int, best: BestValue
) -> None:
    labels = dataset.labels if dataset is not None else [f"label {at}" for at in range(classes)]
    parts, metrics, tables = [], {}, {}
    for split in (Split.VALIDATION, Split.TEST):
        if dataset is not None:
            table = dataset.table(split)
            truth = np.array([labels.index(label) for label in table["label"].to_pylist()], dtype=np.int64)
            rows = table["row"].to_numpy()
        else:
            truth = chance.integers(0, len(labels), 600)
            rows = np.arange(600)
        given = chance.normal(size=(len(truth), len(labels)))
        right = chance.random(len(truth)) < skill
        given[np.arange(len(truth)), np.where(right, truth, (truth + 1) % len(labels))] += 5.0
        predicted = given.argmax(axis=1)
        parts.append((split, rows, truth, given))
        confusion = np.zeros((len(labels), len(labels)), dtype=int)
        np.add.at(confusion, (truth, predicted), 1)
        scores = {"precision": 0.9123456789, "recall": 0.8912345678, "f1": 0.9012345678}
        per_class = [{"label": one, "rows": int(confusion[at].sum()), **scores} for at, one in enumerate(labels)]
        tables[split.value] = {"labels": labels, "confusion": confusion.tolist(), "per_class": per_class}
        metrics[split.value] = {"accuracy": float((predicted == truth).mean()), "macro_f1": best.value, "loss": 0.5}
    if dataset is not None:
        run.predictions.mkdir()
        write_answers(run.predictions / "predictions.arrow", parts)
    document = {
        "run": run.id,
        "state": "finished",
        "steps": best.step + 20,
        "samples_per_second": 61.5,
        "metrics": metrics,
        "tables": tables,
        "labels": labels,
        "epochs": 4.0,
        "kept_because": {"template": "Kept step {step}.", "params": {"step": best.step}},
    }
    write_report(run, RunReport(document=document))
