"""`python -m tests.benchmarks.explanations`: do explanations name what the model goes by?

Models are fine-tuned on real data and asked about real test rows. For every row and method the strongest fifth of what
the explanation marks is taken away, and as a comparison a fifth drawn by chance; the table says how far the probability
of the given answer falls (see `engine.explaining.faithfulness`), and how fast an explanation comes.

Trained projects stay in a folder and are used again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ftstudio.core import catalog
from ftstudio.core.messages import Request
from ftstudio.core.settings import Overrides
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, Shares
from ftstudio.datasets.store import Dataset
from ftstudio.engine import backend
from ftstudio.engine.explaining.explain import explain
from ftstudio.engine.explaining.fields import Fields
from ftstudio.engine.explaining.method import methods
from ftstudio.engine.explaining.words import Words
from ftstudio.engine.inference import answering
from ftstudio.engine.run import execute
from ftstudio.models.library import resolve
from ftstudio.project import modelbook
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import find_run
from ftstudio.project.schema import DataReference, ModelReference
from ftstudio.project.store import create_project
from tests.engine import families
from tests.support import real_data

TEXT, IMAGE = "text-classification", "image-classification"
LEAST_WORDS = 5


@dataclass(frozen=True)
class Case:
    """A model fine-tuned on a data set: `source(folder)` writes the data, `model(folder)` names a model."""

    name: str
    task: str
    model: Callable[[Path], str]
    source: Callable[[Path], Path]
    settings: dict[str, Any]


def _reviews(folder: Path) -> Path:
    rows = real_data.movie_reviews()
    chosen = np.random.default_rng(1).permutation(len(rows))[:800]
    return real_data.write_csv(folder / "reviews.csv", [rows[at] for at in chosen])


def _garments(folder: Path) -> Path:
    real_data.fashion(folder / "fashion", 50, 10, 1)
    return folder / "fashion" / "train"


def _textures(folder: Path) -> Path:
    real_data.textures(folder / "textures")
    return folder / "textures"


def _small_vit(folder: Path) -> str:
    """A transformer for pictures with random weights that learns from pixels alone."""
    return str(families.vit(folder / "vit"))


HEAD = {"tuning_method": "head", "learning_rate": 1e-2, "epochs": 10.0}
CASES = (
    Case(
        "film reviews, MiniLM",
        TEXT,
        lambda folder: "starter:minilm",
        _reviews,
        {"tuning_method": "full", "epochs": 2.0, "max_length": 96, "dropout": 0.0},
    ),
    Case("textures, EfficientNet-Lite0", IMAGE, lambda folder: "starter:efficientnet-lite0", _textures, HEAD),
    Case("garments, EfficientNet-Lite0", IMAGE, lambda folder: "starter:efficientnet-lite0", _garments, HEAD),
    Case(
        "garments, small transformer",
        IMAGE,
        _small_vit,
        _garments,
        {"tuning_method": "full", "epochs": 30.0, "learning_rate": 1e-3, "batch_size": 32, "probe_first": False},
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--only", default="", help="cases whose name has these words")
    parser.add_argument("--methods", nargs="*", default=[], help="these methods (default: all that suit)")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "ftstudio-explanations")
    parser.add_argument("--json", type=Path, default=None, help="write the figures here, too")
    arguments = parser.parse_args()
    backend.prepare()
    table = []
    for case in CASES:
        if arguments.only in case.name:
            table += _measure(case, _project(case, arguments.folder), arguments.rows, arguments.methods)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(table, indent=2), encoding="utf-8")


def _project(case: Case, folder: Path) -> Path:
    """Return the case's project, trained."""
    root = folder / case.name.replace(", ", "-").replace(" ", "-")
    if not (root / "trained").exists():
        files = folder / f"{root.name}-files"
        files.mkdir(parents=True, exist_ok=True)
        _make(case, root, case.source(files), case.model(files))
        values = {"early_stopping": False, "augmentation": "none", **case.settings}
        values = values if case.task == IMAGE else {key: values[key] for key in values if key != "augmentation"}
        options = {"settings": Overrides(values=values).model_dump()}
        document = execute(Request(job="train", project=root, options=options), lambda event: None)
        print(f"{case.name}: {document['metrics']['test']}", flush=True)
        (root / "trained").touch()
    return root


def _make(case: Case, root: Path, source: Path, model: str) -> None:
    record = resolve(model)
    reference = ModelReference(name=record.name, source=_source_of(model), fingerprint=record.fingerprint)
    if reference.source == "folder":
        modelbook.remember(reference, record.path)
    with create_project(root, root.name, case.task) as project:
        plan = ImportPlan(sources=(source,), shares=Shares(validation=0.15, test=0.25), seed=1)
        import_data(project.layout.data, catalog.tasks().spec(case.task), plan)
        manifest = Dataset.open(project.layout.data).manifest
        data = DataReference(name=manifest.name, fingerprint=manifest.fingerprint, imported=manifest.imported)
        project.save(project.file.model_copy(update={"model": reference, "data": data}))


def _source_of(model: str) -> str:
    return model if model.startswith("starter:") else "folder"


def _measure(case: Case, root: Path, rows: int, wanted: list[str]) -> list[dict[str, Any]]:
    trained = answering.load(find_run(ProjectLayout(root), None))
    dataset = Dataset.open(ProjectLayout(root).data)
    values = _values(dataset, rows)
    first = Words(trained, [values[0]]) if case.task == TEXT else Fields(trained, Path(values[0]))
    keys = [method.SPEC.key for method in methods(first) if not wanted or method.SPEC.key in wanted]
    return [_row(case, key, trained, values) for key in keys]


def _values(dataset: Dataset, rows: int) -> list[str]:
    table = dataset.table(Split.TEST)
    if ColumnRole.IMAGE.value in table.column_names:
        values = [str(dataset.image_path(one)) for one in table["image"].to_pylist()]
    else:
        values = [one for one in table["text"].to_pylist() if len(one.split()) >= LEAST_WORDS]
    chosen = np.random.default_rng(2).permutation(len(values))[:rows]
    return [values[at] for at in chosen]


def _row(case: Case, method: str, trained: answering.Trained, values: list[str]) -> dict[str, Any]:
    began = time.perf_counter()
    found = [explain(trained, value, method=method) for value in values]
    seconds = time.perf_counter() - began
    checks = [one.faithfulness for one in found if one.faithfulness is not None]
    gaps = [one.gap for one in found if one.gap is not None]
    row = {
        "case": case.name,
        "method": method,
        "rows": len(checks),
        "drop_top": float(np.mean([one.before - one.without_top for one in checks])),
        "drop_random": float(np.mean([one.before - one.without_random for one in checks])),
        "top_beats_random": float(np.mean([one.holds for one in checks])),
        "largest_gap": max(gaps, default=None),
        "gaps_over_5_percent": float(np.mean([gap > 0.05 for gap in gaps])) if gaps else None,
        "seconds_each": seconds / len(values),
    }
    print(
        f"{row['case']:32} {method:22} rows {row['rows']:4}  drop top {row['drop_top']:6.3f}  "
        f"random {row['drop_random']:6.3f}  top > random {row['top_beats_random']:5.0%}  "
        f"gap {row['largest_gap']}  {row['seconds_each']:.2f} s",
        flush=True,
    )
    return row


if __name__ == "__main__":
    main()
