"""Whether an explanation is true of the model: without what it calls important, does the model believe less?

The deletion check (Samek et al., 1509.06321), for one input: the strongest fifth of its parts is taken away, and as a
comparison as many parts drawn by chance, several times.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.deciding import softmax
from ftstudio.core.quantities import percent
from ftstudio.core.samples import Faithfulness
from ftstudio.core.specs import Modality
from ftstudio.core.text import Text, text, text_plural
from ftstudio.engine.explaining.subject import Subject

SHARE = 0.2
DRAWS = 10


def check(subject: Subject, weights: NDArray[np.float64], target: int, label: str) -> Faithfulness | None:
    """Take parts away and compare; None where fewer than two parts could be taken away.

    Args:
        subject: the input.
        weights: what each part weighs for `target`, shape [parts].
        target: the label explained, as a position.
        label: its name.
    """
    worth = np.flatnonzero(subject.worth)
    if len(worth) < 2:
        return None
    count = max(1, round(SHARE * len(worth)))
    chance = np.random.default_rng(0)
    top = worth[np.argsort(-weights[worth], kind="stable")[:count]]
    drawn = [chance.choice(worth, count, replace=False) for _ in range(DRAWS)]
    removals = [np.isin(np.arange(subject.parts), gone) for gone in (worth[:0], top, *drawn)]
    shares = softmax(subject.without(removals), subject.trained.decision.temperature)[:, target]
    found = Faithfulness(
        before=float(shares[0]),
        without_top=float(shares[1]),
        without_random=float(shares[2:].mean()),
        removed=count,
        parts=len(worth),
    )
    return found.model_copy(update={"sentence": _in_words(subject.modality, label, found)})


def _in_words(modality: Modality, label: str, found: Faithfulness) -> Text:
    figures = {
        "label": label,
        "before": percent(found.before),
        "top": percent(found.without_top),
        "random": percent(found.without_random),
    }
    if not found.tells:
        return text(
            "It makes no difference which fifth is taken away: the probability of “{label}” goes from {before} to "
            "{top} without what is marked, and to {random} without others. The answer rests on many parts at once.",
            **figures,
        )
    if not found.holds:
        return text(
            "Do not rely on this explanation: without what it marks, the probability of “{label}” goes from {before} "
            "to {top}, but without as much taken out by chance to {random}.",
            **figures,
        )
    if modality is Modality.IMAGE:
        return text(
            "With the strongest fifth of the picture blurred, the probability of “{label}” goes from {before} to "
            "{top}; with another fifth blurred by chance, to {random}.",
            **figures,
        )
    return text_plural(
        "Without the strongest word the probability of “{label}” goes from {before} to {top}; without another word, "
        "taken by chance, to {random}.",
        "Without the {count} strongest words the probability of “{label}” goes from {before} to {top}; without "
        "{count} others, taken by chance, to {random}.",
        found.removed,
        **figures,
    )
