"""Prompts so long that nothing of their answer is read: such a row teaches nothing."""

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

ANSWERS = frozenset({Answer.TEXT})


def find(case: Case) -> Iterator[Problem]:
    """Report prompts that fill all that is read, measured with the model's own tokenizer on some thousand at most."""
    view = case.view
    tokenizer = lengths.load_tokenizer(case.model) if case.model and view.has(ColumnRole.LABEL) else None
    if tokenizer is None or not case.max_length:
        return
    prompts = view.column(ColumnRole.TEXT)
    possible = np.flatnonzero((lengths.byte_lengths(prompts) >= case.max_length) & (view.split != LEFT_OUT))
    looked_at = lengths.sample_for_tokens(possible, prompts)
    tokens = lengths.token_counts(tokenizer, identity.take(prompts, looked_at).to_pylist())
    mask = np.zeros(len(view), dtype=bool)
    mask[looked_at[np.array(tokens, dtype=np.int64) >= case.max_length]] = True
    if not mask.any():
        return
    count = max(1, round(len(possible) * float(mask.sum()) / len(looked_at)))
    yield Problem(
        severity=Severity.WARNING,
        code="answers_cut_off",
        message=text_plural(
            "In {count} row the prompt alone is as long as what is read, {length} tokens: its answer is not learned.",
            "In {count} rows the prompt alone is as long as what is read, {length} tokens: the answer is not learned.",
            count,
            length=case.max_length,
        ),
        hint=text(
            "Raise the text length if the model allows it, keep the end of longer texts, or shorten the prompts."
        ),
        count=count,
        where=Where(column=case.dataset.roles.get(ColumnRole.TEXT), field="max_length"),
        **places(view, mask),
    )
