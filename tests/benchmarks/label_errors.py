"""How many wrong labels the label doctor finds: 5 % of the labels of real data are flipped, and it looks for them.

Run `python -m tests.benchmarks.label_errors [--rows 900] [--seeds 3] [--only mails,topics]`. For each data set it
prints how many of the flipped rows are in the first 10 % of the ranking (mean and worst of the seeds), and of those
called probably wrong how many were flipped; real data has wrong labels of its own, so that is a lower bound.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from ftstudio.core import catalog
from ftstudio.core.messages import Request
from ftstudio.core.settings import Overrides
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, Shares
from ftstudio.datasets.store import Dataset
from ftstudio.engine import backend
from ftstudio.engine.run import execute
from ftstudio.models.library import resolve
from ftstudio.planning.doubts import latest_doubts
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.schema import ModelReference
from ftstudio.project.store import create_project
from tests.support import real_data
from tests.support.real_data import Row

FLIPPED = 0.05
FIRST = 0.10
TEXT, IMAGE = ("text-classification", "starter:minilm"), ("image-classification", "starter:efficientnet-lite0")


@dataclass(frozen=True)
class Hit:
    """What was found on one data set with one seed; all but `rows` are shares of 1.

    `first` of the flipped rows are in the first tenth of the ranking, `probable` of them are called probably wrong;
    `precision` of the rows called so were flipped, and `called` of all rows are called so.
    """

    rows: int
    first: float
    probable: float
    precision: float
    called: float


def _texts(read: Callable[[], list[Row]]) -> Callable[[Path, int], list[Row]]:
    def some(folder: Path, rows: int) -> list[Row]:
        found = list(read())
        random.Random(1).shuffle(found)
        return found[:rows]

    return some


def _garments(folder: Path, rows: int) -> list[Row]:
    return real_data.fashion(folder, max(1, rows // 10), 1, seed=1)[0]


def _textures(folder: Path, rows: int) -> list[Row]:
    return real_data.textures(folder)[:rows]


SETS: dict[str, tuple[tuple[str, str], Callable[[Path, int], list[Row]]]] = {
    "mails": (TEXT, _texts(real_data.mails)),
    "topics": (TEXT, _texts(real_data.topics)),
    "movies": (TEXT, _texts(real_data.movie_reviews)),
    "garments": (IMAGE, _garments),
    "textures": (IMAGE, _textures),
}


def measure(name: str, rows: int, seed: int, answers: str = "quick") -> Hit:
    """Flip labels of a data set and look for them with the study, as a user would."""
    backend.prepare()
    (task, model), read = SETS[name]
    with tempfile.TemporaryDirectory() as folder:
        found = read(Path(folder) / "source", rows)
        wrong, labelled = flip([label for _, label in found], seed)
        root = _project(
            Path(folder), task, model, [(row[0], label) for row, label in zip(found, labelled, strict=True)]
        )
        settings = Overrides(values={"device": "cpu", "max_length": 128} if task == TEXT[0] else {"device": "cpu"})
        options = {"settings": settings.model_dump(), "answers": answers}
        execute(Request(job="find_label_errors", project=root, options=options), lambda event: None)
        layout = ProjectLayout(root)
        doubts = latest_doubts(layout, Dataset.open(layout.data))
        assert doubts is not None
        return hit(doubts.table, wrong)


def flip(labels: Sequence[str], seed: int) -> tuple[set[int], list[str]]:
    """Give 5 % of the rows another label, drawn from those there are; returns which rows, from 0, and all labels."""
    chance, names = random.Random(seed), sorted(set(labels))
    wrong = set(chance.sample(range(len(labels)), round(FLIPPED * len(labels))))
    others = [chance.choice([name for name in names if name != label]) for label in labels]
    return wrong, [others[at] if at in wrong else label for at, label in enumerate(labels)]


def hit(ranking: pa.Table, wrong: set[int]) -> Hit:
    """Compare a ranking with the rows that were flipped; those that are not ranked (test rows) do not count."""
    flipped = np.isin(ranking["place"].to_numpy(), list(wrong))
    probable = ranking["probable"].to_numpy(zero_copy_only=False)
    first = int(np.ceil(FIRST * len(flipped)))
    return Hit(
        rows=len(flipped),
        first=float(flipped[:first].sum() / flipped.sum()),
        probable=float(flipped[probable].sum() / flipped.sum()),
        precision=float(flipped[probable].mean()) if probable.any() else 0.0,
        called=float(probable.mean()),
    )


def _project(folder: Path, task: str, model: str, rows: list[Row]) -> Path:
    column = "text" if task == TEXT[0] else "image"
    table, root = real_data.write_csv(folder / "rows.csv", rows), folder / "project"
    table.write_text(table.read_text(encoding="utf-8").replace("text,", f"{column},", 1), encoding="utf-8")
    with create_project(root, "flipped", task) as project:
        plan = ImportPlan(sources=(table,), shares=Shares(validation=0.15, test=0.0), seed=1)
        import_data(project.layout.data, catalog.tasks().spec(task), plan)
        record = resolve(model)
        reference = ModelReference(name=record.name, source=model, fingerprint=record.fingerprint)
        project.save(project.file.model_copy(update={"model": reference}))
    return root


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=900)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default=",".join(SETS))
    arguments = parser.parse_args()
    print("data       rows  in first 10 %  worst seed  called wrong  of these flipped  flipped called", flush=True)
    for name in arguments.only.split(","):
        found = [measure(name, arguments.rows, seed) for seed in range(arguments.seeds)]

        def mean(key: str, of: Sequence[Hit] = found) -> float:
            return float(np.mean([getattr(one, key) for one in of]))

        print(
            f"{name:9} {found[0].rows:5} {mean('first'):14.1%} {min(one.first for one in found):11.1%} "
            f"{mean('called'):13.1%} {mean('precision'):17.1%} {mean('probable'):15.1%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
