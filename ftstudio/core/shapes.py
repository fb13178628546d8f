"""Kinds of answer that tasks of one label also give where the rows have other labels: several of them, or a number."""

from __future__ import annotations

from dataclasses import replace

from ftstudio.core.metrics import NUMBERS, SEVERAL_LABELS
from ftstudio.core.presets import Recommendation
from ftstudio.core.specs import Answer, Shape
from ftstudio.core.text import text
from ftstudio.core.translation import N_

TITLES = {
    Answer.LABEL: N_("One class"),
    Answer.LABELS: N_("Several classes"),
    Answer.NUMBER: N_("A number"),
}
"""What the kinds of label among which people choose are called."""


def _for_labels(found: Recommendation) -> Recommendation:
    """Let every label count as often as it is there: how sure is enough is chosen after training, for each label."""
    reasons = {key: why for key, why in found.reasons.items() if key != "class_weights"}
    return replace(
        found, values={**found.values, "monitor": "average_precision", "class_weights": "none"}, reasons=reasons
    )


def _for_numbers(found: Recommendation) -> Recommendation:
    values = {**found.values, "monitor": "r2", "class_weights": "none", "label_smoothing": 0.0}
    reasons = {key: why for key, why in found.reasons.items() if key not in ("class_weights", "label_smoothing")}
    reasons["monitor"] = text("R² means the same whatever the unit of your numbers is.")
    return replace(found, values=values, reasons=reasons)


LABELS = Shape(Answer.LABELS, TITLES[Answer.LABELS], SEVERAL_LABELS, "average_precision", _for_labels)
NUMBER = Shape(Answer.NUMBER, TITLES[Answer.NUMBER], NUMBERS, "r2", _for_numbers)
CLASSIFIERS = (LABELS, NUMBER)
"""What every classifier can also learn: its head has one output a label, or one for the number."""
