"""Rows for tables and grids, fetched a page at a time and kept while they are near: bounded memory at any size."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

import pyarrow as pa

PAGE = 256
PAGES_KEPT = 24


class Rows(Protocol):
    """Something with rows: how many there are, and some of them as name to value."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def fetch(self, start: int, count: int) -> list[dict[str, Any]]:
        """Return up to `count` rows from `start`."""


class TableRows:
    """The rows of an Arrow table; `told` turns a cell into what is shown of it."""

    def __init__(self, table: pa.Table, told: Callable[[Any], Any] | None = None) -> None:
        self._table, self._told = table, told

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def fetch(self, start: int, count: int) -> list[dict[str, Any]]:
        """Return some rows."""
        rows: list[dict[str, Any]] = self._table.slice(start, count).to_pylist()
        if (told := self._told) is None:
            return rows
        return [{name: told(value) for name, value in row.items()} for row in rows]


class Paged:
    """Rows by number, with the pages lately used kept."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._pages: OrderedDict[int, list[dict[str, Any]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, row: int) -> dict[str, Any]:
        page, offset = divmod(row, PAGE)
        if page not in self._pages:
            self._pages[page] = self._rows.fetch(page * PAGE, PAGE)
            while len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page][offset]


NO_ROWS = Paged(TableRows(pa.table({})))
