"""What a preset knows and what it answers. The rules themselves belong to each task (`SPEC.recommend`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ftstudio.core.detections import READ_SIDES
from ftstudio.core.settings import Overrides, TrainingSettings, build
from ftstudio.core.text import Text, text
from ftstudio.core.tuning_methods import METHODS

LONGEST = 1000  # epochs, as the settings allow them


@dataclass(frozen=True)
class Facts:
    """What is known before training, without torch: about the data, the model and the machine.

    Counts are of training rows; lengths are in tokens and 0 where unknown or meaningless, `long_answer` is that of
    texts to be written apart from those that are read; `memory_bytes` is what the chosen device can give.
    `tuning_method` and `epochs` are the user's own choice, empty and 0 where they are left to the preset. Where texts
    are read on in blocks, there are `texts` of them (pieces of one count as one), and `text_lengths` are those of some.
    `new_detector` tells that a detector is put on a classifier.
    """

    rows: int
    classes: int = 0
    smallest_class: int = 0
    median_length: int = 0
    long_length: int = 0
    long_answer: int = 0
    parameters: int = 0
    blocks: int = 0
    hidden_size: int = 0
    model_max_length: int = 0
    input_size: int = 0
    model_source: str = "huggingface"
    model_kind: str = ""
    device: str = "cpu"
    memory_bytes: int = 8_000_000_000
    cores: int = 2
    tuning_method: str = ""
    epochs: float = 0.0
    texts: int = 0
    text_lengths: tuple[int, ...] = ()
    new_detector: bool = False

    def side_read(self, settings: TrainingSettings) -> int:
        """Return the side in pixels of the pictures that a run reads, 0 where it reads none or that is not known."""
        own = READ_SIDES[settings.detector] if self.new_detector else self.input_size
        return (settings.picture_size or own) if own else 0

    def learned_rows(self, settings: TrainingSettings) -> int:
        """Return how many rows an epoch has: the blocks in which texts are read on, else the rows of the data."""
        if not self.text_lengths or settings.long_text == "drop":
            return self.rows
        blocks = sum(max(1, -(-one // settings.max_length)) for one in self.text_lengths)
        return max(1, round(self.texts * blocks / len(self.text_lengths)))

    def learned_length(self, settings: TrainingSettings) -> int:
        """Return how many tokens a row of an epoch has: the usual number, or the mean of the blocks."""
        if not self.text_lengths or settings.long_text == "drop":
            return self.median_length
        return round(self.texts * sum(self.text_lengths) / len(self.text_lengths) / self.learned_rows(settings))


@dataclass(frozen=True)
class Recommendation:
    """Settings that a preset proposes, with the reason for each value it chose."""

    values: dict[str, Any]
    reasons: dict[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Resolved:
    """The settings a run would use: preset plus the user's changes; `reasons` only for values left to the preset."""

    settings: TrainingSettings
    recommended: dict[str, Any]
    reasons: dict[str, Text]


def follow_method(
    values: dict[str, Any], reasons: dict[str, Text], facts: Facts, method: str, *, head: float, adapters: float = 1e-3
) -> None:
    """Set the rate, and what goes with it, of a method that needs another than full tuning.

    Args:
        values: settings so far, with the rate of full tuning.
        reasons: the reason of each value.
        facts: what is known before training.
        method: the tuning method in force.
        head: the learning rate of a head alone.
        adapters: that of LoRA.
    """
    if method == "head":
        values |= {"learning_rate": head, "weight_decay": 0.0}
    if method == "lora":
        values["learning_rate"] = adapters
        reasons["learning_rate"] = text("Adapters start from nothing and need some ten times the rate of full tuning.")
    if method == "gradual":
        choose_pace(values, reasons, facts)


def choose_pace(values: dict[str, Any], reasons: dict[str, Text], facts: Facts) -> None:
    """Set the pace of gradual unfreezing so that every block of the model learns from mid-run on."""
    epochs = facts.epochs or values["epochs"]
    values["gradual_epochs"] = round(max(0.05, epochs / (2 * (facts.blocks + 1))), 2)
    reasons["gradual_epochs"] = text("At this pace the lowest block joins when half of the run is over.")


def propose(recommend: Callable[[str, Facts], Recommendation], facts: Facts, overrides: Overrides) -> Recommendation:
    """Ask a task (`TaskSpec.recommend`) for settings that suit what the user has chosen: preset, method, length.

    A rate that suits one method spoils another, so values left to the preset follow the method in force.
    """
    method = overrides.values.get("tuning_method", "")
    known = method if isinstance(method, str) and method in METHODS else ""
    epochs = overrides.values.get("epochs", 0.0)
    length = float(epochs) if isinstance(epochs, int | float) and 0 < epochs <= LONGEST else 0.0
    return recommend(overrides.preset, replace(facts, tuning_method=known, epochs=length))


def resolve(recommendation: Recommendation, overrides: Overrides) -> Resolved:
    """Lay the user's changes over a recommendation; raises `InputError` for a value that cannot be."""
    settings = build({**recommendation.values, **overrides.values})
    reasons = {key: why for key, why in recommendation.reasons.items() if key not in overrides.values}
    defaults = TrainingSettings().model_dump()
    return Resolved(settings, {**defaults, **recommendation.values}, reasons)
