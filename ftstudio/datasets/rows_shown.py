"""Rows as they were imported, in the user's own columns, some at a time: what tables and grids show."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ftstudio.core.states import Split
from ftstudio.datasets.view import View


def rows_shown(
    table: pa.Table, rows: pa.Table, images: pa.Table | None, view: View, places: npt.NDArray[np.int64]
) -> list[dict[str, str]]:
    """Return the rows at `places` of the stored tables, a missing cell as ""; `view` tells their splits.

    Beside the columns each has `#row`, `#split` ("" for left out) and, for pictures, `#image` and `#flaw`.
    """
    chosen = pa.array(places)
    shown = [{name: cell or "" for name, cell in row.items()} for row in table.take(chosen).to_pylist()]
    numbers = rows["row"].take(chosen).to_pylist()
    splits = _splits(view, rows["split"].take(chosen).to_numpy(), places)
    for row, number, split in zip(shown, numbers, splits, strict=True):
        row["#row"], row["#split"] = str(number), split
    if images is not None:
        pictures = images.select(["path", "flaw"]).take(chosen).to_pylist()
        for row, picture in zip(shown, pictures, strict=True):
            row["#image"], row["#flaw"] = picture["path"], picture["flaw"]
    return shown


def _splits(view: View, imported: npt.NDArray[np.int8], places: npt.NDArray[np.int64]) -> list[str]:
    """Return the splits of rows, that of the import for a row that was removed since."""
    names = [one.value for one in Split]
    at = np.searchsorted(view.index, places)
    inside = np.minimum(at, max(0, len(view) - 1))
    known = (view.index[inside] == places) if len(view) else np.zeros(len(places), dtype=bool)
    codes = np.where(known, view.split[inside], imported) if len(view) else imported
    return [names[code] if code >= 0 else "" for code in codes.tolist()]
