"""Texts that are longer than what the model reads: how many, and how much of them is never seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftstudio.core import chats
from ftstudio.core.errors import Where
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets import identity, lengths
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.splits import LEFT_OUT

ANSWERS = frozenset(Answer) - {Answer.EXTRACT}
_SPECIAL = 2


def find(case: Case) -> Iterator[Problem]:
    """Report texts that are cut, measured with the model's own tokenizer on at most a few thousand texts."""
    tokenizer = lengths.load_tokenizer(case.model) if case.model and case.is_text else None
    if tokenizer is None or not case.max_length:
        return
    view = case.view
    texts = lengths.read_texts(view)
    possible = np.flatnonzero((lengths.byte_lengths(texts) > case.max_length - _SPECIAL) & (view.split != LEFT_OUT))
    looked_at = lengths.sample_for_tokens(possible, texts)
    read = lengths.without_forms(view, identity.take(texts, looked_at))
    tokens = np.array(lengths.token_counts(tokenizer, read.to_pylist()), dtype=np.int64)
    is_long = tokens > case.max_length
    if view.answer is Answer.TEXT and not view.has(ColumnRole.LABEL):  # whole texts are read on in blocks, not cut
        are_chats = [chats.is_one(one or "") for one in identity.take(texts, looked_at).to_pylist()]
        is_long &= np.array(are_chats, dtype=bool)
    if not is_long.any():
        return
    count = max(1, round(len(possible) * float(is_long.mean())))
    lost = 1 - case.max_length * int(is_long.sum()) / int(tokens[is_long].sum())
    mask = np.zeros(len(view), dtype=bool)
    mask[looked_at[is_long]] = True
    is_sample = len(looked_at) < len(possible)
    yield Problem(
        severity=Severity.WARNING if count > 0.05 * len(view) else Severity.NOTE,
        code="long_texts",
        message=_message(count, case.max_length, round(100 * lost, 1), is_sample),
        hint=text("Raise the text length if the model allows it, or choose which part of longer texts is kept."),
        count=count,
        where=Where(column=case.dataset.roles.get(ColumnRole.TEXT), field="max_length"),
        **places(view, mask),
    )


def _message(count: int, length: int, share: float, is_sample: bool) -> Text:
    if is_sample:
        return text(
            "About {count} texts are longer than the {length} tokens that are read; {share} % of them is not seen.",
            count=count,
            length=length,
            share=share,
        )
    return text_plural(
        "{count} text is longer than the {length} tokens that are read; {share} % of it is not seen.",
        "{count} texts are longer than the {length} tokens that are read; {share} % of them is not seen.",
        count,
        length=length,
        share=share,
    )
