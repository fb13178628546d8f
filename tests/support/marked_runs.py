"""Projects whose texts have marked places, and runs with stored answers to them, made without training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from ftstudio.core import catalog, spans, units
from ftstudio.core.settings import Overrides
from ftstudio.core.states import RunState, Split
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, Shares
from ftstudio.datasets.store import Dataset
from ftstudio.engine import tagging
from ftstudio.engine.outputs import by_row
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.runs import RunReport, RunRequest, RunStatus, create_run, write_report, write_status
from ftstudio.project.schema import DataReference, ModelReference
from ftstudio.project.store import create_project

PEOPLE, CITIES = ("Ana", "Rui", "Eva"), ("Faro", "Lisbon", "Porto")


def marked_project(root: Path, rows: int = 48) -> Path:
    """Make a project of short texts, each with a person and a city in it; a quarter of them is for testing."""
    source = root.with_suffix(".jsonl")
    lines = []
    for number in range(rows):
        person, city = PEOPLE[number % 3], CITIES[number // 3 % 3]
        passage = f"{person} saw {city} {number}"
        start = len(person) + 5
        places = [[0, len(person), "person"], [start, start + len(city), "city"]]
        lines.append(json.dumps({"text": passage, "label": places}))
    source.write_text("\n".join(lines), encoding="utf-8")
    with create_project(root, root.name, "token-classification") as project:
        plan = ImportPlan(sources=(source,), shares=Shares(validation=0.25, test=0.25), seed=1)
        import_data(project.layout.data, catalog.tasks().spec("token-classification"), plan)
        manifest = Dataset.open(project.layout.data).manifest
        data = DataReference(name=manifest.name, fingerprint=manifest.fingerprint, imported=manifest.imported)
        project.save(project.file.model_copy(update={"data": data}))
    return root


def marked_run(project: Path, margin: float = 9.0) -> RunLayout:
    """Put a finished run into a project: in every other text it misses the city, all else is right.

    The logit of the tag that is given is `margin`, of all others 0.
    """
    layout = ProjectLayout(project)
    dataset = Dataset.open(layout.data)
    tags = units.tags_for(dataset.labels)
    columns: dict[str, list[object]] = {name: [] for name in ("split", "row", "label", "logits", "truth")}
    metrics, intervals, tables = {}, {}, {}
    for split in (Split.VALIDATION, Split.TEST):
        answers, truths = [], []
        for at, row in enumerate(dataset.table(split).to_pylist()):
            truth = units.tag(units.units_of(row["text"]), spans.read(row["label"]), tags)
            said = np.where(truth == tags.index("B-city"), 0, truth) if at % 2 else truth
            logits = np.zeros((len(said), len(tags)), np.float32)
            logits[np.arange(len(said)), said] = margin
            values = (split.value, row["row"], 0, logits.ravel().tolist(), truth.tolist())
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
            answers.append(logits)
            truths.append(truth)
        both = by_row(answers), by_row(truths)
        metrics[split.value] = tagging.score(*both, tags)
        intervals[split.value] = {key: list(one) for key, one in tagging.intervals(*both, tags).items()}
        tables[split.value] = tagging.report(*both, tags)
    request = RunRequest(
        task=dataset.manifest.task,
        model=ModelReference(name="tiny", source="folder"),
        settings={"monitor": "f1"},
        overrides=Overrides(),
        data_fingerprint=dataset.fingerprint,
        name="made",
        seed=1,
    )
    run = create_run(layout, request)
    run.predictions.mkdir()
    table = pa.table(columns)
    with ipc.new_file(str(run.predictions / "predictions.arrow"), table.schema) as writer:
        writer.write_table(table)
    best = {"step": 10, "metric": "f1", "value": metrics["validation"]["f1"]}
    document = {"run": run.id, "state": "finished", "labels": tags, "metrics": metrics, "tables": tables}
    write_report(run, RunReport(document={**document, "intervals": intervals, "best": best}))
    write_status(run, RunStatus(state=RunState.FINISHED, step=10, total_steps=10))
    return run
