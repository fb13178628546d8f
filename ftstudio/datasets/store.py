"""A project's data set: opened without reading it into memory, edited without touching what was imported."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Fix
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets import documents, label_edits, lengths, number_labels, redividing, writing
from ftstudio.datasets import edits as edit_kinds
from ftstudio.datasets.layout import EDITS, IMAGES, MANIFEST, SPLITS, TABLE
from ftstudio.datasets.lengths import Lengths
from ftstudio.datasets.manifest import Edit, Manifest
from ftstudio.datasets.parallel import in_parts
from ftstudio.datasets.pictures import upright_size
from ftstudio.datasets.rows_shown import rows_shown
from ftstudio.datasets.stored_documents import damaged, read_edits, read_manifest, stamps
from ftstudio.datasets.view import View


class Dataset:
    """The imported rows of one project. Everything returned has the edits applied unless it says otherwise."""

    def __init__(
        self, folder: Path, manifest: Manifest, table: pa.Table, rows: pa.Table, images: pa.Table | None
    ) -> None:
        self.folder, self.manifest = folder, manifest
        self._table, self._rows, self._images = table, rows, images
        self._stamps = stamps(folder)
        self._edits = read_edits(folder / EDITS)
        self._view: View | None = None

    @classmethod
    def open(cls, folder: Path) -> Dataset:
        """Open the data folder of a project; raises `InputError` when nothing was imported or it is damaged."""
        writing.recover(folder)
        if not (folder / MANIFEST).is_file():
            raise InputError(
                text("This project has no data yet."), text("Import a table or a folder of pictures."), file=str(folder)
            )
        try:
            manifest = read_manifest(folder / MANIFEST)
            table, rows = writing.open_table(folder / TABLE), writing.open_table(folder / SPLITS)
            images = writing.open_table(folder / IMAGES) if (folder / IMAGES).exists() else None
            if not table.num_rows == rows.num_rows == manifest.rows:
                raise ValueError("row counts differ")
        except (OSError, pa.ArrowInvalid, ValueError, KeyError) as error:
            raise damaged(folder, error) from error
        return cls(folder, manifest, table, rows, images)

    @property
    def view(self) -> View:
        """All rows, columns named by role, edits applied."""
        if self._view is None:
            try:
                self._view = edit_kinds.apply_all(self._unedited(), self._edits)
            except (pa.ArrowInvalid, pa.ArrowIndexError, UnicodeDecodeError, IndexError) as error:
                raise damaged(self.folder, error) from error
        return self._view

    @property
    def roles(self) -> Mapping[ColumnRole, str]:
        """Which column means what, as the user said last."""
        said = [edit.params["roles"] for edit in self._edits if edit.key == "set_roles"]
        return {ColumnRole(role): column for role, column in said[-1].items()} if said else self.manifest.roles

    @property
    def answer(self) -> Answer:
        """Which kind of label the rows have, as the user said last."""
        said = [edit.params["answer"] for edit in self._edits if edit.key == "set_roles" and "answer" in edit.params]
        return Answer(said[-1]) if said else self.manifest.answer

    def set_roles(self, roles: Mapping[ColumnRole, str], answer: Answer | None = None) -> None:
        """Say anew what the columns mean, and which kind of label there is (None: as before).

        The rows are divided again, the same way each time. Raises `InputError`, with nothing changed, when the data
        cannot be used like that.
        """
        answer = answer or self.answer
        redividing.check(self.manifest, roles)
        self._rows_for(roles, answer)
        params: dict[str, Any] = {"roles": {role.value: column for role, column in roles.items()}}
        if answer is not self.manifest.answer:
            params["answer"] = answer.value
        gone = {"set_roles"} if roles.get(ColumnRole.LABEL) == self.roles.get(ColumnRole.LABEL) else _OF_LABELS
        gone = gone if answer is self.answer else _OF_KINDS
        others = [edit for edit in self._edits if edit.key not in gone]
        self.set_edits((*others, Edit(key="set_roles", params=params)))

    def _rows_for(self, roles: Mapping[ColumnRole, str], answer: Answer) -> pa.Table:
        if roles == self.manifest.roles and answer is self.manifest.answer:
            return self._rows
        is_good = None if self._images is None else pc.equal(self._images["flaw"], "").to_numpy()
        manifest = self.manifest.model_copy(update={"answer": answer})
        return redividing.stored_or_divided(self.folder, manifest, roles, self._table, self._rows, is_good)

    def _unedited(self) -> View:
        roles = self.roles
        rows = self._rows_for(roles, self.answer)
        columns = {role.value: self._table[column] for role, column in roles.items() if role is not ColumnRole.SPLIT}
        for column in columns.values():  # a flipped bit must not surface later, in the middle of a training
            in_parts(lambda part: part.validate(full=True), column)
        if self.answer is Answer.NUMBER and ColumnRole.LABEL in roles:
            columns[ColumnRole.LABEL.value] = number_labels.plain(columns[ColumnRole.LABEL.value])
        flaw = None
        if self._images is not None:
            columns[ColumnRole.IMAGE.value] = self._images["path"]
            columns["source"] = self._table[roles[ColumnRole.IMAGE]]
            flaw = np.array(self._images["flaw"].to_pylist(), dtype=str)
        return View(
            pa.table(columns),
            rows["split"].to_numpy().astype(np.int8),
            rows["row"].to_numpy(),
            np.arange(self._table.num_rows, dtype=np.int64),
            rows["same"].to_numpy(),
            flaw,
            self.answer,
            *documents.read(rows),
        )

    @property
    def labels(self) -> list[str]:
        """The class names, sorted, as training sees them; of numbers the name of their column."""
        if self.answer is Answer.NUMBER:
            return [self.roles.get(ColumnRole.LABEL, ColumnRole.LABEL.value)]
        return list(self.view.counts_by_label(Split.TRAIN))

    def count(self, split: Split) -> int:
        """Return the number of usable rows of a split."""
        return int(self.view.in_split(split).sum())

    def counts(self) -> dict[str, int]:
        """Return the number of usable rows of every split, by its name."""
        return {split.value: self.count(split) for split in Split}

    def label_counts(self, split: Split | None = None) -> dict[str, int]:
        """Return how many rows each label has in a split, or in all (None)."""
        return self.view.counts_by_label(split)

    def as_imported(self, role: ColumnRole) -> pa.ChunkedArray:
        """Return a column of all stored rows as it was imported; raises KeyError when there is none of that role."""
        return self._table[self.roles[role]]

    def table(self, split: Split | None = None) -> pa.Table:
        """Return the usable rows of a split (None: of all), columns named by role, with `row` and `split`.

        Where rows are pieces of longer documents, these are told, too (`View.rows`).
        `row` counts from 1 in the source; `image` is a path below the data folder. Rows without an input or a
        label, or with a broken picture, are left out.
        """
        return self.view.keep(self.view.in_split(split)).rows

    def picture_sizes(self, places: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
        """Return width and height in pixels of the upright pictures of some rows; (0, 0) for one that is flawed."""
        assert self._images is not None, "only rows with pictures have sizes"
        chosen = self._images.select(["path", "width", "height"]).take(pa.array(places)).to_pylist()
        return [self._upright(**one) for one in chosen]

    def _upright(self, path: str, width: int, height: int) -> tuple[int, int]:
        if not path.endswith((".jpg", ".tif", ".png", ".webp")) or width == height:  # no other tells how it was held
            return width, height
        return upright_size(self.folder / path) or (width, height)

    def image_path(self, relative: str) -> Path:
        """Return the place of a stored picture; raises `InputError` for a path that leaves the data folder."""
        path = self.folder / relative
        if not relative.startswith("images/") or ".." in Path(relative).parts:
            raise InputError(text("“{path}” is not a picture of this project.", path=relative), file=relative)
        return path

    def lengths(self, unit: str = "words", model: Path | None = None) -> Lengths | None:
        """Return how long the texts are in `characters`, `words` or `tokens` (of the tokenizer in a model's folder)."""
        return lengths.measure(self.view, unit, model)

    @property
    def fingerprint(self) -> str:
        """A hash of the content, the split and the edits: equal means the same training data."""
        digest = hashlib.sha256(self.manifest.fingerprint.encode())
        for edit in label_edits.changing(self._edits):
            digest.update(edit.model_dump_json().encode())
        return digest.hexdigest()

    def edits_since(self, fingerprint: str) -> tuple[Edit, ...] | None:
        """Return the changes made since the data had a fingerprint; None when undoing changes does not lead back to it.

        It does not where the data was imported anew, its columns got another meaning, or older changes were undone.
        """
        digest = hashlib.sha256(self.manifest.fingerprint.encode())
        changing = label_edits.changing(self._edits)
        for count, edit in enumerate((*changing, None)):
            if digest.hexdigest() == fingerprint:
                later = changing[count:]
                return None if any(one.key == "set_roles" for one in later) else later
            if edit is not None:
                digest.update(edit.model_dump_json().encode())
        return None

    def view_before(self, later: Sequence[Edit]) -> View:
        """Return the rows as they were before the last changes, which are `later` (as from `edits_since`)."""
        if not later:
            return self.view
        changing = label_edits.changing(self._edits)
        return edit_kinds.apply_all(self._unedited(), changing[: len(changing) - len(later)])

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The changes made to the data since the import, in order."""
        return self._edits

    def set_edits(self, edits: Sequence[Edit]) -> None:
        """Replace all changes, which also undoes or redoes them; raises `InputError` for one that is unknown."""
        edit_kinds.check(edits)
        writing.write_json(self.folder / EDITS, [edit.model_dump(mode="json") for edit in edits])
        self._edits, self._view, self._stamps = tuple(edits), None, stamps(self.folder)

    def is_current(self) -> bool:
        """Whether the data on disk is still what was opened, and changed since only from here."""
        return stamps(self.folder) == self._stamps

    def apply(self, fix: Fix) -> None:
        """Make the change a problem proposes; the imported files stay as they are."""
        self.set_edits((*self._edits, Edit(key=fix.key, params=fix.params)))

    def preview(self, start: int, count: int, rows: npt.NDArray[np.int64] | None = None) -> list[dict[str, str]]:
        """Return some rows as imported, in the user's own columns; `rows` are places from `find` (None: all).

        Beside the columns each has `#row`, `#split` ("" for left out) and, for pictures, `#image` and `#flaw`.
        """
        places = (
            np.arange(start, min(start + count, self._table.num_rows)) if rows is None else rows[start : start + count]
        )
        return rows_shown(self._table, self._rows, self._images, self.view, places)

    def find(
        self,
        split: Split | None = None,
        label: str | None = None,
        contains: str = "",
        rows: Sequence[int] | None = None,
    ) -> npt.NDArray[np.int64]:
        """Return the places of the rows (after edits) that fit all conditions; `rows` are source row numbers."""
        view = self.view
        mask = np.ones(len(view), dtype=bool) if split is None else view.in_split(split)
        if label is not None and view.marked is not None:
            mask &= view.marked.having(label)
        elif label is not None:
            number = view.label_values.index(label) if label in view.label_values else -2
            mask &= view.label_numbers == number
        if rows is not None:
            mask &= np.isin(view.row, np.asarray(rows, dtype=np.int64))
        if contains:
            mask &= edit_kinds.contains(view, contains)
        return view.index[mask]

    @property
    def columns(self) -> list[str]:
        """The user's own columns."""
        return list(self.manifest.columns)


_OF_LABELS = {"set_roles", label_edits.RELABEL, label_edits.CONFIRMED}
_OF_KINDS = {*_OF_LABELS, "keep_unlabelled", "drop_labels", "merge_labels", "drop_conflicts"}
