"""The project's data as a table for other programs: what was imported with every change made since, one file.

A CSV file is opened by spreadsheets, so no text in it may begin a formula (`core.table_cells`); JSON lines and Parquet
hold the texts as they are. The file appears whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets import row_files
from ftstudio.datasets.store import Dataset
from ftstudio.project import atomic, disk_errors, leftovers
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.own_files import is_own

BLOCK = 4_096
SPLIT = "split"

Blocks = Iterator[list[dict[str, str]]]


def export(dataset: Dataset, target: Path, *, overwrite: bool = False) -> int:
    """Write all rows that are in use to `target`, whose ending says the form; returns how many.

    The user's own columns come in their order with the labels as they are now, and after them the split, unless a
    column of the user's said it.

    Raises:
        InputError: the ending is unknown, or the file is there and `overwrite` is not set; nothing was changed.
        StudioError: it could not be written; a file that was there stays as it was.
    """
    ending = row_files.check_ending(target)
    if is_own(ProjectLayout(dataset.folder.parent), target):
        raise InputError(
            text("“{path}” belongs to the project itself.", path=str(target)),
            text("Choose a folder outside of it."),
            file=str(target),
            field="to",
        )
    if target.is_dir() or (os.path.lexists(target) and not overwrite):
        raise InputError(
            text("“{path}” is there already.", path=str(target)),
            text("Choose another name, or say that it may be replaced (--overwrite)."),
            file=str(target),
            field="to",
        )
    leftovers.sweep(target.parent)
    try:
        with atomic.room_for(target), atomic.building_file(target, replace=overwrite) as path:
            return _write(path, ending, columns_of(dataset), _blocks(dataset))
    except OSError as error:
        raise disk_errors.explain(error, target) from error


def _write(path: Path, ending: str, columns: list[str], blocks: Blocks) -> int:
    schema, rows = pa.schema([(name, pa.string()) for name in columns]), 0
    with row_files.create(path, ending) as file:
        for block in blocks:
            file.write(pa.table({name: [row[name] for row in block] for name in columns}, schema=schema))
            rows += len(block)
    return rows


def columns_of(dataset: Dataset) -> list[str]:
    """Return the names of the columns that are written."""
    own = list(dataset.columns)
    if ColumnRole.SPLIT in dataset.roles:
        return own
    free = SPLIT if SPLIT not in own else f"{SPLIT} (ftstudio)"
    return [*own, free]


def _blocks(dataset: Dataset) -> Blocks:
    """Yield the rows in blocks, each row by column name."""
    view, roles = dataset.view, dataset.roles
    kept = view.keep(view.in_split(None))
    label, split = roles.get(ColumnRole.LABEL), roles.get(ColumnRole.SPLIT) or columns_of(dataset)[-1]
    labels = kept.column(ColumnRole.LABEL) if label else None
    names = [one.value for one in Split]
    for start in range(0, len(kept), BLOCK):
        places = kept.index[start : start + BLOCK]
        block = dataset.preview(0, len(places), np.asarray(places))
        for at, row in enumerate(block):
            row[split] = names[kept.split[start + at]]
            if label is not None and labels is not None:
                row[label] = labels[start + at].as_py() or ""
        yield block
