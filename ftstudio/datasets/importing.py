"""Bringing a user's files into a project: streamed, in bounded memory, whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ftstudio.core import allocation
from ftstudio.core.errors import CancelledError, InputError, StudioError
from ftstudio.core.messages import Progress
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import ColumnRole, Modality, TaskSpec
from ftstudio.core.states import Split
from ftstudio.core.text import text, text_plural
from ftstudio.datasets import documents, label_kinds, material, picture_import, recording_rows, splits, writing
from ftstudio.datasets.dividing import all_test, divide
from ftstudio.datasets.gathering import Facts, Gathered, UnknownSplitError, facts_of
from ftstudio.datasets.growing import GrowingTable
from ftstudio.datasets.inspection import Inspection, Looked, inspect, look_at, proposed_way
from ftstudio.datasets.layout import IMAGES, MANIFEST, SPLITS, TABLE
from ftstudio.datasets.manifest import Manifest, SourceNote, SplitPlan, locate
from ftstudio.datasets.material import Material
from ftstudio.datasets.options import ImportPlan, ReadOptions, Shares
from ftstudio.datasets.parallel import ordered_map
from ftstudio.datasets.reading import Chunk
from ftstudio.datasets.recordings import Way
from ftstudio.datasets.roles import check_roles, guess_roles
from ftstudio.datasets.span_labels import NOTHING

__all__ = ["ImportPlan", "ImportResult", "Inspection", "ReadOptions", "Shares", "import_data", "inspect"]

Report = Callable[[Progress], None]
Cancelled = Callable[[], bool]
_Read = tuple[pa.RecordBatch, Facts | UnknownSplitError, int, npt.NDArray[np.bool_] | None]


@dataclass(frozen=True)
class ImportResult:
    """What is now in the project. `problems` are those of reading; the checks find the rest."""

    manifest: Manifest
    problems: tuple[Problem, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Rows per split."""
        return self.manifest.counts


def import_data(
    project_data: Path,
    task: TaskSpec,
    plan: ImportPlan,
    progress: Report = lambda _: None,
    cancelled: Cancelled = lambda: False,
) -> ImportResult:
    """Read, divide and store the data as `project_data`, replacing what was there.

    Raises `InputError` for data that cannot be used and `CancelledError`; in both cases the disk is as before.
    """
    allocation.keep_freed()
    watch = partial(_watch, progress, cancelled)
    looked = look_at(plan.sources, task.modality, plan.options, watch, task.answer)
    tests = look_at(plan.test_sources, task.modality, plan.options, watch, task.answer) if plan.test_sources else []
    _refuse_errors((*looked, *tests))
    chosen = dict(plan.roles)
    if not plan.for_training:
        chosen = {role: column for role, column in chosen.items() if _is_there(role, column, looked[0], task)}
    roles = settle_roles(looked[0], task, chosen)
    task = label_kinds.settled(task, looked[0].look.preview, roles, plan.answer)
    for test in tests:
        check_roles(_kept(roles, test), test.look.columns, task.required, test.path.name)
    looked, tests, roles = _with_recordings(looked, tests, roles, plan)
    try:
        writing.recover(project_data)
        with writing.building_folder(project_data) as folder, writing.syncing() as sync:
            with closing(GrowingTable(folder / TABLE, looked[0].look.columns, sync)) as table:
                work = _Import(folder, table, task, plan, roles, progress, cancelled)
                work.read(looked, is_test=False)
                work.read(tests, is_test=True)
            return work.finish(looked, tests, sync)
    except OSError as error:
        raise _cannot_store(project_data, error) from error


def _with_recordings(
    looked: list[Looked], tests: list[Looked], roles: dict[ColumnRole, str], plan: ImportPlan
) -> tuple[list[Looked], list[Looked], dict[ColumnRole, str]]:
    """Add the recordings that the names of pictures tell, as their groups, where no column names groups."""
    if not plan.for_training or ColumnRole.IMAGE not in roles or ColumnRole.GROUP in roles:
        return looked, tests, roles
    way = plan.recordings
    if way is None:
        way = proposed_way(looked[0], roles, looked[0].first_cells(roles[ColumnRole.IMAGE]))
    if way is Way.ALONE:
        return looked, tests, roles
    together, column = recording_rows.with_recordings([*looked, *tests], roles[ColumnRole.IMAGE], way)
    return together[: len(looked)], together[len(looked) :], {**roles, ColumnRole.GROUP: column}


def _refuse_errors(looked: Iterable[Looked]) -> None:
    """Refuse what a look already saw to be wrong, before the columns it garbled are complained about."""
    for problem in (problem for one in looked for problem in one.look.problems):
        if problem.severity is Severity.ERROR:
            raise InputError(problem.message, problem.hint, **problem.where.model_dump())


def _watch(progress: Report, cancelled: Cancelled, source: Path, found: int) -> None:
    if cancelled():
        raise CancelledError
    looking = text("Looking through “{file}”", file=source.name)
    counted = text_plural("{count} file found in “{file}”", "{count} files found in “{file}”", found, file=source.name)
    progress(Progress(phase=counted if found else looking, done=found))


def _cannot_store(folder: Path, error: OSError) -> StudioError:
    return StudioError(
        text("The data could not be stored in the project: {reason}.", reason=error.strerror or str(error)),
        text("Make room on the disk or choose another folder, then import again. What was there before is unchanged."),
        file=str(folder),
    )


def settle_roles(first: Looked, task: TaskSpec, chosen: Mapping[ColumnRole, str]) -> dict[ColumnRole, str]:
    """Return the meaning of the columns: what the user chose, the rest guessed; raises `InputError`."""
    guessed = guess_roles(first.look.preview, task.modality, task.answer)
    allowed = {*task.required, *task.optional, ColumnRole.SPLIT, ColumnRole.GROUP, ColumnRole.ID}
    roles = {
        role: column
        for role, column in guessed.items()
        if role in allowed and role not in chosen and column not in chosen.values()
    }
    roles.update(chosen)
    check_roles(roles, first.look.columns, task.required, first.path.name)
    return roles


def _is_there(role: ColumnRole, column: str, looked: Looked, task: TaskSpec) -> bool:
    """Tell whether to insist on a column: needed ones must be there, others may be missing in data that only judges."""
    return role in task.required or (role is not ColumnRole.SPLIT and column in looked.look.columns)


def _kept(roles: Mapping[ColumnRole, str], test: Looked) -> dict[ColumnRole, str]:
    return {
        role: column for role, column in roles.items() if role is not ColumnRole.SPLIT and column in test.look.columns
    }


class _Import:
    """One import under way in a folder that is not in place yet."""

    def __init__(
        self,
        folder: Path,
        table: GrowingTable,
        task: TaskSpec,
        plan: ImportPlan,
        roles: dict[ColumnRole, str],
        progress: Report,
        cancelled: Cancelled,
    ) -> None:
        self.folder, self.table, self.task, self.plan, self.roles = folder, table, task, plan, roles
        self.progress, self.cancelled = progress, cancelled
        self.gathered = Gathered()
        self.notes: list[SourceNote] = []
        self.columns = table.columns
        self.pictures = picture_import.PictureImport(folder, progress, cancelled)

    def read(self, looked: list[Looked], *, is_test: bool) -> None:
        """Stream some sources into the table."""
        for one in looked:
            self._read_one(one, is_test)

    def _read_one(self, one: Looked, is_test: bool) -> None:
        rows = 0
        for batch, facts, done, begins in self._with_facts(one):
            if self.cancelled():
                raise CancelledError
            if isinstance(facts, UnknownSplitError):
                raise facts.as_error(one.path.name, self.roles[ColumnRole.SPLIT], rows)
            self.table.add(batch)
            self.gathered.add(facts, is_test=is_test, begins=begins)
            rows += batch.num_rows
            if self.task.modality is Modality.IMAGE:
                self.pictures.plan(batch[self.roles[ColumnRole.IMAGE]], one.path)
            self.progress(Progress(phase=text("Reading “{file}”", file=one.path.name), done=done, total=one.look.total))
        self.notes.append(
            SourceNote(
                name=one.path.name, reader=one.reader.SPEC.key, rows=rows, is_test=is_test, options=one.look.options
            )
        )

    def _with_facts(self, one: Looked) -> Iterator[_Read]:
        roles = _kept(self.roles, one) | (
            {ColumnRole.SPLIT: self.roles[ColumnRole.SPLIT]} if self._states_split(one) else {}
        )

        def work(chunk: Chunk) -> _Read:
            batch = self._in_order(chunk.batch)
            try:
                return batch, facts_of(batch, roles, self.task.required), chunk.done, chunk.begins
            except UnknownSplitError as error:
                return batch, error, chunk.done, None

        yield from ordered_map(work, one.reader.read(one.path, one.look.options))

    def _states_split(self, one: Looked) -> bool:
        return self.roles.get(ColumnRole.SPLIT) in one.look.columns

    def _in_order(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the batch with the columns of the first source; those a test file lacks are empty."""
        if batch.schema.names == self.columns:
            return batch
        empty = pa.nulls(batch.num_rows, pa.string())
        return pa.record_batch(
            [batch[name] if name in batch.schema.names else empty for name in self.columns], names=self.columns
        )

    def finish(self, looked: list[Looked], tests: list[Looked], sync: writing.Sync) -> ImportResult:
        """Divide the rows and write what describes them, once the table is complete."""
        sync(self.folder / TABLE)
        name = looked[0].path.name
        table = writing.open_table(self.folder / TABLE)
        facts = self._material(table)
        plan = SplitPlan(seed=self.plan.seed, validation=self.plan.shares.validation, test=self.plan.shares.test)
        if self.plan.for_training:
            codes = divide(facts, plan, name, self.roles.get(ColumnRole.LABEL, ""), self._locate)
        else:
            codes = all_test(facts, name)
        writing.write_unsynced(self.folder / SPLITS, self._rows_table(codes, facts))
        sync(self.folder / SPLITS)
        taught = np.bincount(facts.labels[codes == splits.CODES[Split.TRAIN]], minlength=len(facts.values))
        labels = sorted(value for value, count in zip(facts.values, taught, strict=True) if count and value != NOTHING)
        problems = tuple(problem for one in (*looked, *tests) for problem in one.look.problems)
        problems += self._of_recordings(looked[0])
        manifest = Manifest(
            name=name,
            reader=looked[0].reader.SPEC.key,
            sources=tuple(self.notes),
            modality=self.task.modality,
            task=self.task.key,
            answer=self.task.answer,
            columns=tuple(self.columns),
            roles=self.roles,
            required=self.task.required,
            split=plan,
            rows=table.num_rows,
            labels=tuple(labels),
            counts={split.value: int((codes == code).sum()) for split, code in splits.CODES.items()},
            fingerprint=self._fingerprint(codes),
            imported=datetime.now(UTC).isoformat(timespec="seconds"),
            problems=problems,
        )
        writing.write_json(self.folder / MANIFEST, manifest.model_dump(mode="json"))
        return ImportResult(manifest, problems)

    def _of_recordings(self, first: Looked) -> tuple[Problem, ...]:
        if not isinstance(first.reader, recording_rows.WithRecordings) or self.plan.recordings is not None:
            return ()
        _, names = self.gathered.numbered(ColumnRole.GROUP) or ([], [])
        return (recording_rows.told(len(names), names[:3], first.reader.column),)

    def _material(self, table: pa.Table) -> Material:
        if self.task.modality is Modality.IMAGE:
            stored = self.pictures.finish()
            return material.of_pictures(self.gathered, stored.is_good, stored.same, self.task.answer)
        return material.of_texts(self.gathered, table, self.roles, self.task.answer)

    def _locate(self, place: int) -> tuple[str, int]:
        return locate(self.notes, place)

    def _rows_table(self, codes: splits.Codes, facts: Material) -> pa.Table:
        counts = [note.rows for note in self.notes]
        row = np.concatenate([np.arange(1, count + 1, dtype=np.int32) for count in counts])
        file = np.repeat(np.arange(len(counts), dtype=np.int16), counts)
        told = {"split": codes, "row": row, "file": file, "same": facts.same.astype(np.int32)}
        pieces_of = self.gathered.documents
        return pa.table(told if pieces_of is None else {**told, documents.COLUMN: pieces_of.astype(np.int32)})

    def _fingerprint(self, codes: splits.Codes) -> str:
        """Return a hash of all cells, pictures and the split."""
        digest = hashlib.sha256("\0".join(self.columns).encode())
        for facts in self.gathered.parts:
            digest.update(facts.content + facts.prints.tobytes())
        if (self.folder / IMAGES).exists():
            digest.update("\n".join(writing.open_table(self.folder / IMAGES)["path"].to_pylist()).encode())
        digest.update(codes.tobytes())
        return digest.hexdigest()
