"""The stored answers of a model beside the rows they are of: what every look at a result is made from.

Answers of a run (to validation and test rows) and of a cross-validation (to rows that its folds had not learned from)
come as the same type, so that whoever ranks, filters or counts them need not know which they are. Files are mapped into
memory, and what is derived (probabilities, losses) is computed when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ftstudio.core import catalog
from ftstudio.core.deciding import AS_TRAINED, Decided, Decision, decide
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.manifest import Edit
from ftstudio.datasets.splits import CODES
from ftstudio.datasets.store import Dataset
from ftstudio.datasets.writing import open_table
from ftstudio.planning import out_of_fold
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.runs import RunSummary, summarise

FILE = "predictions.arrow"
_SMALLEST = 1e-12  # a probability of zero would make a loss infinite


@dataclass(frozen=True)
class Answers:
    """Answers to rows, one entry a row in every array.

    `split` is the code of a row's part (`datasets.splits.CODES`), `row` its number in its source from 1, `place` its
    place in the stored table, `label` the truth it was scored by as a position in `labels` (-1: none), `logits` what
    the model gave, shape [rows, labels]. `later` are the changes made to the data since; without any, truth and part
    are those of the data as it is. `decision` says how logits become answers.
    """

    labels: list[str]
    split: NDArray[np.int8]
    row: NDArray[np.int64]
    place: NDArray[np.int64]
    label: NDArray[np.int64]
    logits: NDArray[np.float64]
    later: tuple[Edit, ...] = ()
    decision: Decision = AS_TRAINED

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def _decided(self) -> Decided:
        return decide(self.logits, self.labels, self.decision)

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """What the model believes of each label, shape [rows, labels]; a row sums to 1."""
        return self._decided.probabilities

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The label that each row is given, as a position in `labels`."""
        return self._decided.label

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether the model stands by its answer, rather than saying that it does not know."""
        return self._decided.known

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is the truth; a row without a label is never right."""
        result: NDArray[np.bool_] = self.predicted == self.label
        return result

    @cached_property
    def confidence(self) -> NDArray[np.float64]:
        """The probability of each row's answer."""
        return self._of(self.predicted)

    @cached_property
    def loss(self) -> NDArray[np.float64]:
        """The cross-entropy of each row, in nats; NaN for a row without a label."""
        share = self._of(np.maximum(self.label, 0))
        return np.where(self.label >= 0, -np.log(np.maximum(share, _SMALLEST)), np.nan)

    @cached_property
    def margin(self) -> NDArray[np.float64]:
        """How far the likeliest label is ahead of the next one, from 0 (a toss-up) to 1."""
        if len(self.labels) < 2:
            return self.confidence
        two = np.partition(self.probabilities, -2, axis=1)[:, -2:]
        result: NDArray[np.float64] = two[:, 1] - two[:, 0]
        return result

    def of(self, split: Split) -> NDArray[np.bool_]:
        """Return which answers are to rows of a split."""
        result: NDArray[np.bool_] = self.split == CODES[split]
        return result

    def _of(self, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.take_along_axis(self.probabilities, labels[:, None], axis=1)[:, 0]


def read_answers(run: RunLayout, dataset: Dataset, *, edited: bool = False) -> Answers:
    """Return the answers of a finished run to its validation and test rows.

    Args:
        run: the run's folder.
        dataset: the data of its project.
        edited: whether answers are wanted although the data was changed since: rows and truth are then those of the
            time of the run, and `Answers.later` says what was changed.

    Raises:
        InputError: the run has no answers, not to a single row, they are damaged, or they are not of this data.
    """
    _refuse_several(summarise(run))
    with damage_told(run):
        stored = open_stored(run, dataset, edited=edited)
        return replace(_answers(stored.table, stored.labels, stored.place, stored.later), decision=read_decision(run))


@dataclass(frozen=True)
class Stored:
    """What a run stored of its answers: the table as it is on disk, its labels, and where its rows lie in the data."""

    table: pa.Table
    labels: list[str]
    place: NDArray[np.int64]
    later: tuple[Edit, ...]


def open_stored(run: RunLayout, dataset: Dataset, *, edited: bool = False) -> Stored:
    """Return the stored answers of a finished run as they are; see `read_answers`."""
    summary = summarise(run)
    path = run.predictions / FILE
    if summary.request is None or summary.report is None or not path.is_file():
        raise InputError(
            text("The run “{run}” has no stored answers.", run=summary.name),
            text("Resume the run, train again, or choose another run."),
            file=str(path),
        )
    later = dataset.edits_since(summary.request.data_fingerprint)
    if later is None or (later and not edited):
        raise InputError(
            text(
                "The data has changed since the run “{run}”, so its answers no longer belong to it.", run=summary.name
            ),
            text("Train again, or undo the changes to the data."),
            file=str(path),
            field="data",
        )
    with damage_told(run):
        table = _sound(open_table(path))
        if not table.num_rows:
            raise _of_no_rows(summary.name, path)
        return Stored(table, _labels(summary), _places(table, dataset, later), later)


@contextmanager
def damage_told(run: RunLayout) -> Iterator[None]:
    """Raise `InputError` for whatever damaged answers raise inside."""
    try:
        yield
    except (OSError, pa.ArrowInvalid, KeyError, ValueError, TypeError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(
            text("The stored answers of the run “{run}” are damaged: {reason}", run=summarise(run).name, reason=reason),
            text("Train again, or restore “{file}” from a copy.", file=FILE),
            file=str(run.predictions / FILE),
        ) from error


def _refuse_several(summary: RunSummary) -> None:
    """Refuse runs whose rows have more than one answer; raises `InputError`."""
    if summary.request is None or summary.request.task not in catalog.tasks():
        return
    task = summary.request.spec
    if task.answer is not Answer.LABEL:
        raise InputError(
            text("This needs one label for each row, which the task “{task}” does not have.", task=text(task.title)),
            text("Its answers are shown on the Results page, and by `ftstudio evaluate` and `ftstudio predict`."),
            field="task",
        )


def read_out_of_fold(project: ProjectLayout, dataset: Dataset, *, edited: bool = False) -> Answers:
    """Return the answers of the latest cross-validation; see `read_answers` for `edited`.

    Raises `InputError` when there is none, when its file is damaged, or when it is not of this data.
    """
    found = out_of_fold.latest_answers(project, dataset, edited=edited)
    try:
        table = _sound(found.table)
        return _answers(table, found.labels, table["place"].to_numpy(), found.later)
    except (pa.ArrowInvalid, KeyError, ValueError, TypeError) as error:
        raise out_of_fold.damaged(found.folder, error) from error


def _of_no_rows(run: str, path: Path) -> InputError:
    return InputError(
        text("The run “{run}” was scored on no rows: it had neither validation nor test rows.", run=run),
        text("Add rows, or import the data again with a share for validation; then train again."),
        file=str(path),
    )


def _sound(table: pa.Table) -> pa.Table:
    """Return `table` after looking at every offset in it: using one that leads astray would end the program."""
    table.validate(full=True)
    return table


def _answers(table: pa.Table, labels: list[str], place: NDArray[np.int64], later: tuple[Edit, ...]) -> Answers:
    label = table["label"].to_numpy()
    if label.dtype.kind != "i":
        raise ValueError("labels that are not numbers of labels")
    if len(label) and not -1 <= label.min() <= label.max() < len(labels):
        raise ValueError(f"a label that is none of {len(labels)}")
    return Answers(
        labels=labels,
        split=_split_codes(table),
        row=table["row"].to_numpy(),
        place=place,
        label=label,
        logits=_matrix(table["logits"], len(labels)),
        later=later,
    )


def _split_codes(table: pa.Table) -> NDArray[np.int8]:
    found = pc.index_in(table["split"], pa.array([split.value for split in CODES], pa.string()))
    if found.null_count:
        raise ValueError("a part of the data that there is not")
    codes: NDArray[np.int8] = np.array(list(CODES.values()), dtype=np.int8)[found.to_numpy()]
    return codes


def _matrix(column: pa.ChunkedArray, width: int) -> NDArray[np.float64]:
    """Return lists of one length as a matrix, shape [rows, width], without a copy where they lie in one piece."""
    lists = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if len(lists) and (pc.min_max(pc.list_value_length(lists)).as_py() != {"min": width, "max": width}):
        raise ValueError(f"a row without {width} numbers")
    matrix: NDArray[np.float64] = lists.flatten().to_numpy().astype(np.float64, copy=False).reshape(len(lists), width)
    if not np.isfinite(matrix).all():
        raise ValueError("an answer that is no number")
    return matrix


def _places(table: pa.Table, dataset: Dataset, later: Sequence[Edit]) -> NDArray[np.int64]:
    """Return where the answered rows lie in the stored table: a split was answered whole, in the order of its rows."""
    view, codes, rows = dataset.view_before(later), _split_codes(table), table["row"].to_numpy()
    place = np.empty(len(rows), dtype=np.int64)
    for split, code in CODES.items():
        answered, there = codes == code, view.in_split(split)
        if not answered.any():
            continue
        if not np.array_equal(rows[answered], view.row[there]):
            raise ValueError("the rows are others than those of the data")
        place[answered] = view.index[there]
    return place


def _labels(summary: RunSummary) -> list[str]:
    labels = summary.report.document.get("labels") if summary.report is not None else None
    writes = summary.request is not None and catalog.tasks().spec(summary.request.task).answer.writes
    if not isinstance(labels, list) or not (labels or writes):
        raise ValueError("the result names no labels")
    return [str(label) for label in labels]
