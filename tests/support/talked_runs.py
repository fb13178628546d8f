"""Projects of conversations, and runs with stored losses and written texts, made without training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ftstudio.core import catalog
from ftstudio.core.states import Split
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, Shares
from ftstudio.datasets.store import Dataset
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.schema import DataReference
from ftstudio.project.store import create_project
from tests.support.marked_runs import finished_run

ANSWER = "Open tray"


def talked_project(root: Path, rows: int = 40) -> Path:
    """Make a project of questions to a help desk with their answers, as conversations."""
    talks = [
        {
            "messages": [
                {"role": "user", "content": f"Printer {number} is jammed."},
                {"role": "assistant", "content": f"{ANSWER} {number} and pull the paper out."},
            ]
        }
        for number in range(rows)
    ]
    source = root.with_suffix(".jsonl")
    source.write_text("\n".join(json.dumps(one) for one in talks), encoding="utf-8")
    with create_project(root, root.name, "text-generation") as project:
        plan = ImportPlan(sources=(source,), shares=Shares(validation=0.25, test=0.25), seed=1)
        import_data(project.layout.data, catalog.tasks().spec("text-generation"), plan)
        manifest = Dataset.open(project.layout.data).manifest
        data = DataReference(name=manifest.name, fingerprint=manifest.fingerprint, imported=manifest.imported)
        project.save(project.file.model_copy(update={"data": data}))
    return root


def talked_run(project: Path) -> RunLayout:
    """Put a finished run into a project: each row surprises less than the one before, and it wrote to the first three
    validation rows.
    """
    layout = ProjectLayout(project)
    dataset = Dataset.open(layout.data)
    columns: dict[str, list[object]] = {name: [] for name in ("split", "row", "label", "logits", "truth", "written")}
    told: dict[str, Any] = {"metrics": {}, "intervals": {}, "tables": {}}
    for split in (Split.VALIDATION, Split.TEST):
        table = dataset.table(split)
        for at, row in enumerate(table.to_pylist()):
            written = "Turn it off." if split is Split.VALIDATION and at < 3 else None
            values = (split.value, row["row"], 0, [4.0 / (at + 1), 0.0, 2.0 / (at + 1), 1.0], [1, 2], written)
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
        told["metrics"][split.value] = {"loss": 1.0, "perplexity": 2.718, "token_accuracy": 0.5}
        told["intervals"][split.value] = {"loss": [0.8, 1.2]}
        told["tables"][split.value] = {"labels": [], "rows": table.num_rows, "tokens": 2 * table.num_rows}
    return finished_run(layout, columns, [], told, "loss")
