"""Finding modules of a model by the names of their weights."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn

from ftstudio.core.module_tree import Part


def module_of(model: nn.Module, part: Part) -> nn.Module | None:
    """Return the smallest module that holds all weights of `part` and nothing else; None where there is none."""
    paths = [weight.split(".")[:-1] for weight in part.weights]
    common = paths[0]
    for path in paths[1:]:
        common = common[: _shared(common, path)]
    if not common:
        return None
    module = model.get_submodule(".".join(common))
    inside = {f"{'.'.join(common)}.{name}" for name, _ in module.named_parameters()}
    return module if inside <= set(part.weights) else None


def _shared(left: list[str], right: list[str]) -> int:
    for at, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return at
    return min(len(left), len(right))


def leaves_of(model: nn.Module, parts: Iterable[Part]) -> list[nn.Module]:
    """Return the modules that directly own the weights of `parts`, each once, in the order of the weights."""
    found: dict[int, nn.Module] = {}
    for part in parts:
        for weight in part.weights:
            owner = model.get_submodule(weight.rpartition(".")[0])
            found.setdefault(id(owner), owner)
    return list(found.values())


def final_linear(model: nn.Module, outputs: int) -> nn.Linear | None:
    """Return the last linear layer with `outputs` outputs, the one that makes the logits; None where none does."""
    layers = [module for module in model.modules() if isinstance(module, nn.Linear) and module.out_features == outputs]
    return layers[-1] if layers else None
