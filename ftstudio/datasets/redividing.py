"""Dividing stored rows again after the user said that other columns are meant; the source is not needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text
from ftstudio.datasets import documents, material, writing
from ftstudio.datasets.dividing import divide
from ftstudio.datasets.gathering import Gathered, UnknownSplitError, facts_of
from ftstudio.datasets.manifest import Manifest, locate
from ftstudio.datasets.roles import check_roles

Roles = Mapping[ColumnRole, str]
Mask = npt.NDArray[np.bool_]


def check(manifest: Manifest, roles: Roles) -> None:
    """Refuse roles that cannot be; raises `InputError`."""
    check_roles(roles, manifest.columns, manifest.required, manifest.name)
    if roles.get(ColumnRole.IMAGE) != manifest.roles.get(ColumnRole.IMAGE):
        raise InputError(
            text("The pictures of another column are not in the project."),
            text("Import the data again and choose the column of the pictures then."),
            field=ColumnRole.IMAGE.value,
        )


def stored_or_divided(
    folder: Path,
    manifest: Manifest,
    roles: Roles,
    table: pa.Table,
    rows: pa.Table,
    is_good: Mask | None,
) -> pa.Table:
    """Return the row table for these roles and the kind of label that `manifest` names; raises `InputError`.

    It is made once and kept beside the imported one.
    """
    written = json.dumps(sorted((role.value, column) for role, column in roles.items()))
    if manifest.answer in (Answer.LABELS, Answer.NUMBER):
        written += manifest.answer
    place = folder / f"splits-{hashlib.sha256(written.encode()).hexdigest()[:16]}.arrow"
    if place.exists():
        kept = writing.open_table(place)
        if kept.num_rows == table.num_rows:
            return kept
    divided = _divide(manifest, roles, table, rows, is_good)
    writing.write_table(place, divided)
    return divided


def _divide(manifest: Manifest, roles: Roles, table: pa.Table, rows: pa.Table, is_good: Mask | None) -> pa.Table:
    gathered = Gathered()
    tests = np.array([note.is_test for note in manifest.sources], dtype=bool)[rows["file"].to_numpy()]
    begins = documents.begins(rows)
    before = 0
    for batch in table.to_batches():
        try:
            facts = facts_of(batch, roles, manifest.required)
        except UnknownSplitError as error:
            raise error.as_error(manifest.name, roles[ColumnRole.SPLIT], before) from None
        here = slice(before, before + batch.num_rows)
        gathered.add(facts, is_test=tests[here], begins=None if begins is None else begins[here])
        before += batch.num_rows
    if is_good is None:
        facts_of_rows = material.of_texts(gathered, table, roles, manifest.answer)
    else:
        facts_of_rows = material.of_pictures(gathered, is_good, rows["same"].to_numpy(), manifest.answer)
    codes = divide(
        facts_of_rows,
        manifest.split,
        manifest.name,
        roles.get(ColumnRole.LABEL, ""),
        lambda place: locate(manifest.sources, place),
    )
    kept = {name: rows[name] for name in ("row", "file", documents.COLUMN) if name in rows.column_names}
    return pa.table({"split": codes, **kept, "same": facts_of_rows.same})
