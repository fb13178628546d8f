"""What a metric is called, which way is better and how it is shown. The numbers themselves are made in the engine."""

from __future__ import annotations

from dataclasses import dataclass

from ftstudio.core.quantities import score
from ftstudio.core.translation import N_, tr

_WORDS = {
    "accuracy": N_("accuracy"),
    "balanced_accuracy": N_("balanced accuracy"),
    "loss": N_("loss"),
    "perplexity": N_("perplexity"),
    "precision": N_("precision"),
    "recall": N_("recall"),
}


@dataclass(frozen=True)
class MetricSpec:
    """One metric; `key` follows scikit-learn's names, `title` and `help` are English and translated when shown.

    One that is not measured `at_checks` of a run, but only at its end and on request, cannot be monitored.
    """

    key: str
    title: str
    help: str
    higher_is_better: bool = True
    minimum_gain: float = 0.001
    at_checks: bool = True

    def is_better(self, value: float, than: float | None, gain: float = 0.0) -> bool:
        """Whether `value` beats `than` by more than `gain`; anything finite beats None, NaN beats nothing."""
        if value != value:
            return False
        if than is None or than != than:
            return True
        return value > than + gain if self.higher_is_better else value < than - gain

    @property
    def in_sentence(self) -> str:
        """Its name in the middle of a sentence."""
        return _WORDS.get(self.key, self.title)

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
"""The metrics of every task that chooses one label per row (`engine.answers.classification`)."""


SPANS = (
    MetricSpec(
        "f1",
        N_("F1"),
        N_(
            "High only when places are both found and not claimed wrongly. A place counts as found when its beginning, "
            "its end and its kind are right."
        ),
    ),
    MetricSpec("precision", N_("Precision"), N_("The share of marked places that are right.")),
    MetricSpec("recall", N_("Recall"), N_("The share of places that were found.")),
    MetricSpec("macro_f1", N_("Macro-F1"), N_("The mean over kinds of places of F1. Rare kinds count as much.")),
    MetricSpec("loss", N_("Loss"), N_("How surprised the model is by the right labels."), higher_is_better=False),
)
"""The metrics of tasks that mark places in a text (`engine.answers.tagging`)."""


SEVERAL_LABELS = (
    MetricSpec(
        "micro_f1",
        N_("Micro-F1"),
        N_("High only when labels are both found and not given wrongly. Every label given or missed counts the same."),
    ),
    MetricSpec(
        "macro_f1", N_("Macro-F1"), N_("The mean over labels of F1. Rare labels count as much as frequent ones.")
    ),
    MetricSpec(
        "average_precision",
        N_("Average precision"),
        N_("The mean over labels of how far ahead the rows that have it come, whatever threshold is chosen later."),
    ),
    MetricSpec(
        "subset_accuracy", N_("All labels right"), N_("The share of rows that were given just the labels they have.")
    ),
    MetricSpec("loss", N_("Loss"), N_("How surprised the model is by the right labels."), higher_is_better=False),
)
"""The metrics of tasks that give a row any number of labels (`engine.answers.several_labels`)."""


NUMBERS = (
    MetricSpec(
        "r2",
        N_("R²"),
        N_(
            "How much of the differences between rows the model foresees: 1 is all of them, 0 is no better than always "
            "giving the mean."
        ),
    ),
    MetricSpec(
        "mae",
        N_("Mean error"),
        N_("How far answers are off on average, in the unit of your numbers."),
        higher_is_better=False,
        minimum_gain=0.0,
    ),
    MetricSpec(
        "rmse",
        N_("Root mean square error"),
        N_("As the mean error, but large errors count for more than small ones."),
        higher_is_better=False,
        minimum_gain=0.0,
    ),
    MetricSpec("spearman", N_("Rank correlation"), N_("Whether rows come in the right order: 1 is the same order.")),
    MetricSpec("loss", N_("Loss"), N_("The mean square error of the standardised numbers."), higher_is_better=False),
)
"""The metrics of tasks that answer with a number (`engine.answers.numbers`)."""


WRITING = (
    MetricSpec(
        "loss",
        N_("Loss"),
        N_("How surprised the model is by the next piece of a text, on average. Lower is better."),
        higher_is_better=False,
    ),
    MetricSpec(
        "perplexity",
        N_("Perplexity"),
        N_("Among how many equally likely pieces the model seems to choose each time. 1 would be certainty."),
        higher_is_better=False,
    ),
    MetricSpec(
        "token_accuracy",
        N_("Foreseen"),
        N_("The share of pieces (words or parts of words) that the model held for the likeliest."),
    ),
)
"""The metrics of tasks that write texts (`engine.answers.generating`)."""


REWRITING = (
    *WRITING,
    MetricSpec(
        "rouge_l",
        N_("ROUGE-L"),
        N_("How many words of the written and the right texts are the same and in the same order. 1 is all of them."),
        at_checks=False,
    ),
    MetricSpec(
        "chrf",
        N_("chrF"),
        N_("How many pieces of one to six letters the written and the right texts have in common. 1 is all of them."),
        at_checks=False,
    ),
)
"""The metrics of tasks that write a text in place of another (`engine.language.rewriting`)."""


EXTRACTS = (
    MetricSpec(
        "f1",
        N_("F1"),
        N_("How much of the right answer's words the given answers have, and how little else. SQuAD counts like this."),
    ),
    MetricSpec("exact_match", N_("Exact match"), N_("The share of answers that are right to the word.")),
    MetricSpec("f1_with_answer", N_("F1 where there is an answer"), N_("The F1 of words of the other questions only.")),
    MetricSpec(
        "right_without_answer",
        N_("Right where there is none"),
        N_("The share of questions without an answer to which none was given."),
    ),
    MetricSpec("loss", N_("Loss"), N_("How surprised the model is by the right answers."), higher_is_better=False),
)
"""The metrics of tasks that find an answer in a passage (`engine.answers.extracting`)."""


BOXES = (
    MetricSpec(
        "map_50",
        N_("mAP 50"),
        N_(
            "How well things are found and named, over all kinds and degrees of certainty. A box counts as right when "
            "it and the true one have at least half of their common area in common."
        ),
    ),
    MetricSpec(
        "map",
        N_("mAP 50–95"),
        N_("The same, also asking for boxes that fit closely: the mean over ten shares of common area from 0.5 on."),
    ),
    MetricSpec("loss", N_("Loss"), N_("How surprised the model is by the right boxes."), higher_is_better=False),
)
"""The metrics of tasks that draw boxes (`engine.answers.detecting`)."""


_ALL = (*ONE_LABEL, *SEVERAL_LABELS, *NUMBERS, *SPANS, *EXTRACTS, *REWRITING, *BOXES)


def shown_title(key: str) -> str:
    """Return what people call a metric (`Macro-F1`); one that is not known keeps its key."""
    return next((tr(one.title) for one in _ALL if one.key == key), key)
