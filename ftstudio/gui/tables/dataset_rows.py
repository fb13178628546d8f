"""The rows of a project's data set as the user's own columns, with the edits made since the import shown in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ftstudio.core import answers, boxes, chats, spans
from ftstudio.core.samples import Shown
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, tr
from ftstudio.datasets.store import Dataset
from ftstudio.gui.tables.rows_model import Column

SPLIT_TITLES = {
    Split.TRAIN: N_("Training"),
    Split.VALIDATION: N_("Validation"),
    Split.TEST: N_("Test"),
}


def split_title(split: str) -> str:
    """Return the name of a split; rows in none were left out."""
    return tr(SPLIT_TITLES[Split(split)]) if split else tr("left out")


class DatasetRows:
    """Some rows of a data set, by their places in the stored table (as `Dataset.find` gives them)."""

    def __init__(self, dataset: Dataset, places: npt.NDArray[np.int64]) -> None:
        self._dataset, self.places = dataset, places
        self._positions = np.searchsorted(dataset.view.index, places)
        self._label_column = dataset.roles.get(ColumnRole.LABEL, "")

    def __len__(self) -> int:
        return len(self.places)

    def fetch(self, start: int, count: int) -> list[dict[str, Any]]:
        """Return some rows: the columns as imported, the label as edited, and `#row`, `#split`, `#image`, `#flaw`."""
        rows: list[dict[str, Any]] = list(self._dataset.preview(start, count, self.places))
        labels = self._labels(start, count)
        for row, label in zip(rows, labels, strict=True):
            row["#row"] = int(row["#row"])
            row["#split"] = split_title(row["#split"])
            row["#label"] = label
            if self._label_column:
                row[self._label_column] = row["#words"] = self._in_words(row, label)
            if self._dataset.answer is Answer.TEXT:
                text = self._dataset.roles[ColumnRole.TEXT]
                row[text] = chats.in_words(str(row.get(text) or ""))
        return rows

    def _in_words(self, row: Mapping[str, Any], label: str) -> str:
        """Return a label as people read it; places and answers that cannot be read stay as they are written."""
        kind = self._dataset.answer
        if kind is Answer.BOXES:
            return _boxes_in_words(label)
        if not kind.has_places:
            return label
        passage = str(row.get(self._dataset.roles[ColumnRole.TEXT]) or "")
        try:
            if kind is Answer.EXTRACT:
                return answers.sentence(answers.read(label)) or (tr("no answer") if label else "")
            return spans.sentence(passage, spans.fitting(spans.read(label), len(passage)))
        except ValueError:
            return label

    def _labels(self, start: int, count: int) -> list[str]:
        view = self._dataset.view
        positions = self._positions[start : start + count]
        if not view.has(ColumnRole.LABEL):
            return [""] * len(positions)
        return [label or "" for label in view.column(ColumnRole.LABEL).take(pa.array(positions)).to_pylist()]


def shown_row(dataset: Dataset, place: int) -> Shown:
    """Return one row, by its place in the stored table, as it is shown whole."""
    (values,) = DatasetRows(dataset, np.array([place], dtype=np.int64)).fetch(0, 1)
    return shown(values, dataset.roles)


def shown(values: Mapping[str, Any], roles: Mapping[ColumnRole, str]) -> Shown:
    """Return a fetched row as it is shown whole."""
    texts = [values.get(roles[role]) for role in (ColumnRole.TEXT, ColumnRole.TEXT_PAIR) if role in roles]
    return Shown(
        row=int(values["#row"]),
        text="\n\n".join(str(text) for text in texts if text),
        passage=str(values.get(roles.get(ColumnRole.TEXT_PAIR, "")) or ""),
        picture=str(values.get("#image") or ""),
        truth=str(values.get("#label") or ""),
    )


def columns_of(dataset: Dataset) -> list[Column]:
    """Return the columns to show: the row's number, the user's columns with their roles, the split."""
    role_of: Mapping[str, ColumnRole] = {name: role for role, name in dataset.roles.items()}
    own = [Column(name, name, role_of.get(name)) for name in dataset.columns]
    used_first = sorted(own, key=lambda column: column.role is None)
    row = Column("#row", tr("Row"), is_number=True)
    return [row, *used_first, Column("#split", tr("Part"))]


def _boxes_in_words(cell: str) -> str:
    try:
        return boxes.sentence(boxes.read(cell)) or tr("nothing")
    except ValueError:
        return cell
