"""Marked places of a text: how they are written in a cell of a table, read back, and said to people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

_STARTS = ("start", "start_offset", "begin")
_ENDS = ("end", "end_offset", "stop")
_LABELS = ("label", "labels", "type", "tag", "entity", "entity_group", "category")
_LISTS = ("spans", "entities", "annotations", "label")


class Span(BaseModel):
    """The letters `start` to `end` (not included) of a text, counted from 0, and what they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: int
    end: int
    label: str


class Marked(Span):
    """A place that a model has marked: its letters, and how sure the model is of it, in [0, 1]."""

    text: str = ""
    probability: float = 1.0


def write(spans: Iterable[Span]) -> str:
    """Return the spans as one cell of a table: `[[0, 6, "city"]]`; a text without any is `[]`."""
    return json.dumps([[one.start, one.end, one.label] for one in spans], ensure_ascii=False)


def read(cell: str) -> tuple[Span, ...]:
    """Return the spans of a cell, in the order of the text.

    Takes lists of `[start, end, label]` and of objects with such keys, as annotation programs write them. Raises
    `ValueError` for anything else. Whether the places lie in the text is for `fitting` to say.
    """
    try:
        found = json.loads(cell)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if isinstance(found, dict):
        found = next((found[key] for key in _LISTS if isinstance(found.get(key), list)), None)
    if not isinstance(found, list):
        raise ValueError("not a list")
    return tuple(sorted((_span(one) for one in found), key=lambda one: (one.start, one.end)))


def _span(found: Any) -> Span:
    if isinstance(found, Mapping):
        found = [_first(found, names) for names in (_STARTS, _ENDS, _LABELS)]
    if not isinstance(found, list) or len(found) != 3:
        raise ValueError("not a start, an end and a label")
    start, end, label = found
    if isinstance(label, list) and len(label) == 1:
        label = label[0]
    if type(start) is not int or type(end) is not int or not isinstance(label, str) or not label.strip():
        raise ValueError("not a start, an end and a label")
    return Span(start=start, end=end, label=label.strip())


def _first(found: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((found[name] for name in names if name in found), None)


def fitting(spans: Iterable[Span], length: int) -> tuple[Span, ...]:
    """Return the spans that lie in a text of `length` letters and on none before them; of two on one place, the first.

    A model that marks every word once cannot learn places that lie on each other.
    """
    kept: list[Span] = []
    for one in sorted(spans, key=lambda span: (span.start, -span.end)):
        if 0 <= one.start < one.end <= length and (not kept or one.start >= kept[-1].end):
            kept.append(one)
    return tuple(kept)


def sentence(passage: str, spans: Iterable[Span]) -> str:
    """Say in one line what is marked in a text: `Lisbon (city), Ana (person)`."""
    return ", ".join(f"{passage[one.start : one.end]} ({one.label})" for one in spans)
