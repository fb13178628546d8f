"""Tags of tokens as files have them (BIO, BIOES and their like), turned into marked places of a text.

Ramshaw and Marcus 1995 (cmp-lg/9505040); the lenient reading of tags without a beginning is that of conlleval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ftstudio.core.spans import Span

_BEGINS, _GOES_ON, _ENDS = frozenset("BSU"), frozenset("IEL"), frozenset("ESLU")
OUTSIDE = "O"


@dataclass(frozen=True)
class Sentence:
    """One text made of tokens, its marked places, and the tokens (from 0) whose tag goes on what never began."""

    text: str
    spans: tuple[Span, ...]
    orphans: tuple[int, ...] = ()


def sentence(tokens: Sequence[str], tags: Sequence[str]) -> Sentence:
    """Join tokens by spaces and their tags to places; a place goes on over I, E and L tags of its kind.

    A tag that goes on what never began, begins; a tag without a prefix stands for I.
    """
    spans: list[Span] = []
    orphans: list[int] = []
    place, kind, start, end = 0, "", 0, 0
    for at, (token, tag) in enumerate(zip(tokens, tags, strict=True)):
        prefix, label, is_told = _parts(tag)
        if kind and (label != kind or prefix in _BEGINS):
            spans.append(Span(start=start, end=end, label=kind))
            kind = ""
        if label and not kind:
            kind, start = label, place
            if prefix in _GOES_ON and is_told:
                orphans.append(at)
        end = place + len(token)
        if kind and prefix in _ENDS:
            spans.append(Span(start=start, end=end, label=kind))
            kind = ""
        place = end + 1
    if kind:
        spans.append(Span(start=start, end=end, label=kind))
    return Sentence(" ".join(tokens), tuple(spans), tuple(orphans))


def _parts(tag: str) -> tuple[str, str, bool]:
    """Return prefix and kind of a tag, and whether it has a prefix: `B-city` is B and city, `city` is I and city."""
    if tag in (OUTSIDE, "", "-"):
        return OUTSIDE, "", False
    if len(tag) > 2 and tag[0] in _BEGINS | _GOES_ON and tag[1] in "-_":
        return tag[0], tag[2:], True
    return "I", tag, False
