"""Answers that stand in a passage: how they are written in a cell of a table, read back, and found in the passage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

ANSWER = "answer"
"""The one label of rows that have an answer, and of the places that a model marks as one."""

UNPLACED = -1
_TEXTS = ("text", "answer", "answer_text")
_STARTS = ("answer_start", "start", "start_offset")


class Given(BaseModel):
    """An answer as it was given: its letters, and where in the passage they begin, from 0 (`UNPLACED`: not told)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: int
    text: str

    @property
    def end(self) -> int:
        """The letter after the last."""
        return self.start + len(self.text)


def write(answers: Iterable[Given]) -> str:
    """Return the answers as one cell of a table: `[[17, "Lisbon"]]`; a question without an answer is `[]`."""
    return json.dumps([[one.start, one.text] for one in answers], ensure_ascii=False)


def read(cell: str) -> tuple[Given, ...]:
    """Return the answers of a cell; none where the cell says that there is none.

    Takes lists of `[start, "letters"]`, of texts and of objects, what SQuAD's tables have (`{"text": […],
    "answer_start": […]}`), and plain words, which are an answer by themselves. Raises `ValueError` for lists and
    objects of anything else.
    """
    stripped = cell.strip()
    if not stripped.startswith(("[", "{")):
        return (Given(start=UNPLACED, text=stripped),) if stripped else ()
    try:
        found = json.loads(stripped)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError:
        return (Given(start=UNPLACED, text=stripped),)  # words that begin with a bracket
    if isinstance(found, dict):
        found = _columns(found)
    given = [_given(one) for one in found]
    return tuple(one for one in given if one.text.strip())


def sentence(answers: Iterable[Given]) -> str:
    """Say in one line what was answered: `Lisbon · the capital`."""
    return " · ".join(one.text for one in answers)


def _columns(found: Mapping[str, Any]) -> list[Any]:
    """Turn `{"text": ["Lisbon"], "answer_start": [17]}` into a list of answers."""
    texts, starts = _first(found, _TEXTS), _first(found, _STARTS)
    if isinstance(texts, str):
        return [[UNPLACED if starts is None else starts, texts]]
    if not isinstance(texts, list):
        raise ValueError("no texts of answers")
    if not isinstance(starts, list) or len(starts) != len(texts):
        starts = [UNPLACED] * len(texts)
    return [list(pair) for pair in zip(starts, texts, strict=True)]


def _given(found: Any) -> Given:
    if isinstance(found, str):
        found = [UNPLACED, found]
    if isinstance(found, Mapping):
        start = _first(found, _STARTS)
        found = [UNPLACED if start is None else start, _first(found, _TEXTS)]
    if not isinstance(found, list) or len(found) != 2 or type(found[0]) is not int or not isinstance(found[1], str):
        raise ValueError("not a start and the letters of an answer")
    return Given(start=max(found[0], UNPLACED), text=found[1])


def _first(found: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((found[name] for name in names if name in found), None)


def find(passage: str, given: Given) -> Given | None:
    """Return an answer where it stands in the passage: at its place, or else at the nearest place with its letters.

    Without a place it is the first. None where the passage does not have its letters.
    """
    if given.start >= 0 and passage.startswith(given.text, given.start):
        return given
    wanted = given.text.strip()
    places: list[int] = []
    at = passage.find(wanted) if wanted else -1
    while at >= 0:
        places.append(at)
        at = passage.find(wanted, at + 1)
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - given.start)) if given.start >= 0 else places[0]
    return Given(start=start, text=wanted)


def placed(passage: str, given: Sequence[Given]) -> tuple[Given, ...]:
    """Return the answers that stand in the passage, each at its place."""
    return tuple(found for one in given if (found := find(passage, one)) is not None)
