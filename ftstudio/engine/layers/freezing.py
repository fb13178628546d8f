"""Decides which parts of a model learn, from its outline (`core.module_tree`) and the tuning method."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import nn

from ftstudio.core.errors import InputError
from ftstudio.core.layer_names import naming_problem
from ftstudio.core.module_tree import BLOCK, HEAD, TOP, Part, outline
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import text
from ftstudio.core.tuning_methods import METHODS
from ftstudio.engine.layers import lora


@dataclass(frozen=True)
class LayerPlan:
    """The parts of a model from input to output, split into those that stay and those that learn.

    A method may leave gaps, so that frozen parts lie above some that learn. `depth` counts from the head (0) down.
    `adapters` are the names of added weights: where there are any, they and the head are all that learns.
    """

    parts: tuple[Part, ...]
    trainable: frozenset[str]
    adapters: frozenset[str] = frozenset()

    @property
    def frozen(self) -> list[Part]:
        """Return the parts that do not learn, from input to output."""
        return [part for part in self.parts if part.name not in self.trainable]

    @property
    def learning(self) -> list[Part]:
        """Return the parts that learn, from input to output."""
        return [part for part in self.parts if part.name in self.trainable]

    @property
    def resting_below(self) -> list[Part]:
        """Return the parts below all that learn, from input to output: their outputs can be stored."""
        lowest = next((at for at, part in enumerate(self.parts) if part.name in self.trainable), 0)
        return list(self.parts[:lowest])

    def learning_weights(self) -> set[str]:
        """Return the names of the weights that learn."""
        own = (part for part in self.learning if part.kind == HEAD or not self.adapters)
        return {weight for part in own for weight in part.weights} | self.adapters

    def depth(self, weight: str) -> int:
        """Return how many parts below the head the weight lies (head and top: 0)."""
        blocks = [part for part in self.parts if part.kind in ("embeddings", "block")]
        for below, part in enumerate(reversed(blocks), start=1):
            if weight in part.weights:
                return below
        return 0


def parts_of(model: nn.Module) -> list[Part]:
    """Return the outline of a loaded model; a block that the program has added itself is one more part of the top."""
    parts = outline({name: tuple(value.shape) for name, value in model.state_dict().items()})
    fixed = {name for name, parameter in model.named_parameters() if getattr(parameter, "fixed", False)}
    return [replace(part, kind=TOP) if part.kind == BLOCK and fixed & set(part.weights) else part for part in parts]


def plan_layers(model: nn.Module, settings: TrainingSettings) -> LayerPlan:
    """Choose the parts that learn and mark the model's weights accordingly; with LoRA, add the adapters.

    Frozen parts keep `requires_grad` off. Weights that a task has fixed itself (marked `fixed`) stay fixed. With
    `gradual` all that will ever learn is marked; `engine.unfreezing` holds back what is not yet to learn.
    Raises `InputError` when nothing would learn, or when a name given by the user means nothing in this model.
    """
    method, parts = METHODS[settings.tuning_method], parts_of(model)
    _check_names(parts, settings)
    chosen = method.learning(parts, settings)
    adapters: dict[str, list[str]] = {}
    if method.adapts:
        adapters = lora.attach(model, parts, settings)
        parts = [lora.renamed(part, adapters) for part in parts]
    plan = LayerPlan(tuple(parts), chosen, frozenset(name for added in adapters.values() for name in added))
    learning = plan.learning_weights()
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in learning and not getattr(parameter, "fixed", False))
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise InputError(
            text("With the tuning method “{method}” nothing of this model would learn.", method=settings.tuning_method),
            text("Choose another tuning method, for example “full”."),
            field="tuning_method",
        )
    return plan


def _check_names(parts: list[Part], settings: TrainingSettings) -> None:
    """Raise `InputError` when the choice of layers is empty or names what is not there."""
    problem = naming_problem(parts, settings)
    if problem is not None:
        raise problem.as_error()


def hold_back(model: nn.Module, plan: LayerPlan, waiting: frozenset[str]) -> None:
    """Keep the parts named in `waiting` from learning for now, and let the others of `plan` that learn do so.

    What waits is marked `waiting`: it belongs to the checkpoints of the run all the same.
    """
    held = {weight for part in plan.learning if part.name in waiting for weight in part.weights}
    learning = plan.learning_weights()
    for name, parameter in model.named_parameters():
        if name in learning and not getattr(parameter, "fixed", False):
            parameter.waiting = name in held  # type: ignore[attr-defined]
            parameter.requires_grad_(name not in held)


def ever_learns(parameter: nn.Parameter) -> bool:
    """Whether a weight learns in this run, now or later."""
    return parameter.requires_grad or bool(getattr(parameter, "waiting", False))


def keep_statistics(model: nn.Module) -> None:
    """Let batch normalisation use the statistics of the pretrained model from now on, also while it learns.

    A few small batches give poor statistics: on 100 pictures those were seen to destroy a pretrained network within
    an epoch, at any learning rate. Scales and shifts still learn.
    """
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.keeps_statistics = True  # type: ignore[assignment]  # a plain mark, not a weight


def set_training_mode(model: nn.Module) -> None:
    """Switch to training, but keep frozen modules as in use: no dropout, batch statistics as they are."""
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        rests = bool(parameters) and not any(parameter.requires_grad for parameter in parameters)
        if rests or getattr(module, "keeps_statistics", False):
            module.eval()


def trainable_count(model: nn.Module) -> tuple[int, int]:
    """Return how many parameters learn, and how many there are."""
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return sum(size for size, learns in sizes if learns), sum(size for size, _ in sizes)
