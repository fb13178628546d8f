"""What a metric is called, which way is better and how it is shown. The numbers themselves are made in the engine."""

from __future__ import annotations

from dataclasses import dataclass

from ftstudio.core.quantities import score
from ftstudio.core.translation import N_, tr


@dataclass(frozen=True)
class MetricSpec:
    """One metric; `key` follows scikit-learn's names, `title` and `help` are English and translated when shown."""

    key: str
    title: str
    help: str
    higher_is_better: bool = True
    minimum_gain: float = 0.001

    def is_better(self, value: float, than: float | None, gain: float = 0.0) -> bool:
        """Whether `value` beats `than` by more than `gain`; anything finite beats None, NaN beats nothing."""
        if value != value:
            return False
        if than is None or than != than:
            return True
        return value > than + gain if self.higher_is_better else value < than - gain

    def show(self, value: float) -> str:
        """Write a value of this metric for a person."""
        return score(value)


ONE_LABEL = (
    MetricSpec(
        "macro_f1",
        N_("Macro-F1"),
        N_(
            "The mean over classes of F1, which is high only when a class is both found and not claimed wrongly. "
            "Rare classes count as much as frequent ones."
        ),
    ),
    MetricSpec("accuracy", N_("Accuracy"), N_("The share of rows with the right label.")),
    MetricSpec("balanced_accuracy", N_("Balanced accuracy"), N_("The mean over classes of the share found.")),
    MetricSpec("loss", N_("Loss"), N_("How surprised the model is by the right labels."), higher_is_better=False),
)
"""The metrics of every task that chooses one label per row (`engine.classification`)."""


def shown_title(key: str) -> str:
    """Return what people call a metric (`Macro-F1`); one that is not known keeps its key."""
    return next((tr(metric.title) for metric in ONE_LABEL if metric.key == key), key)
