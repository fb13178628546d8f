"""Answers without a calibration error: for them how sure a model is cannot be held against how often it is right.

A box, or an answer, that is a little off is neither right nor wrong. That a word is in no place is nearly always
certain and right, which would flatter every model. A number comes without a claim of how sure it is, and how sure a
writer is of each piece is what its perplexity tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from ftstudio.core.deciding import AS_TRAINED, Decision


def calibration_error(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> float | None:
    """Return None, as the answer to a question that has no sense here."""
    return None
