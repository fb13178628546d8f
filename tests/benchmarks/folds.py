"""Cross-validation with a head on frozen layers: our five folds, our one run, and five runs of Trainer."""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ftstudio.core import catalog
from ftstudio.core.messages import Request
from ftstudio.core.settings import Overrides
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, Shares
from ftstudio.engine import backend
from ftstudio.engine.run import execute
from ftstudio.models.library import resolve
from ftstudio.project.schema import ModelReference
from ftstudio.project.store import create_project
from tests.support.real_data import Row

FOLDS = 5
STARTER = "starter:minilm"


def time_job(rows: Sequence[Row], job: str, settings: dict[str, Any], **options: Any) -> tuple[float, float]:
    """Carry out a job on a fresh project of `rows`; returns its accuracy and seconds, model loading included."""
    backend.prepare()
    with tempfile.TemporaryDirectory() as folder:
        root = make_project(Path(folder), rows)
        options["settings"] = Overrides(values={"early_stopping": False, **settings}).model_dump()
        began = time.perf_counter()
        document = execute(Request(job=job, project=root, options=options), lambda event: None)
        seconds = time.perf_counter() - began
    found = document["metrics"]
    return float(found["accuracy"]["mean"] if job == "cross_validate" else found["validation"]["accuracy"]), seconds


def time_trainer(rows: Sequence[Row], seed: int, **options: Any) -> tuple[float, float]:
    """Train with Trainer once a fold; returns the mean accuracy and the seconds of training alone."""
    from tests.benchmarks import outcome, peers

    model, fold = outcome._model("text-classification"), np.random.default_rng(seed).integers(FOLDS, size=len(rows))
    done = [
        peers.train_text(
            model,
            [row for row, at in zip(rows, fold, strict=True) if at != held],
            [row for row, at in zip(rows, fold, strict=True) if at == held],
            seed=seed,
            frozen=True,
            **options,
        )
        for held in range(FOLDS)
    ]
    return float(np.mean([one.accuracy for one in done])), sum(one.seconds for one in done)


def make_project(folder: Path, rows: Sequence[Row]) -> Path:
    """Make a project of `rows` on the starter model below `folder` and return it."""
    table, root = folder / "rows.csv", folder / "project"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    task = "text-classification"
    with create_project(root, "folds", task) as project:
        plan = ImportPlan(sources=(table,), shares=Shares(validation=0.15, test=0.05), seed=1)
        import_data(project.layout.data, catalog.tasks().spec(task), plan)
        record = resolve(STARTER)
        reference = ModelReference(name=record.name, source=STARTER, fingerprint=record.fingerprint)
        project.save(project.file.model_copy(update={"model": reference}))
    return root
