"""Projects whose texts have several labels each, or a number, and runs with stored outputs, made without training."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from ftstudio.core import catalog
from ftstudio.core.deciding import AS_TRAINED
from ftstudio.core.settings import Overrides, build
from ftstudio.core.specs import Answer
from ftstudio.core.states import RunState, Split
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, Shares
from ftstudio.datasets.store import Dataset
from ftstudio.engine import rows
from ftstudio.engine.answers import numbers, several_labels
from ftstudio.project.decisions import write_decision
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.runs import RunReport, RunRequest, RunStatus, create_run, write_report, write_status
from ftstudio.project.schema import DataReference, ModelReference
from ftstudio.project.store import create_project

LABELS = ("calm", "loud", "warm")
SHARES = (0.5, 0.4, 0.15)
SHIFT = 1.5  # by so much all logits of a made run are too low: 0.5 is no good threshold


def shaped_project(root: Path, kind: str, rows_of: int = 240) -> Path:
    """Make a project of short texts with any of `LABELS`, or with a number; a quarter each is held back twice."""
    chance, source = np.random.default_rng(4), root.with_suffix(".csv")
    with source.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label"))
        for at in range(rows_of):
            there = [name for name, share in zip(LABELS, SHARES, strict=True) if chance.random() < share]
            number = f"{20 + 3 * len(there) + chance.normal():.2f}"
            writer.writerow((" ".join([*there, f"n{at}"]), "|".join(there) or "[]" if kind == "labels" else number))
    with create_project(root, root.name, "text-classification") as project:
        plan = ImportPlan(sources=(source,), shares=Shares(validation=0.25, test=0.25), seed=1)
        import_data(project.layout.data, catalog.tasks().spec("text-classification"), plan)
        manifest = Dataset.open(project.layout.data).manifest
        data = DataReference(name=manifest.name, fingerprint=manifest.fingerprint, imported=manifest.imported)
        project.save(project.file.model_copy(update={"data": data}))
    return root


def shaped_run(project: Path, name: str = "made") -> RunLayout:
    """Put a finished run into a project: labels are found, but with logits that are too low by `SHIFT`; numbers are off
    by a few tenths.
    """
    layout, chance = ProjectLayout(project), np.random.default_rng(6)
    dataset = Dataset.open(layout.data)
    answer = dataset.answer
    task: Any = several_labels if answer is Answer.LABELS else numbers
    labels = dataset.labels
    columns: dict[str, list[object]] = {key: [] for key in ("split", "row", "label", "logits", "truth")}
    scored = []
    for split in (Split.VALIDATION, Split.TEST):
        table = dataset.table(split)
        if answer is Answer.LABELS:
            truth = rows.label_sets(table, labels)
            logits = np.where(truth > 0, 1.0, -3.0) + chance.normal(size=truth.shape) - SHIFT
        else:
            value = rows.numbers(table)
            truth = np.column_stack((value, np.full(len(value), 2.0, np.float32)))
            logits = value + chance.normal(size=value.shape) * 0.4
        scored.append((split, truth, logits.astype(np.float32)))
        columns["split"] += [split.value] * len(truth)
        columns["row"] += table["row"].to_pylist()
        columns["label"] += [0] * len(truth)
        columns["logits"] += logits.tolist()
        columns["truth"] += truth.tolist()
    decision = task.choose(scored[0][2], scored[0][1], labels)
    spec = catalog.tasks().spec("text-classification").shaped(answer)
    request = RunRequest(
        task="text-classification",
        answer=answer,
        model=ModelReference(name="tiny", source="folder"),
        settings=build({"monitor": spec.monitor}).model_dump(),
        overrides=Overrides(),
        data_fingerprint=dataset.fingerprint,
        name=name,
        seed=1,
    )
    run = create_run(layout, request)
    run.predictions.mkdir()
    written = pa.table(columns)
    with ipc.new_file(str(run.predictions / "predictions.arrow"), written.schema) as writer:
        writer.write_table(written)
    if decision != AS_TRAINED:
        write_decision(run, decision)
    document = {
        "run": run.id,
        "state": "finished",
        "labels": labels,
        "metrics": {split.value: task.score(said, truth, labels, decision) for split, truth, said in scored},
        "intervals": {split.value: task.intervals(said, truth, labels, decision) for split, truth, said in scored},
        "tables": {split.value: task.report(said, truth, labels, decision) for split, truth, said in scored},
    }
    write_report(run, RunReport(document=document))
    write_status(run, RunStatus(state=RunState.FINISHED, step=10, total_steps=10))
    return run
