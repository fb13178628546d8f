"""Changes to cells that hold several labels each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core import label_sets


def renamed(cells: pa.ChunkedArray, names: Mapping[str, str]) -> pa.ChunkedArray:
    """Return the cells with some labels renamed, by old name; of two that become one, one stays."""
    return _changed(cells, lambda labels: tuple(dict.fromkeys(names.get(one, one) for one in labels)))


def without(cells: pa.ChunkedArray, gone: Collection[str]) -> pa.ChunkedArray:
    """Return the cells without some labels; a cell that had no others then says that there is none."""
    return _changed(cells, lambda labels: tuple(one for one in labels if one not in gone))


def _changed(cells: pa.ChunkedArray, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> pa.ChunkedArray:
    """Change the distinct cells; those that are empty or cannot be read stay as they are."""
    old = [cell for cell in pc.unique(cells).to_pylist() if cell and cell.strip()]
    new = {}
    for cell in old:
        try:
            labels = label_sets.read(cell)
        except ValueError:
            continue
        if (kept := change(labels)) != labels:
            new[cell] = label_sets.write(kept)
    if not new:
        return cells
    before, after = pa.array(list(new), pa.string()), pa.array(list(new.values()), pa.string())
    return pc.coalesce(after.take(pc.index_in(cells, before)), cells)
