"""How many wrongly marked places the label doctor finds: 5 % of the marks of real tweets are damaged, and it looks.

Run `python -m tests.benchmarks.place_errors [--rows 1000] [--seeds 1]`. A damaged mark is left out, given another kind
or given one word too many or too few. What is printed: the share of damaged rows in the first 10 % of the ranking, how
many of all rows are called probably wrong, and the F1 of the folds beside that of words with their neighbours.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio.core import catalog, spans, units
from ftstudio.core.messages import Request
from ftstudio.core.settings import Overrides
from ftstudio.core.spans import Span
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, ReadOptions, Shares
from ftstudio.datasets.readers import token_lines
from ftstudio.datasets.store import Dataset
from ftstudio.datasets.writing import open_table
from ftstudio.engine import backend
from ftstudio.engine.run import execute
from ftstudio.models.library import resolve
from ftstudio.planning.doubts import FILE, STUDY
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.schema import ModelReference
from ftstudio.project.store import create_project
from ftstudio.project.studies import latest
from tests.support import real_data

DAMAGED, FIRST, FOLDS, EPOCHS = 0.05, 0.10, 4, 4.0


@dataclass(frozen=True)
class Hit:
    """What was found: all but `rows` and `damaged` are shares of 1, `f1` is that of the folds, `simple` that of words
    with their neighbours on the validation rows.
    """

    rows: int
    damaged: int
    first: float
    called: float
    f1: float
    simple: float


def measure(rows: int, seed: int) -> Hit:
    """Damage marks, cross-validate, look for them, and count."""
    backend.prepare()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "tweets.jsonl"
        damaged = _write(source, rows, seed)
        project = _project(Path(folder) / "project", source)
        chosen = {"max_length": 128, "epochs": EPOCHS, "monitor": "f1", "probe_first": False, "seed": seed}
        settings = Overrides(values=chosen).model_dump()
        simple = _ask(project, "baselines", settings)["baselines"][0]["metrics"]["validation"]["f1"]
        folds = _ask(project, "cross_validate", settings, folds=FOLDS, refit=False)
        found = _ask(project, "find_label_errors", settings)
        texts = Dataset.open(project.data).view.table["text"].to_pylist()
        ranking = open_table(latest(project, STUDY).folder / FILE)
        wrong = [texts[place] in damaged for place in ranking["place"].to_pylist()]
        most = round(FIRST * len(wrong))
        called = found["probable"] / found["rows"]
        return Hit(
            len(wrong), sum(wrong), sum(wrong[:most]) / sum(wrong), called, folds["metrics"]["f1"]["mean"], simple
        )


def _tweets(rows: int) -> list[tuple[str, tuple[Span, ...]]]:
    options = token_lines.look(real_data.tweets(), ReadOptions()).options
    table = pa.Table.from_batches([chunk.batch for chunk in token_lines.read(real_data.tweets(), options)])
    found = {row["text"]: spans.read(row["label"]) for row in table.to_pylist()}  # of equal texts one is taken
    kept = sorted(found.items())
    random.Random(1).shuffle(kept)
    return kept[:rows]


def _write(source: Path, rows: int, seed: int) -> set[str]:
    """Write the rows, some marks of them damaged; returns the texts of those."""
    chance, tweets = random.Random(seed), _tweets(rows)
    places = [(at, which) for at, (_, marks) in enumerate(tweets) for which in range(len(marks))]
    hit = set(chance.sample(places, round(DAMAGED * len(places))))
    kinds = sorted({one.label for _, marks in tweets for one in marks})
    lines, damaged = [], set()
    for at, (text, marks) in enumerate(tweets):
        kept = [_harmed(text, one, kinds, chance) if (at, which) in hit else one for which, one in enumerate(marks)]
        lines.append(json.dumps({"text": text, "label": spans.write(one for one in kept if one)}))
        if any((at, which) in hit for which in range(len(marks))):
            damaged.add(text)
    source.write_text("\n".join(lines), encoding="utf-8")
    return damaged


def _harmed(text: str, mark: Span, kinds: Sequence[str], chance: random.Random) -> Span | None:
    way = chance.randrange(3)
    if way == 0:
        return None
    if way == 1:
        return mark.model_copy(update={"label": chance.choice([one for one in kinds if one != mark.label])})
    ends = units.units_of(text)[:, 1].tolist()
    longer = [end for end in ends if end > mark.end]
    shorter = [end for end in ends if mark.start < end < mark.end]
    return mark.model_copy(update={"end": chance.choice(shorter[-1:] + longer[:1] or [mark.end])})


def _project(root: Path, source: Path) -> ProjectLayout:
    model = resolve("starter:minilm")
    task = "token-classification"
    with create_project(root, root.name, task) as project:
        layout = project.layout
        plan = ImportPlan(sources=(source,), shares=Shares(validation=0.2, test=0.0), seed=1)
        import_data(layout.data, catalog.tasks().spec(task), plan)
        reference = ModelReference(name=model.name, source="starter:minilm", fingerprint=model.fingerprint)
        project.save(project.file.model_copy(update={"model": reference}))
    return layout


def _ask(project: ProjectLayout, job: str, settings: Any, **options: Any) -> dict[str, Any]:
    return execute(Request(job=job, project=project.root, options={"settings": settings, **options}), lambda _: None)


def main() -> None:
    """Print what was found, a line a seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=1)
    arguments = parser.parse_args()
    for seed in range(arguments.seeds):
        print(measure(arguments.rows, seed), flush=True)


if __name__ == "__main__":
    main()
