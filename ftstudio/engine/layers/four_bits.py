"""Resting weights in 4 bits (QLoRA, Dettmers et al. 2023, arXiv:2305.14314), with bitsandbytes.

Only layers beside which an adapter learns are made small, in the form NF4, which suits weights that are spread as a
bell. The finished model is made of the whole weights again: what the adapters learned beside small ones was seen to do
better beside those (SmolLM2 on a play: a loss of 3.77 instead of 3.85). The report of a run tells both.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from ftstudio.core.errors import InputError
from ftstudio.core.text import text

FORM = "nf4"


def shrink(model: nn.Module, names: Iterable[str]) -> None:
    """Put the weights of these layers, as far as they are linear ones, into 4 bits, in place.

    Raises `InputError` when none of them is.
    """
    linear = [name for name in names if type(model.get_submodule(name)) is nn.Linear]
    if not linear:
        raise InputError(
            text("None of the layers of this model that get an adapter is linear, so none can be held in 4 bits."),
            text("Leave the resting weights as they are."),
            field="lora_base",
        )
    for name in linear:
        parent, _, attribute = name.rpartition(".")
        layer: Any = model.get_submodule(name)
        setattr(model.get_submodule(parent), attribute, _shrunk(layer))


def _shrunk(layer: Any) -> nn.Module:
    library = _library()
    with torch.device("meta"):
        small = _kind()(layer.in_features, layer.out_features, bias=False, quant_type=FORM)
    weight = layer.weight.detach()
    resting = library.nn.Params4bit(weight.contiguous(), requires_grad=False, quant_type=FORM, module=small)
    small.weight = resting.to(weight.device)
    small.bias = None if layer.bias is None else nn.Parameter(layer.bias.detach(), requires_grad=False)
    made: nn.Module = small
    return made


def _library() -> Any:
    """Return bitsandbytes, which need not be installed: its types are not asked for."""
    return import_module("bitsandbytes")


@cache
def _kind() -> Any:
    """Return the kind of layer, which exists where bitsandbytes does.

    It always multiplies by the numbers that its weights stand for. bitsandbytes' own also has another way for models
    that are only asked, which rounds once more: checks would then see another model than training.
    """
    return type("Small", (_library().nn.Linear4bit,), {"forward": _forward})


def _forward(layer: Any, x: Tensor) -> Tensor:
    kind = x.device.type
    if torch.is_autocast_enabled(kind):
        x = x.to(torch.get_autocast_dtype(kind))
    bias = None if layer.bias is None else layer.bias.to(x.dtype)
    result: Tensor = _library().matmul_4bit(x, layer.weight, quant_state=layer.weight.quant_state, bias=bias)
    return result


def is_small(layer: nn.Module) -> bool:
    """Whether the weights of a layer are in 4 bits."""
    return isinstance(layer, nn.Linear) and hasattr(layer.weight, "quant_state")


def small_layers(model: nn.Module) -> list[str]:
    """Return the names of the layers whose weights are in 4 bits."""
    return [name for name, layer in model.named_modules() if is_small(layer)]


def whole_bytes(layer: Any) -> int:
    """Return the bytes of the weights of a small layer once they are whole again."""
    return int(4 * layer.in_features * layer.out_features)


@torch.no_grad()
def make_whole(model: nn.Module, base: nn.Module) -> None:
    """Put ordinary layers with the weights of `base`, the model as it was loaded, in the place of all small ones.

    Adapters stay where they are: `lora` calls the layer beside one its `base_layer`.
    """
    for name in small_layers(model):
        parent, _, attribute = name.rpartition(".")
        setattr(model.get_submodule(parent), attribute, base.get_submodule(name.removesuffix(".base_layer")))
