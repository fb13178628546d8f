"""The optimisers of a run: rates by depth and head, no decay on biases and norms, sparse updates for embeddings.

The gradient of word embeddings is made sparse where it can be: only the few rows that occur in a batch get one.
A dense gradient over the whole vocabulary was measured at 60 % of a backward pass of a small encoder.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ftstudio.core.settings import TrainingSettings
from ftstudio.engine.layers.freezing import LayerPlan
from ftstudio.engine.learning.averaging import Averages
from ftstudio.engine.learning.schedules import factor

SPARSE_FROM = 4096


@dataclass
class Optimisers:
    """One optimiser for dense and, if there is any, one for sparse gradients, driven by one schedule.

    `averages`, where wanted, follow the weights after each step.
    """

    members: list[torch.optim.Optimizer]
    total_steps: int
    schedule: str
    warmup: float
    averages: Averages | None = None

    def share(self, step: int) -> float:
        """Return the share of their full rate that all groups have at optimiser step `step` (from 0)."""
        return factor(step, self.total_steps, self.schedule, self.warmup)

    def set_rates(self, step: int) -> float:
        """Set the rates for optimiser step `step` (from 0); returns the rate of the head."""
        share = self.share(step)
        for member in self.members:
            for group in member.param_groups:
                group["lr"] = group["full_rate"] * share
        return max(float(group["lr"]) for member in self.members for group in member.param_groups)

    def step(self) -> None:
        """Take one step with the gradients there are, and drop them."""
        for member in self.members:
            member.step()
            member.zero_grad(set_to_none=True)
        if self.averages is not None:
            self.averages.update()

    def kept_weights(self) -> AbstractContextManager[None]:
        """Return a context in which the model has the weights that are checked and kept: the averages, if wanted."""
        return nullcontext() if self.averages is None else self.averages.in_place()

    def drop_gradients(self) -> None:
        """Forget the gradients without a step."""
        for member in self.members:
            member.zero_grad(set_to_none=True)

    def parameters(self) -> list[Tensor]:
        """Return all parameters that learn."""
        return [parameter for member in self.members for group in member.param_groups for parameter in group["params"]]


def build_optimisers(
    model: nn.Module, plan: LayerPlan, settings: TrainingSettings, total_steps: int, *, sparse: bool
) -> Optimisers:
    """Make the optimisers for the weights that learn.

    Args:
        model: with `requires_grad` set by `freezing.plan_layers`.
        plan: tells the depth of each weight for layer-wise decay (Howard and Ruder 2018).
        settings: rates, decay, kind of optimiser.
        total_steps: the length of the schedule.
        sparse: whether large embeddings may get sparse gradients (not across several processes).
    """
    sparse_weights = _make_sparse(model) if sparse and settings.optimizer == "adamw" else set()
    dense: dict[tuple[float, float], list[Tensor]] = {}
    rare: dict[float, list[Tensor]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = _rate(name, plan, settings)
        if name in sparse_weights:
            rare.setdefault(rate, []).append(parameter)
        else:
            decay = settings.weight_decay if parameter.ndim > 1 else 0.0
            dense.setdefault((rate, decay), []).append(parameter)
    groups = [
        {"params": weights, "lr": rate, "full_rate": rate, "weight_decay": decay}
        for (rate, decay), weights in dense.items()
    ]
    members: list[torch.optim.Optimizer] = []
    if groups:
        members.append(_dense(groups, settings))
    if rare:
        groups = [{"params": weights, "lr": rate, "full_rate": rate} for rate, weights in rare.items()]
        members.append(torch.optim.SparseAdam(groups))
    averages = Averages(model, settings.weight_averaging) if settings.weight_averaging else None
    return Optimisers(members, total_steps, settings.schedule, settings.warmup, averages)


def _dense(groups: list[dict[str, object]], settings: TrainingSettings) -> torch.optim.Optimizer:
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, momentum=0.9, nesterov=True)
    return torch.optim.AdamW(groups, fused=True)


def _rate(name: str, plan: LayerPlan, settings: TrainingSettings) -> float:
    depth = plan.depth(name)
    head = {weight for part in plan.parts if part.kind == "head" for weight in part.weights}
    if name in head and settings.head_learning_rate is not None:
        return settings.head_learning_rate
    return settings.learning_rate * float(settings.layer_decay**depth)


def rates_of_parts(plan: LayerPlan, settings: TrainingSettings) -> dict[str, float]:
    """Return the full learning rate of every part of the model that learns, by name, from input to output."""
    return {part.name: _rate(part.weights[0], plan, settings) for part in plan.learning}


def _make_sparse(model: nn.Module) -> set[str]:
    """Switch large, untied embeddings that learn to sparse gradients; return the names of their weights."""
    found = set()
    uses: dict[int, int] = {}
    for _, parameter in model.named_parameters(remove_duplicate=False):
        uses[id(parameter)] = uses.get(id(parameter), 0) + 1
    for name, module in model.named_modules():
        if not isinstance(module, nn.Embedding) or module.num_embeddings < SPARSE_FROM:
            continue
        if module.weight.requires_grad and uses[id(module.weight)] == 1 and module.max_norm is None:
            module.sparse = True
            found.add(f"{name}.weight")
    return found


def clip(parameters: list[Tensor], limit: float) -> float:
    """Scale gradients, dense or sparse, to at most `limit` in total norm (0: leave them); return the norm before."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    for at, gradient in enumerate(gradients):
        if gradient.is_sparse:
            gradients[at] = gradient.coalesce()
    values = [gradient.values() if gradient.is_sparse else gradient for gradient in gradients]
    if not values:
        return 0.0
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(values)))
    total = float(norm)
    if limit and total > limit:
        torch._foreach_mul_(
            [_values(parameter) for parameter in parameters if parameter.grad is not None], limit / total
        )
    return total


def _values(parameter: Tensor) -> Tensor:
    gradient = parameter.grad
    assert gradient is not None
    return gradient._values() if gradient.is_sparse else gradient
