"""Decides which parts of a model learn, from its outline (`core.module_tree`) and the tuning method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from ftstudio.core.errors import InputError
from ftstudio.core.module_tree import Part, outline
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import text


@dataclass(frozen=True)
class LayerPlan:
    """The parts of a model from input to output, split into those that stay and those that learn.

    `frozen` is a prefix of the parts unless a method leaves gaps; `depth` of a part counts from the head (0) down.
    """

    parts: tuple[Part, ...]
    trainable: frozenset[str]

    @property
    def frozen(self) -> list[Part]:
        """Return the parts that do not learn, from input to output."""
        return [part for part in self.parts if part.name not in self.trainable]

    @property
    def learning(self) -> list[Part]:
        """Return the parts that learn, from input to output."""
        return [part for part in self.parts if part.name in self.trainable]

    @property
    def frozen_is_prefix(self) -> bool:
        """Whether all frozen parts lie below all that learn, so that their outputs can be stored."""
        return bool(self.frozen) and tuple(self.frozen) == self.parts[: len(self.frozen)]

    def depth(self, weight: str) -> int:
        """Return how many parts below the head the weight lies (head and top: 0)."""
        blocks = [part for part in self.parts if part.kind in ("embeddings", "block")]
        for below, part in enumerate(reversed(blocks), start=1):
            if weight in part.weights:
                return below
        return 0


def parts_of(model: nn.Module) -> list[Part]:
    """Return the outline of a loaded model."""
    return outline({name: tuple(value.shape) for name, value in model.state_dict().items()})


Chooser = Callable[[list[Part], TrainingSettings], frozenset[str]]


def _head(parts: list[Part], settings: TrainingSettings) -> frozenset[str]:
    return frozenset(part.name for part in parts if part.kind == "head")


def _top_layers(parts: list[Part], settings: TrainingSettings) -> frozenset[str]:
    blocks = [part.name for part in parts if part.kind == "block"]
    above = [part.name for part in parts if part.kind in ("top", "head")]
    return frozenset(blocks[-settings.top_layers :] + above)


def _full(parts: list[Part], settings: TrainingSettings) -> frozenset[str]:
    return frozenset(part.name for part in parts)


METHODS: dict[str, Chooser] = {"head": _head, "top_layers": _top_layers, "full": _full}


def plan_layers(model: nn.Module, settings: TrainingSettings) -> LayerPlan:
    """Choose the parts that learn and mark the model's weights accordingly.

    Frozen parts keep `requires_grad` off. Weights that a task has fixed itself (marked `fixed`) stay fixed.
    Raises `InputError` when nothing would learn.
    """
    parts = parts_of(model)
    plan = LayerPlan(tuple(parts), METHODS[settings.tuning_method](parts, settings))
    learning = {weight for part in plan.learning for weight in part.weights}
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in learning and not getattr(parameter, "fixed", False))
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise InputError(
            text("With the tuning method “{method}” nothing of this model would learn.", method=settings.tuning_method),
            text("Choose another tuning method, for example “full”."),
            field="tuning_method",
        )
    return plan


def set_training_mode(model: nn.Module) -> None:
    """Switch to training, but keep frozen modules as in use: no dropout, batch statistics as they are."""
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            module.eval()


def trainable_count(model: nn.Module) -> tuple[int, int]:
    """Return how many parameters learn, and how many there are."""
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return sum(size for size, learns in sizes if learns), sum(size for size, _ in sizes)
