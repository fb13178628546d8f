"""Projects whose texts are rewritten, and runs with stored texts, made without training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ftstudio.core import catalog
from ftstudio.core.manner import Manner
from ftstudio.core.states import Split
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, Shares
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers import written_results
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.schema import DataReference
from ftstudio.project.store import create_project
from tests.support.marked_runs import finished_run
from tests.support.tiny_rewriters import write_dates


def rewriting_project(root: Path, rows: int = 48) -> Path:
    """Make a project of dates in figures, to be written in words; a quarter of them is for testing."""
    source = write_dates(root.with_suffix(".csv"), rows)
    with create_project(root, root.name, "text2text-generation") as project:
        plan = ImportPlan(sources=(source,), shares=Shares(validation=0.25, test=0.25), seed=1)
        import_data(project.layout.data, catalog.tasks().spec("text2text-generation"), plan)
        manifest = Dataset.open(project.layout.data).manifest
        data = DataReference(name=manifest.name, fingerprint=manifest.fingerprint, imported=manifest.imported)
        project.save(project.file.model_copy(update={"data": data}))
    return root


class Forgetful:
    """Writes what is right, but in every other row another year, and nothing at all in the first."""

    def write(self, bundle: Any, table: pa.Table, manner: Manner, tick: Any) -> list[str]:
        right = table["label"].to_pylist()
        return ["" if not at else f"{one[:-4]}1066" if at % 2 else one for at, one in enumerate(right)]


def rewriting_run(project: Path) -> RunLayout:
    """Put a finished run into a project that wrote as `Forgetful` does."""
    layout = ProjectLayout(project)
    dataset, bundle = Dataset.open(layout.data), None
    columns: dict[str, list[object]] = {name: [] for name in ("split", "row", "label", "logits", "truth", "written")}
    told: dict[str, Any] = {"metrics": {}, "intervals": {}, "tables": {}}
    for split in (Split.VALIDATION, Split.TEST):
        table = dataset.table(split)
        found = written_results.judge(Forgetful(), bundle, table, Manner(), lambda done, most: None)
        for row, words in zip(table.to_pylist(), found.texts, strict=True):
            values = (split.value, row["row"], 0, np.zeros(4, np.float32).tolist(), [1, 2], words)
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
        told["metrics"][split.value] = {"loss": 0.5, "perplexity": 1.6, "token_accuracy": 0.8, **found.metrics}
        told["intervals"][split.value] = {key: list(one) for key, one in found.intervals.items()}
        told["tables"][split.value] = {"labels": [], "rows": table.num_rows, "rows_written": len(found.texts)}
    return finished_run(layout, columns, [], told, "loss")
