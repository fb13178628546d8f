"""The wizard's quick look at a source before anything is written: form, dialect, columns, meaning, first rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Problem
from ftstudio.core.specs import Answer, ColumnRole, Modality
from ftstudio.core.text import text
from ftstudio.datasets.label_columns import with_label_column
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.reading import Look, Reader, reader_for
from ftstudio.datasets.recordings import Way, propose
from ftstudio.datasets.roles import guess_roles

NAMES = 20_000


@dataclass(frozen=True)
class Inspection:
    """What was found. `preview` holds up to 200 rows of strings; `options` are complete and may be changed.

    `pictures` are the names of the first pictures, and `recordings` how those that belong together are told by them.
    """

    sources: tuple[Path, ...]
    modality: Modality
    reader: str
    options: ReadOptions
    columns: tuple[str, ...]
    preview: pa.Table
    roles: Mapping[ColumnRole, str]
    problems: tuple[Problem, ...] = ()
    pictures: tuple[str | None, ...] = ()
    recordings: Way = Way.ALONE

    def rows(self, count: int = 200) -> list[tuple[str, ...]]:
        """Return the first rows as cells."""
        columns = [self.preview[name].slice(0, count).to_pylist() for name in self.preview.column_names]
        return [tuple(cell or "" for cell in row) for row in zip(*columns, strict=True)]


@dataclass(frozen=True)
class Looked:
    """One source, its reader and what the look found."""

    path: Path
    reader: Reader
    look: Look

    def first_cells(self, column: str) -> list[str | None]:
        """Return the cells of a column in the first rows: next to each other, as the frames of a recording lie."""
        cells: list[str | None] = []
        for chunk in self.reader.read(self.path, self.look.options):
            cells += chunk.batch[column].to_pylist()
            if len(cells) >= NAMES:
                break
        return cells


def look_at(
    sources: Sequence[Path],
    modality: Modality,
    options: ReadOptions,
    watch: Callable[[Path, int], None] = lambda *_: None,
    answer: Answer = Answer.LABEL,
) -> list[Looked]:
    """Look at every source and see that all have the same columns; raises `InputError`.

    `watch` is told which source is looked at and now and then how many files were found in it; `answer` is the kind of
    label that is looked for.
    """
    if not sources:
        raise InputError(text("No data was chosen."), text("Choose a file or a folder with labelled data."))
    looked = []
    for path in sources:
        reader = reader_for(path, modality, answer)
        watch(path, 0)
        look = reader.look(path, options, partial(watch, path))
        if answer in (Answer.LABEL, Answer.LABELS):
            reader, look = with_label_column(reader, look)
        looked.append(Looked(path, reader, look))
    first = looked[0]
    for other in looked[1:]:
        if set(other.look.columns) != set(first.look.columns):
            raise _different_columns(first, other)
    return looked


def _different_columns(first: Looked, other: Looked) -> InputError:
    columns, others = first.look.columns[:20], other.look.columns[:20]
    return InputError(
        text("“{file}” and “{other}” do not have the same columns.", file=first.path.name, other=other.path.name),
        text(
            "The columns are {columns} in one and {others} in the other.",
            columns=", ".join(columns),
            others=", ".join(others),
        ),
        file=str(other.path),
    )


def inspect(
    sources: Sequence[Path],
    modality: Modality,
    options: ReadOptions | None = None,
    answer: Answer = Answer.LABEL,
) -> Inspection:
    """Look at the sources without writing anything; raises `InputError` for what cannot be read at all."""
    looked = look_at(sources, modality, options or ReadOptions(), answer=answer)
    first = looked[0]
    roles = guess_roles(first.look.preview, modality, answer)
    image = roles.get(ColumnRole.IMAGE)
    pictures = first.first_cells(image) if image else []
    return Inspection(
        sources=tuple(sources),
        modality=modality,
        reader=first.reader.SPEC.key,
        options=first.look.options,
        columns=tuple(first.look.columns),
        preview=first.look.preview,
        roles=roles,
        problems=tuple(problem for one in looked for problem in one.look.problems),
        pictures=tuple(pictures),
        recordings=proposed_way(first, roles, pictures),
    )


def proposed_way(first: Looked, roles: Mapping[ColumnRole, str], pictures: Sequence[str | None]) -> Way:
    """Return how recordings are told from the names of the first pictures; rows that name a group need none."""
    if ColumnRole.GROUP in roles:
        return Way.ALONE
    label = roles.get(ColumnRole.LABEL)
    return propose(pictures, first.look.preview[label].to_pylist() if label else [])
