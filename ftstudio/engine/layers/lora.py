"""LoRA: thin matrices that learn beside the resting weights of a model (Hu et al. 2021, arXiv:2106.09685), with peft.

While training, a checkpoint holds only adapters and head. The finished model is merged: an ordinary folder again.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from ftstudio.core.adapters import adaptable_layers, chosen_layers, layer_names
from ftstudio.core.errors import InputError
from ftstudio.core.module_tree import Part
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import text
from ftstudio.engine.layers import four_bits

# Attention that takes the matrices of its layers and never calls them: an adapter there would learn nothing.
_OURS = "default"  # what peft calls an adapter that was given no name
_READS_PAST = ("MultiheadAttention", "ShiftedWindowAttention", "ShiftedWindowAttentionV2")


def attach(model: nn.Module, parts: list[Part], settings: TrainingSettings) -> dict[str, list[str]]:
    """Add an adapter to every layer that the settings mean, in place.

    The outputs of the model stay exactly the same until something is learned.

    Args:
        model: as loaded, without adapters.
        parts: its outline.
        settings: rank, alpha, dropout and targets of the adapters.

    Returns:
        By the name of each adapted layer, the names of the weights that were added.

    Raises:
        InputError: no layer of the model is meant.
    """
    able = [name for name in adaptable_layers(parts) if _can_be_adapted(model, name)]
    names = chosen_layers(able, settings.lora_targets)
    if not names:
        raise InputError(
            text("No layer of this model that LoRA can adapt is called “{name}”.", name=settings.lora_targets),
            text("Give “all”, or some of these names: {names}.", names=", ".join(layer_names(able)) or "–"),
            field="lora_targets",
        )
    if settings.lora_base == four_bits.FORM:
        four_bits.shrink(model, names)
    before = {name for name, _ in model.named_parameters()}
    _inject(model, names, settings)
    added = [name for name, _ in model.named_parameters() if name not in before and ".lora_" in name]
    return {layer: [name for name in added if name.startswith(f"{layer}.")] for layer in names}


def strengths(settings: TrainingSettings) -> dict[str, int]:
    """Return rank and alpha as peft calls them: an adapter counts alpha / rank times."""
    return {"r": settings.lora_rank, "lora_alpha": settings.lora_alpha or 2 * settings.lora_rank}


def _inject(model: nn.Module, names: list[str], settings: TrainingSettings) -> None:
    from peft import LoraConfig, inject_adapter_in_model

    chosen = strengths(settings)
    config = LoraConfig(
        r=chosen["r"],
        lora_alpha=chosen["lora_alpha"],
        lora_dropout=settings.lora_dropout,
        target_modules="|".join(re.escape(name) for name in names),
        bias="none",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peft remarks on the layers of GPT-2, and handles them
        inject_adapter_in_model(config, model)


def _can_be_adapted(model: nn.Module, name: str) -> bool:
    from transformers.pytorch_utils import Conv1D

    layer, around = model.get_submodule(name), model.get_submodule(name.rpartition(".")[0])
    plain = isinstance(layer, nn.Conv2d) and layer.groups == 1
    return (plain or isinstance(layer, nn.Linear | Conv1D)) and type(around).__name__ not in _READS_PAST


def renamed(part: Part, adapters: Mapping[str, list[str]]) -> Part:
    """Return `part` with the names its weights have since the adapters were added, and with theirs."""
    weights: list[str] = []
    for weight in part.weights:
        layer, _, leaf = weight.rpartition(".")
        weights.append(f"{layer}.base_layer.{leaf}" if layer in adapters else weight)
        weights += adapters.get(layer, []) if leaf == "weight" else []
    return replace(part, weights=tuple(weights), shapes=())


def adapter_weights(model: nn.Module) -> dict[str, Tensor]:
    """Return what the adapters of a model have learned, by layer and matrix (`layer.lora_A.weight`); {} without any."""
    return {
        name.replace(f".{_OURS}.", "."): value.detach().to("cpu").contiguous()
        for name, value in model.named_parameters()
        if ".lora_" in name
    }


@torch.no_grad()
def merge(model: nn.Module) -> None:
    """Fold all adapters into the weights beside them and take them away; a model without any stays as it is.

    Weights in 4 bits must be whole again (`four_bits.make_whole`).
    """
    if not any(".lora_" in name for name, _ in model.named_parameters()):
        return
    from peft.tuners.tuners_utils import BaseTunerLayer

    adapted = [(name, module) for name, module in model.named_modules() if isinstance(module, BaseTunerLayer)]
    for name, module in adapted:
        layer: Any = module
        layer.merge()
        parent, _, attribute = name.rpartition(".")
        setattr(model.get_submodule(parent), attribute, layer.get_base_layer())
