"""The door to explanations: one input, one label, the method that suits the model, and its check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.deciding import decide
from ftstudio.core.errors import InputError
from ftstudio.core.samples import Explanation
from ftstudio.core.specs import Modality
from ftstudio.core.text import text
from ftstudio.engine.explaining import faithfulness
from ftstudio.engine.explaining.fields import Fields
from ftstudio.engine.explaining.method import methods
from ftstudio.engine.explaining.subject import Subject
from ftstudio.engine.explaining.words import Words
from ftstudio.engine.inference.answering import Trained


def explain(
    trained: Trained, value: str, label: str | None = None, method: str | None = None, *, pair: str | None = None
) -> Explanation:
    """Say what in an input speaks for a label.

    Args:
        trained: the model.
        value: the text, or the path of the picture.
        label: what to explain; None for the answer that the model gives.
        method: a key of `methods`; None for the best that suits the model.
        pair: the second text, where the model reads pairs.

    Raises:
        InputError: there is no such label or method, or nothing to explain.
        UnreadablePictureError: the picture cannot be read.
    """
    subject = _subject(trained, value, pair)
    chosen = _method(subject, method)
    decided = decide(subject.without([np.zeros(subject.parts, dtype=bool)]), trained.bundle.labels, trained.decision)
    target = int(decided.label[0]) if label is None else _position(trained, label)
    weighed = chosen.weigh(subject, target)
    name = trained.bundle.labels[target]
    return Explanation(
        kind="picture" if isinstance(subject, Fields) else "words",
        label=name,
        method=chosen.SPEC.key,
        probability=float(decided.probabilities[0, target]),
        pieces=subject.pieces(weighed.weights) if isinstance(subject, Words) else [],
        heat=heat_of(weighed.weights).tolist() if isinstance(subject, Fields) else [],
        box=subject.box() if isinstance(subject, Fields) else (0.0, 0.0, 1.0, 1.0),
        gap=weighed.gap,
        faithfulness=faithfulness.check(subject, subject.part_weights(weighed.weights), target, name),
    )


def heat_of(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what speaks for the label as values from 0 to 1; all 0 where nothing does."""
    heat = np.maximum(weights, 0.0)
    top = heat.max(initial=0.0)
    result: NDArray[np.float64] = np.round(heat / top, 4) if top > 0 else heat
    return result


def _subject(trained: Trained, value: str, pair: str | None) -> Words | Fields:
    if trained.task.SPEC.modality is Modality.IMAGE:
        return Fields(trained, Path(value))
    found = Words(trained, [value] if pair is None else [value, pair])
    if not found.parts:
        raise InputError(text("The text is empty, so there is nothing to explain."), text("Give a text with words."))
    return found


def _method(subject: Subject, wanted: str | None) -> Any:
    suiting = methods(subject)
    found = [one for one in suiting if wanted in (None, one.SPEC.key)]
    if found:
        return found[0]
    raise InputError(
        text("The method “{method}” cannot explain this model.", method=wanted or ""),
        text("Choose one of: {choices}.", choices=", ".join(one.SPEC.key for one in suiting)),
        field="method",
    )


def _position(trained: Trained, label: str) -> int:
    if label in trained.bundle.labels:
        return trained.bundle.labels.index(label)
    raise InputError(
        text("The model knows no label “{label}”.", label=label),
        text("Its labels are: {labels}.", labels=", ".join(trained.bundle.labels)),
        field="label",
    )
