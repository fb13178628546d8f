"""Texts that are longer than what the model reads: how many, and how much of them is never seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core.errors import Where
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import ColumnRole
from ftstudio.core.text import text, text_plural
from ftstudio.datasets import lengths
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.splits import LEFT_OUT

_SPECIAL = 2


def find(case: Case) -> Iterator[Problem]:
    """Report texts that are cut, measured with the model's own tokenizer on at most a few thousand texts."""
    tokenizer = lengths.load_tokenizer(case.model) if case.model and case.is_text else None
    if tokenizer is None or not case.max_length:
        return
    view = case.view
    texts = view.column(ColumnRole.TEXT)
    size = pc.fill_null(pc.binary_length(texts), 0).to_numpy()
    possible = np.flatnonzero((size > case.max_length - _SPECIAL) & (view.split != LEFT_OUT))
    looked_at = lengths.sample(possible, lengths.MOST_TOKENIZED)
    tokens = np.array(lengths.token_counts(tokenizer, texts.take(pa.array(looked_at)).to_pylist()), dtype=np.int64)
    is_long = tokens > case.max_length
    if not is_long.any():
        return
    count = max(1, round(len(possible) * float(is_long.mean())))
    lost = 1 - case.max_length * int(is_long.sum()) / int(tokens[is_long].sum())
    mask = np.zeros(len(view), dtype=bool)
    mask[looked_at[is_long]] = True
    yield Problem(
        severity=Severity.WARNING if count > 0.05 * len(view) else Severity.NOTE,
        code="long_texts",
        message=text_plural(
            "{count} text is longer than the {length} tokens the model reads; {share} % of it is not seen.",
            "{count} texts are longer than the {length} tokens the model reads; {share} % of them is not seen.",
            count,
            length=case.max_length,
            share=round(100 * lost, 1),
        ),
        hint=text("Raise the text length if the model allows it, or choose which part of longer texts is kept."),
        count=count,
        where=Where(column=case.dataset.roles.get(ColumnRole.TEXT), field="max_length"),
        **places(view, mask),
    )
