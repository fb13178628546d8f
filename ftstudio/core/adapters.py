"""Where a LoRA adapter goes and how big it is, worked out from the outline of a model: no torch needed.

An adapter adds to the matrix of a layer the product of two thin ones, and only these learn (Hu et al. 2021,
arXiv:2106.09685). Which layers get one is decided here, for the engine that adds them and the window that shows them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from ftstudio.core.module_tree import BLOCK, TOP, Part

ALL, ATTENTION = "all", "attention"
_ATTENTION = re.compile(
    r"attn|attention|(?:^|\.)(?:[qkvo]|qkv|[qkvo]_proj|q_lin|k_lin|v_lin|out_lin|query|key|value|query_key_value)$",
    re.IGNORECASE,
)


def adaptable_layers(parts: Iterable[Part]) -> dict[str, tuple[int, ...]]:
    """Return the layers that can have an adapter, by name, with the shape of their matrix.

    These are the linear layers and the convolutions that mix channels, in blocks and above them; never the head,
    which learns as a whole, the embeddings, or convolutions by groups, which cannot be merged.
    """
    found: dict[str, tuple[int, ...]] = {}
    for part in parts:
        if part.kind != BLOCK and part.name != TOP:  # a layer that the program itself has added on top stays as it is
            continue
        fused = {weight.rpartition(".")[0] for weight in part.weights if weight.endswith(".in_proj_weight")}
        for weight, shape in zip(part.weights, part.shapes, strict=False):
            layer, _, leaf = weight.rpartition(".")
            is_read_past = layer.rpartition(".")[0] in fused  # fused attention takes the matrix, not the layer
            if leaf == "weight" and len(shape) in (2, 4) and not _is_grouped(shape) and not is_read_past:
                found[layer] = shape
    return found


def _is_grouped(shape: tuple[int, ...]) -> bool:
    return len(shape) == 4 and shape[1] == 1 < shape[0]


def chosen_layers(layers: Iterable[str], targets: str) -> list[str]:
    """Return those of `layers` that the setting `lora_targets` means, in their order.

    `all` and `attention` are words of ours; anything else is a list of names, separated by commas: the last step of
    a layer's name (`query`), or as much of its end or its middle as is wanted (`attention.self.query`, `layer.5`).
    """
    if targets.strip().lower() == ALL:
        return list(layers)
    if targets.strip().lower() == ATTENTION:
        return [layer for layer in layers if _ATTENTION.search(layer)]
    wanted = split_names(targets)
    return [layer for layer in layers if any(f".{name}." in f".{layer}." for name in wanted)]


def split_names(written: str) -> list[str]:
    """Return the names in a list separated by commas, without blanks around them and without repeats."""
    return list(dict.fromkeys(name for one in written.split(",") if (name := one.strip())))


def layer_names(layers: Iterable[str]) -> list[str]:
    """Return the last steps of the names of layers, each once: what a user can choose from."""
    return list(dict.fromkeys(layer.rpartition(".")[2] for layer in layers))


def adapter_parameters(shape: Sequence[int], rank: int) -> int:
    """Return how many parameters an adapter of `rank` has beside a matrix of this shape (linear or convolution)."""
    return rank * (math.prod(shape[1:]) + shape[0])


def part_adapters(parts: Sequence[Part], targets: str, rank: int) -> dict[str, int]:
    """Return the parameters of the adapters in each part that gets some, by the part's name."""
    layers = adaptable_layers(parts)
    chosen = set(chosen_layers(layers, targets))
    found: dict[str, int] = {}
    for part in parts:
        inside = {weight.rpartition(".")[0] for weight in part.weights} & chosen
        if inside:
            found[part.name] = sum(adapter_parameters(layers[layer], rank) for layer in inside)
    return found
