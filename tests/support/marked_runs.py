"""Projects whose texts have marked places, and runs with stored answers to them, made without training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from ftstudio.core import catalog, spans, units
from ftstudio.core.answers import read
from ftstudio.core.best_answer import items_of
from ftstudio.core.settings import Overrides
from ftstudio.core.states import RunState, Split
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, Shares
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers import extracting, tagging
from ftstudio.engine.answers.outputs import by_row
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
    return _imported(root, "token-classification", source)


def _imported(root: Path, task: str, source: Path) -> Path:
    with create_project(root, root.name, task) as project:
        plan = ImportPlan(sources=(source,), shares=Shares(validation=0.25, test=0.25), seed=1)
        import_data(project.layout.data, catalog.tasks().spec(task), plan)
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
    return finished_run(layout, columns, tags, {"metrics": metrics, "intervals": intervals, "tables": tables})


def finished_run(
    layout: ProjectLayout,
    columns: dict[str, list[object]],
    labels: list[str],
    told: dict[str, Any],
    monitor: str = "f1",
) -> RunLayout:
    """Put a finished run into a project: the columns of its stored answers, and the figures that are told of it."""
    dataset = Dataset.open(layout.data)
    request = RunRequest(
        task=dataset.manifest.task,
        model=ModelReference(name="tiny", source="folder"),
        settings={"monitor": monitor},
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
    best = {"step": 10, "metric": monitor, "value": told["metrics"]["validation"][monitor]}
    document = {"run": run.id, "state": "finished", "labels": labels, "best": best, **told}
    write_report(run, RunReport(document=document))
    write_status(run, RunStatus(state=RunState.FINISHED, step=10, total_steps=10))
    return run


def question_project(root: Path, rows: int = 48) -> Path:
    """Make a project of short texts that ask where somebody lives, a third of them about somebody else."""
    source = root.with_suffix(".jsonl")
    lines = []
    for number in range(rows):
        person, city = PEOPLE[number % 3], CITIES[number // 3 % 3]
        passage = f"{person} lives in {city} number {number}."
        asked = PEOPLE[(number + (number % 3 == 0)) % 3]
        answer = [] if asked != person else [[len(person) + 10, city]]
        lines.append(json.dumps({"question": f"Where does {asked} live?", "context": passage, "answers": answer}))
    source.write_text("\n".join(lines), encoding="utf-8")
    return _imported(root, "question-answering", source)


def question_run(project: Path, margin: float = 9.0) -> RunLayout:
    """Put a finished run into a project: to every other question it gives the first word of the text, else it is right.

    The logits of the answer that is given are `margin`, all others 0.
    """
    layout = ProjectLayout(project)
    dataset = Dataset.open(layout.data)
    columns: dict[str, list[object]] = {name: [] for name in ("split", "row", "label", "logits", "truth")}
    told: dict[str, Any] = {"metrics": {}, "intervals": {}, "tables": {}}
    for split in (Split.VALIDATION, Split.TEST):
        answers, truths = [], []
        for at, row in enumerate(dataset.table(split).to_pylist()):
            places = items_of(row["text_pair"], read(row["label"])) if at % 2 else (1, 1)
            logits = np.zeros((len(units.units_of(row["text_pair"])) + 1, 2), np.float32)
            logits[places, (0, 1)] = margin
            truth = np.array([row["text_pair"], row["label"]], dtype=object)
            values = (split.value, row["row"], 0, logits.ravel().tolist(), truth.tolist())
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
            answers.append(logits)
            truths.append(truth)
        both = by_row(answers), by_row(truths)
        told["metrics"][split.value] = extracting.score(*both)
        told["intervals"][split.value] = {
            key: list(one) for key, one in extracting.intervals(*both, ["answer"]).items()
        }
        told["tables"][split.value] = extracting.report(*both, ["answer"])
    return finished_run(layout, columns, ["answer"], told)
