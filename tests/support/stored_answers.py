"""Runs with stored answers as training leaves them, made without training, so that looks at results test fast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from ftstudio.core.settings import Overrides
from ftstudio.core.states import RunState, Split
from ftstudio.datasets.store import Dataset
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.runs import RunReport, RunRequest, RunStatus, create_run, write_report, write_status
from ftstudio.project.schema import ModelReference

Logits = Callable[[np.ndarray, int], np.ndarray]


def mostly_right(labels: np.ndarray, classes: int, seed: int = 3) -> np.ndarray:
    """Logits that favour the truth in most rows, another label in some, and hardly any in others."""
    chance = np.random.default_rng(seed)
    logits = chance.normal(size=(len(labels), classes))
    logits[np.arange(len(labels)), labels] += chance.choice([-2.0, 0.5, 3.0], size=len(labels), p=[0.2, 0.2, 0.6])
    return logits


def answered_run(project: Path, logits: Logits = mostly_right, name: str = "made") -> RunLayout:
    """Put a finished run into a project whose answers to validation and test rows are `logits(labels, classes)`."""
    layout = ProjectLayout(project)
    dataset = Dataset.open(layout.data)
    labels, parts, metrics, tables = dataset.labels, [], {}, {}
    for split in (Split.VALIDATION, Split.TEST):
        table = dataset.table(split)
        truth = np.array([labels.index(label) for label in table["label"].to_pylist()], dtype=np.int64)
        given = logits(truth, len(labels))
        parts.append((split, table["row"].to_numpy(), truth, given))
        metrics[split.value] = {"accuracy": float((given.argmax(axis=1) == truth).mean()), "loss": 0.5}
        tables[split.value] = _tables(labels, truth, given.argmax(axis=1))
    request = RunRequest(
        task=dataset.manifest.task,
        model=ModelReference(name="tiny", source="folder"),
        settings={"monitor": "macro_f1"},
        overrides=Overrides(),
        data_fingerprint=dataset.fingerprint,
        name=name,
        seed=1,
    )
    run = create_run(layout, request)
    run.predictions.mkdir()
    write_answers(run.predictions / "predictions.arrow", parts)
    document = {"run": run.id, "state": "finished", "labels": labels, "metrics": metrics, "tables": tables}
    write_report(run, RunReport(document=document))
    write_status(run, RunStatus(state=RunState.FINISHED, step=10, total_steps=10))
    return run


def write_answers(path: Path, parts: list[tuple[Split, np.ndarray, np.ndarray, np.ndarray]]) -> None:
    """Write answers in the form of `engine.runs.results.write_predictions`."""
    columns = {
        "split": pa.array([split.value for split, rows, _, _ in parts for _ in rows]),
        "row": pa.array(np.concatenate([rows for _, rows, _, _ in parts])),
        "label": pa.array(np.concatenate([truth for _, _, truth, _ in parts])),
        "logits": pa.array([line.tolist() for *_, logits in parts for line in logits]),
    }
    table = pa.table(columns)
    with ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)


def _tables(labels: list[str], truth: np.ndarray, predicted: np.ndarray) -> dict[str, object]:
    confusion = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(confusion, (truth, predicted), 1)
    rows = [
        {"label": label, "rows": int(confusion[at].sum()), "precision": 0.9, "recall": 0.9, "f1": 0.9}
        for at, label in enumerate(labels)
    ]
    baseline = {"kind": "majority", "label": labels[0], "accuracy": 0.5}
    return {"labels": labels, "per_class": rows, "confusion": confusion.tolist(), "baseline": baseline}
