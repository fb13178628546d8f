"""The labels that the latest search doubts, as stored beside its report, read together with what was done about them.

A row that was given another label, or whose label was said to be right, is settled; whoever goes through the rows sees
that. The order is that of `planning.label_errors`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.datasets import label_edits
from ftstudio.datasets.store import Dataset
from ftstudio.datasets.writing import open_table
from ftstudio.planning.label_errors import Ranking
from ftstudio.project import atomic, disk_errors
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.studies import list_studies

STUDY = "find_label_errors"
FILE = "ranking.arrow"
SKIPPED = "skipped.json"


@dataclass(frozen=True)
class Doubt:
    """One row whose label is doubted: its place in the stored table, its number in its source, the label it had then,
    and what is believed instead. `beliefs` are the probabilities by label, where a row has one; `probable` whether the
    label is probably wrong; `off` how far a number is from what was answered.
    """

    place: int
    row: int
    split: str
    label: str
    suggested: str
    probable: bool
    given: float = 0.0
    believed: float = 0.0
    off: float = 0.0
    beliefs: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Doubts:
    """All ranked rows, most doubtful first, one entry a row in every array; see `label_errors.Ranking`.

    `fixed` maps places to the labels they were given since, `kept` to those that were said to be right; `skipped` are
    the places that were left for later. `folder` is that of the search.
    """

    labels: list[str]
    table: pa.Table
    fixed: dict[int, str]
    kept: dict[int, str]
    folder: Path = Path()
    skipped: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def place(self) -> NDArray[np.int64]:
        """The place of each row in the stored table."""
        places: NDArray[np.int64] = self.table["place"].to_numpy()
        return places

    @property
    def probable(self) -> int:
        """How many labels are probably wrong; they come first."""
        return int(np.count_nonzero(self.table["probable"].to_numpy()))

    @property
    def undecided(self) -> NDArray[np.bool_]:
        """Which of the `probable` rows were neither fixed nor kept."""
        settled = np.array([*self.fixed, *self.kept], dtype=np.int64)
        return ~np.isin(self.place[: self.probable], settled)

    def at(self, position: int) -> Doubt:
        """Return one of the ranked rows."""
        (found,) = self.table.slice(position, 1).to_pylist()
        beliefs = dict(zip(self.labels, found.pop("beliefs", ()), strict=False))
        return Doubt(**{**found, "beliefs": beliefs})


def table_of(
    pool: pa.Table, labels: list[str], truth: NDArray[np.int64], found: Ranking, beliefs: NDArray[np.float64]
) -> pa.Table:
    """Return the ranking as it is stored.

    Args:
        pool: the ranked rows with `place`, `row` and `split`.
        labels: the names of the labels.
        truth: the label of each row of `pool`, as a position in `labels`.
        found: the order and what goes with it.
        beliefs: probabilities of each row of `pool`, shape [rows, labels].
    """
    rows, names = pool.take(pa.array(found.order)), pa.array(labels, pa.string())
    return pa.table(
        {
            "place": rows["place"],
            "row": rows["row"],
            "split": rows["split"],
            "label": names.take(pa.array(truth[found.order])),
            "suggested": names.take(pa.array(found.suggested)),
            "given": pa.array(found.given),
            "believed": pa.array(found.believed),
            "probable": pa.array(found.probable),
            "beliefs": pa.FixedSizeListArray.from_arrays(pa.array(beliefs[found.order].ravel()), len(labels)),
        }
    )


def write(folder: Path, table: pa.Table) -> None:
    """Store a ranking in the folder of its study."""
    with ipc.new_file(str(folder / FILE), table.schema) as writer:
        writer.write_table(table)


def write_skipped(found: Doubts, places: Iterable[int]) -> None:
    """Note which rows of a search were left for later; raises `StudioError` if that cannot be stored."""
    path = found.folder / SKIPPED
    try:
        atomic.write_json(path, sorted(places))
    except OSError as error:
        raise disk_errors.explain(error, path) from error


def _skipped(folder: Path) -> frozenset[int]:
    """Return the rows left for later; none if that was never noted, or the note cannot be read."""
    try:
        noted = json.loads((folder / SKIPPED).read_text(encoding="utf-8"))
        return frozenset(int(place) for place in noted)
    except (OSError, ValueError, TypeError):
        return frozenset()


def latest_doubts(project: ProjectLayout, dataset: Dataset) -> Doubts | None:
    """Return what the latest search found, with what was settled since; None when there was none.

    Raises `InputError` when the data is no longer that of the search or its file is damaged.
    """
    studies = list_studies(project, STUDY)
    if not studies:
        return None
    report, path = studies[0].report, studies[0].folder / FILE
    if dataset.edits_since(report.data_fingerprint) is None:
        raise InputError(
            text("The label table has changed since wrong labels were looked for, so the list no longer fits it."),
            text("Look for wrong labels again: `ftstudio find-label-errors`."),
            file=str(path),
        )
    try:
        table = open_table(path)
        table.validate(full=True)
        labels = [str(one) for one in report.numbers["labels"]]
        there = np.isin(table["place"].to_numpy(), dataset.view.index)
        fixed, kept = label_edits.relabelled(dataset.edits), label_edits.confirmed(dataset.edits)
        shown = table if there.all() else table.filter(pa.array(there))
        return Doubts(labels, shown, fixed, kept, path.parent, _skipped(path.parent))
    except (OSError, pa.ArrowInvalid, KeyError, ValueError) as error:
        raise InputError(
            text("The list of doubted labels cannot be read: {reason}", reason=str(error)),
            text("Look for wrong labels again: `ftstudio find-label-errors`."),
            file=str(path),
        ) from error
