"""Answers to questions that cannot be learned as they stand: unreadable, not in their passage, at a wrong place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftstudio.core import answers
from ftstudio.core.answers import Given
from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets import lengths
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.splits import LEFT_OUT
from ftstudio.datasets.view import Mask

ANSWERS = frozenset({Answer.EXTRACT})
_REMOVE = Fix(key="drop_left_out", label=text("Remove these rows"))


def find(case: Case) -> Iterator[Problem]:
    """Report answers that cannot be read or found, that had to be looked for, and questions longer than fits."""
    view = case.view
    usable = view.split != LEFT_OUT
    yield from _unreadable(case, (view.label_numbers < 0) & view.filled(ColumnRole.LABEL))
    passages = view.column(ColumnRole.TEXT_PAIR).to_pylist()
    given = [_read(cell) for cell in view.column(ColumnRole.LABEL).to_pylist()]
    pairs = [(passage or "", found) for passage, found in zip(passages, given, strict=True)]
    whole = view.filled(ColumnRole.TEXT) & view.filled(ColumnRole.TEXT_PAIR)
    yield from _missing(case, whole & np.array([_is_missing(*pair) for pair in pairs], dtype=bool))
    yield from _moved(case, usable & np.array([_is_moved(*pair) for pair in pairs], dtype=bool))
    yield from _cut_questions(case, usable)
    yield from _none_without(case, np.array([not found for found in given], dtype=bool))


def _read(cell: str | None) -> tuple[Given, ...]:
    try:
        return answers.read(cell or "")
    except ValueError:
        return ()


def _is_missing(passage: str, given: tuple[Given, ...]) -> bool:
    return bool(given) and not answers.placed(passage, given)


def _is_moved(passage: str, given: tuple[Given, ...]) -> bool:
    """Whether an answer does not stand where it is said to, but elsewhere in the passage."""
    stated = ((one, answers.find(passage, one)) for one in given if one.start >= 0)
    return any(found is not None and found.start != one.start for one, found in stated)


def _unreadable(case: Case, which: Mask) -> Iterator[Problem]:
    if count := int(which.sum()):
        yield _problem(
            case,
            "unreadable_answers",
            which,
            text_plural(
                "{count} row has answers that cannot be read; it is left out.",
                "{count} rows have answers that cannot be read; they are left out.",
                count,
            ),
            text('Write an answer in plain words or as [[17, "Lisbon"]], and [] where there is none.'),
            fix=_REMOVE,
        )


def _missing(case: Case, which: Mask) -> Iterator[Problem]:
    if count := int(which.sum()):
        yield _problem(
            case,
            "answers_not_found",
            which,
            text_plural(
                "The answer to {count} question does not stand in its text; the question is left out.",
                "The answers to {count} questions do not stand in their texts; the questions are left out.",
                count,
            ),
            text("An answer must be written as in its text, letter by letter. Correct the file and import it again."),
            fix=_REMOVE,
        )


def _moved(case: Case, which: Mask) -> Iterator[Problem]:
    if count := int(which.sum()):
        yield _problem(
            case,
            "answers_elsewhere",
            which,
            text_plural(
                "{count} question has an answer that stands at another place than stated; the nearest one is used.",
                "{count} questions have answers that stand at other places than stated; the nearest ones are used.",
                count,
            ),
            text("If many do, the places may be counted in bytes, or from 1: look at an example."),
        )


def _cut_questions(case: Case, usable: Mask) -> Iterator[Problem]:
    """Report questions that take more than half of what is read at once, measured with the model's tokenizer."""
    tokenizer = lengths.load_tokenizer(case.model) if case.model else None
    if tokenizer is None or not case.max_length:
        return
    questions, most = case.view.column(ColumnRole.TEXT), case.max_length // 2
    possible = np.flatnonzero((lengths.byte_lengths(questions) > most) & usable)
    tokens = lengths.token_counts(tokenizer, questions.take(possible).to_pylist())
    which = np.zeros(len(usable), dtype=bool)
    which[possible[np.array(tokens, dtype=np.int64) > most + 2]] = True
    if count := int(which.sum()):
        yield _problem(
            case,
            "long_questions",
            which,
            text_plural(
                "{count} question is longer than {length} tokens; the rest of it is not read.",
                "{count} questions are longer than {length} tokens; the rest of them is not read.",
                count,
                length=most,
            ),
            text("Raise the text length, or ask more briefly."),
            field="max_length",
        )


def _none_without(case: Case, none: Mask) -> Iterator[Problem]:
    taught = case.view.in_split(Split.TRAIN)
    if taught.any() and not (none & taught).any():
        yield Problem(
            severity=Severity.NOTE,
            code="always_an_answer",
            message=text("Every training question has an answer, so the model will always give one."),
            hint=text("Add questions that their text does not answer, with [] as the answer, if such will be asked."),
            where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
        )


def _problem(
    case: Case, code: str, which: Mask, message: Text, hint: Text, fix: Fix | None = None, field: str | None = None
) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code=code,
        message=message,
        hint=hint,
        count=int(which.sum()),
        where=Where(column=case.dataset.roles.get(ColumnRole.LABEL), field=field),
        fix=fix,
        **places(case.view, which),
    )
