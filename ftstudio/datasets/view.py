"""The rows as everything after the import sees them: columns named by what they mean, edits applied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.datasets import documents, label_set_cells, number_labels
from ftstudio.datasets.gathering import is_filled, number_values
from ftstudio.datasets.span_labels import NOTHING, SpanLabels
from ftstudio.datasets.splits import CODES, LEFT_OUT

Mask = npt.NDArray[np.bool_]
LARGE = 1 << 27  # bytes that are copied without a thought
MOST_RUNS = 100_000  # each is a chunk of every column, which costs as much as some hundred letters


@dataclass(frozen=True)
class View:
    """All rows after edits, one entry per row in every field.

    `table` has the columns named by role; `split` the code of each row's split (`LEFT_OUT` for unusable rows);
    `row` its number in its source, from 1; `index` its place in the stored table; `same` its set of rows with
    identical content (-1: unique); `flaw` why its picture cannot be used ("" if it can), None without pictures.
    `answer` says what kind of label the rows have. Where rows are pieces of longer documents, `document` numbers
    these and `ends` marks the last piece of each.
    """

    table: pa.Table
    split: npt.NDArray[np.int8]
    row: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]
    same: npt.NDArray[np.int64]
    flaw: npt.NDArray[np.str_] | None = None
    answer: Answer = Answer.LABEL
    document: npt.NDArray[np.int64] | None = None
    ends: Mask | None = None

    def __len__(self) -> int:
        return len(self.split)

    def has(self, role: ColumnRole) -> bool:
        """Whether there is such a column."""
        return role.value in self.table.column_names

    def column(self, role: ColumnRole) -> pa.ChunkedArray:
        """Return the column of a role; raises KeyError when there is none."""
        return self.table[role.value]

    @cached_property
    def _numbered(self) -> tuple[npt.NDArray[np.int64], list[str]]:
        if not self.has(ColumnRole.LABEL):
            return np.zeros(len(self), np.int64), [""]
        if self.marked is not None:
            return self.marked.rarest, self.marked.values
        numbers, values = number_values(self.column(ColumnRole.LABEL))
        if self.answer is Answer.NUMBER:
            numbers = np.where(np.isnan(self.numbers), -1, numbers)
        return numbers, [value or "" for value in values]

    @cached_property
    def marked(self) -> SpanLabels | None:
        """The kinds of places, or the labels, that rows have; None where a row has one label."""
        if not self.answer.has_kinds:
            return None
        return SpanLabels(*number_values(self.column(ColumnRole.LABEL)), self.answer)

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The number that each row has as its label, NaN for none."""
        return number_labels.of_cells(*number_values(self.column(ColumnRole.LABEL)))

    @property
    def label_numbers(self) -> npt.NDArray[np.int64]:
        """The number of each row's label in `label_values`, -1 for none; of several kinds that of the rarest one."""
        return self._numbered[0]

    @cached_property
    def whole_labels(self) -> npt.NDArray[np.int64]:
        """A number for each row's whole label, whatever its kinds: equal for equal ones, -1 for none."""
        if self.marked is None:
            return self.label_numbers
        return np.where(self.label_numbers < 0, -1, number_values(self.column(ColumnRole.LABEL))[0])

    @property
    def label_values(self) -> list[str]:
        """The distinct labels in order of appearance, those of left-out rows included."""
        return self._numbered[1]

    def in_split(self, split: Split | None) -> Mask:
        """Return which rows are in a split; None means in any."""
        mask: Mask = self.split != LEFT_OUT if split is None else self.split == CODES[split]
        return mask

    def counts_by_label(self, split: Split | None = None) -> dict[str, int]:
        """Return how many rows each label has, sorted by label; labels without a row are left out."""
        if self.marked is not None:
            here = self.in_split(split)
            found = {kind: int((self.marked.having(kind) & here).sum()) for kind in self.marked.values}
            return {kind: count for kind, count in found.items() if count and kind != NOTHING}
        if self.answer.writes or self.answer is Answer.NUMBER:
            return {}
        counts = self._counts[:, 1:].sum(axis=1) if split is None else self._counts[:, 1 + CODES[split]]
        return {label: int(count) for label, count in sorted(zip(self.label_values, counts, strict=True)) if count}

    @cached_property
    def _counts(self) -> npt.NDArray[np.int64]:
        """Rows per label (down) and split (across, the left-out ones first)."""
        width, values = len(CODES) + 1, len(self.label_values)
        keys = self.label_numbers * width + (self.split - LEFT_OUT)
        return np.bincount(keys[self.label_numbers >= 0], minlength=values * width).reshape(values, width)

    def filled(self, role: ColumnRole) -> Mask:
        """Return which rows have more than white space in a column."""
        chunks = [is_filled(chunk) for chunk in self.column(role).chunks]
        return np.concatenate(chunks) if chunks else np.zeros(0, dtype=bool)

    def keep(self, mask: Mask) -> View:
        """Return only some of the rows."""
        if mask.all():
            return self
        return View(
            _rows_of(self.table, mask),
            self.split[mask],
            self.row[mask],
            self.index[mask],
            self.same[mask],
            None if self.flaw is None else self.flaw[mask],
            self.answer,
            None if self.document is None else self.document[mask],
            None if self.ends is None else self.ends[mask],
        )

    @property
    def rows(self) -> pa.Table:
        """The table with `row` and `split` of each row and, of pieces, their `document` and whether it `ends`."""
        names = pa.array([split.value for split in Split], pa.string())
        table = self.table.append_column("row", pa.array(self.row))
        table = table.append_column("split", names.take(pa.array(self.split)))
        if self.document is None:
            return table
        return table.append_column(documents.COLUMN, pa.array(self.document)).append_column(
            documents.ENDS, pa.array(self.ends)
        )

    @property
    def groups(self) -> npt.NDArray[np.int64] | None:
        """The number of each row's group (-1: none): those of the user, else stretches of documents; None for none."""
        if self.has(ColumnRole.GROUP):
            return number_values(self.column(ColumnRole.GROUP))[0]
        return None if self.document is None else documents.stretches(self.document)

    def with_labels(self, names: dict[str, str]) -> View:
        """Return the rows with some labels renamed."""
        labels = self.column(ColumnRole.LABEL)
        if self.answer is Answer.LABELS:
            return self.with_column(ColumnRole.LABEL, label_set_cells.renamed(labels, names))
        old = pa.array(list(names), pa.string())
        new = pa.array(list(names.values()), pa.string())
        renamed = pc.coalesce(new.take(pc.index_in(labels, old)), labels)
        return self.with_column(ColumnRole.LABEL, renamed)

    def with_column(self, role: ColumnRole, column: pa.Array | pa.ChunkedArray) -> View:
        """Return the rows with other cells in the column of a role."""
        place = self.table.column_names.index(role.value)
        return replace(self, table=self.table.set_column(place, role.value, column))

    def with_split(self, mask: Mask, split: Split) -> View:
        """Return the rows with some of them moved to another split."""
        moved = self.split.copy()
        moved[mask] = CODES[split]
        return replace(self, split=moved)


def _rows_of(table: pa.Table, mask: Mask) -> pa.Table:
    """Return some rows. Of a large table they are not copied into memory, where they lie together in runs."""
    if table.nbytes <= LARGE:
        return table.filter(pa.array(mask))
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    runs = edges.reshape(-1, 2)
    if len(runs) > MOST_RUNS or int(mask.sum()) * table.nbytes <= LARGE * len(mask):
        return table.filter(pa.array(mask))
    return pa.concat_tables(table.slice(start, end - start) for start, end in runs.tolist())
