"""Answers to the rows of a whole file, a part at a time: in bounded memory, and no bad row stands in others' way.

Rows of a part are computed sorted by length and batched by tokens (`evaluation`), in bfloat16 where the processor has
it, which is what makes it several times as fast as one row after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio.core import boxes, spans
from ftstudio.core.samples import Prediction
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.translation import tr
from ftstudio.datasets.new_rows import NewRows
from ftstudio.datasets.pictures import load, why
from ftstudio.engine.inference.answering import Trained
from ftstudio.engine.vision.pictures import DECODERS, UnreadablePictureError

TEXTS_AT_ONCE = 4096
PICTURES_AT_ONCE = 256

Tick = Callable[[int, int], None]


@dataclass
class Tally:
    """What has been answered so far: rows by label, and rows that could not be answered by reason."""

    rows: int = 0
    answered: int = 0
    unknown: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, answers: Sequence[Prediction | None], reasons: Sequence[str]) -> None:
        """Count the answers of some rows."""
        self.rows += len(answers)
        given = [answer for answer in answers if answer is not None]
        self.answered += len(given)
        self.unknown += sum(not answer.known for answer in given)
        several = [label for answer in given for label in answer.labels]
        self.labels.update(several or (answer.label for answer in given if answer.probabilities))
        self.labels.update(one.label for answer in given for one in answer.spans)
        self.labels.update(one.label for answer in given for one in answer.boxes or ())
        self.reasons.update(reason for reason in reasons if reason)


def answer_all(
    model: Trained, source: NewRows, roles: Mapping[ColumnRole, str], tally: Tally, tick: Tick, *, shares: bool
) -> Iterator[pa.Table]:
    """Yield the source's rows with their answers as further columns; `tick(done, total)` may raise to cancel.

    `shares` adds the probability of each label. Raises `InputError` where the file itself cannot be read on.
    """
    most = PICTURES_AT_ONCE if model.role is ColumnRole.IMAGE else TEXTS_AT_ONCE
    begun = 0
    for chunk, unread in source.chunks():
        for start in range(0, chunk.batch.num_rows, most):
            rows = pa.Table.from_batches([chunk.batch.slice(start, most)])
            reasons = list(unread[start : start + most])
            span = (chunk.done - begun) * rows.num_rows / max(1, chunk.batch.num_rows)
            before = begun + span * start / max(1, rows.num_rows)

            def within(done: int, total: int, before: float = before, span: float = span) -> None:
                tick(int(before + span * done / max(1, total)), source.total)

            within(0, 1)
            answers = _answer(model, rows, source.folder, roles, reasons, within)
            tally.add(answers, reasons)
            yield _with_answers(rows, answers, reasons, model.bundle.labels if shares else (), model.task.SPEC.answer)
        begun = chunk.done
    tick(source.total, source.total)


def columns_of(taken: Sequence[str], labels: Sequence[str], wanted: Answer = Answer.LABEL) -> dict[str, str]:
    """Return the names of the columns that are added, by what they hold; none of `taken` is used again."""
    names: dict[str, str] = {}
    told = ("written", "reason") if wanted.writes else ("label", "probability", "known", "reason")
    for kind in (*told, *(f"probability: {label}" for label in labels)):
        name, number = kind, 1
        while name in taken or name in names.values():
            name = f"predicted_{kind}" if number == 1 else f"predicted_{kind}_{number}"
            number += 1
        names[kind] = name
    return names


def _with_answers(
    rows: pa.Table,
    answers: Sequence[Prediction | None],
    reasons: Sequence[str],
    labels: Sequence[str],
    wanted: Answer,
) -> pa.Table:
    sure = [answer and _sure(answer) for answer in answers]
    added: dict[str, tuple[list[Any], pa.DataType]] = {
        "label": ([answer and _label(answer, wanted) for answer in answers], pa.string()),
        "probability": (sure, pa.float64()),
        "known": ([answer and answer.known for answer in answers], pa.bool_()),
        "reason": (list(reasons), pa.string()),
    }
    for label in labels:
        shares = [answer and answer.probabilities.get(label, 0.0) for answer in answers]
        added[f"probability: {label}"] = (shares, pa.float64())
    added["written"] = added["label"]
    for kind, name in columns_of(rows.column_names, labels, wanted).items():
        values, type_ = added[kind]
        rows = rows.append_column(name, pa.array(values, type_))
    return rows


def _sure(answer: Prediction) -> float:
    """Return how sure an answer is; of several places, boxes or labels, that of the least sure one."""
    if answer.labels:
        return min(answer.probabilities[label] for label in answer.labels)
    if answer.probabilities:
        return answer.probabilities.get(answer.label, 0.0)
    shares = [one.probability for one in answer.spans] + [one.probability for one in answer.boxes or ()]
    return min(shares, default=0.0)


def _label(answer: Prediction, wanted: Answer) -> str:
    """Return an answer as a cell: marked places and boxes in the form that can be imported again."""
    if answer.boxes is not None:
        return boxes.write(answer.boxes)
    return spans.write(answer.spans) if wanted is Answer.SPANS else answer.label


def _answer(
    model: Trained, rows: pa.Table, folder: Path, roles: Mapping[ColumnRole, str], reasons: list[str], tick: Tick
) -> list[Prediction | None]:
    """Answer the rows that can be; for the others `reasons` gets why not."""
    cells = {role: rows[column].to_pylist() for role, column in roles.items()}
    for at, value in enumerate(cells[model.role]):
        if not reasons[at] and not (value or "").strip():
            reasons[at] = tr("no picture is named") if model.role is ColumnRole.IMAGE else tr("the text is empty")
    for at, value in enumerate(cells.get(model.task.SPEC.answer.passage, ())):
        if not reasons[at] and not (value or "").strip():
            reasons[at] = tr("the text to search is empty")
    if model.role is ColumnRole.IMAGE:
        cells[model.role] = [str(folder / (value or "").strip().replace("\\", "/")) for value in cells[model.role]]
    try:
        return _answer_good(model, cells, reasons, tick)
    except UnreadablePictureError:
        _look_at_pictures(cells[model.role], reasons)
        return _answer_good(model, cells, reasons, tick)


def _answer_good(
    model: Trained, cells: Mapping[ColumnRole, list[str | None]], reasons: Sequence[str], tick: Tick
) -> list[Prediction | None]:
    good = [at for at, reason in enumerate(reasons) if not reason]
    answers: list[Prediction | None] = [None] * len(reasons)
    if good:
        table = pa.table({role.value: pa.array([values[at] for at in good], pa.string())
                          for role, values in cells.items()})  # fmt: skip
        for at, answer in zip(good, model.answer(table, [""] * len(good), tick), strict=True):
            answers[at] = answer
    return answers


def _look_at_pictures(paths: Sequence[str | None], reasons: list[str]) -> None:
    """Find the pictures of a part that cannot be read; only parts that have one are looked at twice."""

    def flaw(path: str | None) -> str:
        try:
            load(Path(path or ""))
        except OSError as error:
            return why(error)
        return ""

    doubtful = [at for at, reason in enumerate(reasons) if not reason]
    with ThreadPoolExecutor(DECODERS) as pool:
        for at, reason in zip(doubtful, pool.map(flaw, [paths[at] for at in doubtful]), strict=True):
            reasons[at] = reason
