"""Words that the model was not made for: a vocabulary that cuts most words into pieces comes from another language."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftstudio.core.errors import Where
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.specs import ColumnRole
from ftstudio.core.text import text
from ftstudio.datasets import identity, lengths
from ftstudio.datasets.checks import Case
from ftstudio.datasets.splits import LEFT_OUT

MOST_WORDS = 3_000
FEWEST_WORDS = 100
PIECES_A_WORD = 1.9  # English under an English vocabulary: 1.1 to 1.4; German or Portuguese under it: 2.2 and more


def find(case: Case) -> Iterator[Problem]:
    """Report when words fall into many pieces, measured on plain words only, so that addresses do not count."""
    tokenizer = lengths.load_tokenizer(case.model) if case.model and case.is_text else None
    if tokenizer is None:
        return
    words = _words(case)
    if len(words) < FEWEST_WORDS:
        return
    pieces = [len(encoding.ids) for encoding in tokenizer.encode_batch(words, add_special_tokens=False)]
    average = float(np.mean(pieces))
    if average < PIECES_A_WORD:
        return
    yield Problem(
        severity=Severity.WARNING,
        code="unfamiliar_words",
        message=text(
            "The model cuts your words into {pieces} pieces on average: it was probably not made for this language.",
            pieces=round(average, 1),
        ),
        hint=text("A model for your language, or a multilingual one, will understand new texts better."),
        where=Where(column=case.dataset.roles.get(ColumnRole.TEXT), field="model"),
        examples=tuple(word for _, word in sorted(zip(pieces, words, strict=True), reverse=True)[:5]),
    )


def _words(case: Case) -> list[str]:
    """Return words made of letters alone, from a spread of the usable texts."""
    texts = case.view.column(ColumnRole.TEXT)
    rows = lengths.sample_for_tokens(np.flatnonzero(case.view.split != LEFT_OUT), texts)
    found: list[str] = []
    for one in identity.take(texts, rows).to_pylist():
        found += [word for word in (one or "").split() if word.isalpha() and len(word) > 1]
        if len(found) >= MOST_WORDS:
            break
    return found[:MOST_WORDS]
