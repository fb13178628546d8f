"""Answers made by hand, without a project."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ftstudio.core.states import Split
from ftstudio.datasets.splits import CODES
from ftstudio.planning.answers import Answers


def answers(
    rows: int = 400, labels: Sequence[str] = ("ham", "spam"), *, too_sure: float = 3.0, seed: int = 1
) -> Answers:
    """Return answers to validation and test rows by halves, whose logits are `too_sure` times what they should be."""
    chance = np.random.default_rng(seed)
    logits = chance.normal(size=(rows, len(labels))) * 1.5
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = (shares.cumsum(axis=1) > chance.random((rows, 1))).argmax(axis=1)
    half = rows // 2
    split = np.array([CODES[Split.VALIDATION]] * half + [CODES[Split.TEST]] * (rows - half), dtype=np.int8)
    return Answers(list(labels), split, np.arange(rows) + 1, np.arange(rows), truth, logits * too_sure)
