"""What a tuning method makes of each part of a model, in parameters: for the layer map and for estimates. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ftstudio.core.adapters import adaptable_layers, chosen_layers, part_adapters
from ftstudio.core.module_tree import EMBEDDINGS, HEAD, Part
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.tuning_methods import METHODS, groups_from_top

WEIGHT_BYTES = 4
SMALL_BYTES = 0.52  # in 4 bits, with what scales them
LEARNING_BYTES = 12  # a gradient and two moments beside each weight that learns
UNKNOWN = {"head": (0.0, 0.0), "top_layers": (0.3, 0.3), "lora": (0.03, 1.0)}


@dataclass(frozen=True)
class PartEffort:
    """One part of a model in training.

    `state` is `frozen`, `learning` or `adapter`; `learning` counts the parameters that learn in it (those of an
    adapter come on top of its own), `joins` is the epoch from which it learns (0: from the start). `small` of its
    parameters rest in 4 bits.
    """

    part: Part
    state: str
    learning: int
    joins: float = 0.0
    small: int = 0

    @property
    def memory(self) -> int:
        """The bytes that the part's weights take, with what learning needs beside them."""
        added = self.learning if self.state == "adapter" else 0
        whole = WEIGHT_BYTES * (self.part.parameters - self.small + added)
        return whole + int(SMALL_BYTES * self.small) + LEARNING_BYTES * self.learning


@dataclass(frozen=True)
class Effort:
    """What learning takes of a whole model, as shares from 0 to 1.

    `share` is that of the parameters that learn; `reach` that of the layers which gradients must pass, from the
    output down to the lowest part that learns (by their parameters, embeddings left out: they compute nothing);
    `small` that of the parameters which rest in 4 bits.
    """

    share: float
    reach: float
    small: float = 0.0


def part_efforts(parts: Sequence[Part], settings: TrainingSettings) -> list[PartEffort]:
    """Return what each part does with these settings, from input to output."""
    method = METHODS[settings.tuning_method]
    chosen = method.learning(parts, settings)
    adapters = part_adapters(parts, settings.lora_targets, settings.lora_rank) if method.adapts else {}
    small = _small(parts, settings) if method.adapts else {}
    joins = _joins(parts, settings)
    found: list[PartEffort] = []
    for part in parts:
        if part.name not in chosen:
            found.append(PartEffort(part, "frozen", 0))
        elif method.adapts and part.kind != HEAD:
            found.append(PartEffort(part, "adapter", adapters[part.name], small=small.get(part.name, 0)))
        else:
            found.append(PartEffort(part, "learning", part.parameters, joins.get(part.name, 0.0)))
    return found


def _small(parts: Sequence[Part], settings: TrainingSettings) -> dict[str, int]:
    """Return how many parameters of each part rest in 4 bits: those of linear layers that get an adapter."""
    if settings.lora_base == "whole":
        return {}
    chosen = set(chosen_layers(adaptable_layers(parts), settings.lora_targets))
    return {
        part.name: sum(
            math.prod(shape)
            for weight, shape in zip(part.weights, part.shapes, strict=False)
            if weight.rpartition(".")[0] in chosen and weight.endswith(".weight") and len(shape) == 2
        )
        for part in parts
    }


def _joins(parts: Sequence[Part], settings: TrainingSettings) -> dict[str, float]:
    if settings.tuning_method != "gradual":
        return {}
    return {name: at * settings.gradual_epochs for at, group in enumerate(groups_from_top(parts)) for name in group}


def effort(parts: Sequence[Part], settings: TrainingSettings) -> Effort:
    """Return what learning takes of the model with these parts; guessed where the parts are not known."""
    total = sum(part.parameters for part in parts)
    if not total:
        return Effort(*UNKNOWN.get(settings.tuning_method, (1.0, 1.0)))
    found = part_efforts(parts, settings)
    lowest = next((at for at, one in enumerate(found) if one.learning or one.state == "learning"), len(found))
    layers = [one.part.parameters if one.part.kind != EMBEDDINGS else 0 for one in found]
    reach = sum(layers[lowest:]) / sum(layers) if any(layers) else 1.0
    return Effort(sum(one.learning for one in found) / total, reach, sum(one.small for one in found) / total)
