"""Texts to be written that are longer than is learned: the model never learns how they end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftstudio.core.errors import Where
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text, text_plural
from ftstudio.datasets import identity, lengths
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.splits import LEFT_OUT

ANSWERS = frozenset({Answer.REWRITE})


def find(case: Case) -> Iterator[Problem]:
    """Report them, measured with the model's own tokenizer on at most a few thousand texts."""
    view, limit = case.view, case.target_length
    tokenizer = lengths.load_tokenizer(case.model) if case.model and limit else None
    if tokenizer is None or not limit or not view.has(ColumnRole.LABEL):
        return
    texts = view.column(ColumnRole.LABEL)
    possible = np.flatnonzero((lengths.byte_lengths(texts) >= limit) & (view.split != LEFT_OUT))
    looked_at = lengths.sample_for_tokens(possible, texts)
    tokens = lengths.token_counts(tokenizer, identity.take(texts, looked_at).to_pylist())
    mask = np.zeros(len(view), dtype=bool)
    mask[looked_at[np.array(tokens, dtype=np.int64) > limit]] = True
    if not mask.any():
        return
    count = max(1, round(len(possible) * float(mask.sum()) / len(looked_at)))
    yield Problem(
        severity=Severity.WARNING if count > 0.05 * len(view) else Severity.NOTE,
        code="written_cut_off",
        message=text_plural(
            "{count} text to be written is longer than the {length} tokens that are learned; its end is cut off.",
            "{count} texts to be written are longer than the {length} tokens that are learned; their ends are cut off.",
            count,
            length=limit,
        ),
        hint=text("Raise the length of what is written if the model allows it, or shorten these texts."),
        count=count,
        where=Where(column=case.dataset.roles.get(ColumnRole.LABEL), field="target_length"),
        **places(view, mask),
    )
