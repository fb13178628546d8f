"""Parts by taking each away and looking what the model says then: slow, but true by construction.

Zeiler and Fergus 2013 (1311.2901). Of long texts, neighbouring words are taken away together.
"""

from __future__ import annotations

import numpy as np

from ftstudio.core.specs import Modality
from ftstudio.core.translation import N_
from ftstudio.engine.explaining.fields import GRID, Fields
from ftstudio.engine.explaining.method import MethodSpec
from ftstudio.engine.explaining.subject import Subject, Weighed, log_odds

SPEC = MethodSpec("occlusion", N_("Leaving parts out"), frozenset({Modality.TEXT, Modality.IMAGE}), 30)
MOST_TRIES = 128


def suits(subject: Subject) -> bool:
    """Every model can be asked again."""
    return True


def weigh(subject: Subject, target: int) -> Weighed:
    """Return by how much the log-odds of `target` fall without each part."""
    parts = np.flatnonzero(subject.worth)
    groups = np.array_split(parts, min(MOST_TRIES, len(parts))) if len(parts) else []
    removals = [np.zeros(subject.parts, dtype=bool), *(np.isin(np.arange(subject.parts), group) for group in groups)]
    scores = log_odds(subject.without(removals), target)
    weights = np.zeros(subject.parts)
    for group, after in zip(groups, scores[1:], strict=True):
        weights[group] = (scores[0] - after) / len(group)
    return Weighed(weights.reshape(GRID, GRID) if isinstance(subject, Fields) else weights)
