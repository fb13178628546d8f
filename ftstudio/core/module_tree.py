"""The outline of a model, made from the names and shapes of its weights: no torch needed.

Weights are grouped into embeddings, numbered blocks from bottom to top, and a head, by the names that
transformers, timm and torchvision give them. Freezing, the browser's outline and memory estimates all use it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

_BLOCK = re.compile(
    r"^(?P<prefix>.*?\b(?:layer|layers|block|blocks|h|stages|features|encoder\.layers|conv_encoder\.model)"
    r"|.*?\blayer(?=[1-9]\.)|.*?\bdenseblock(?=[1-9]\.)|.*?\bstage(?=[1-9]\.)|.*?\btrunk_output\.block(?=[1-9]))"
    r"\.?(?P<number>\d+)(?P<rest>\..*)?$"
)
_HEAD = re.compile(
    r"^(?:.*\.)?(?:classifier|score|head|heads|fc|qa_outputs|lm_head|pre_classifier|last_linear)\b(?!.*\bblocks\b)"
)
_NOT_TRAINED = re.compile(r"(num_batches_tracked|running_mean|running_var|position_ids|relative_position_index)$")


@dataclass(frozen=True)
class Part:
    """One part of a model from input to output: `kind` is `embeddings`, `block`, `top` or `head`."""

    name: str
    kind: str
    parameters: int
    weights: tuple[str, ...]


def outline(shapes: Mapping[str, tuple[int, ...]]) -> list[Part]:
    """Group weight names (with their shapes) into parts, ordered from input to output.

    What stands above the last block but is not a head (a final norm, a pooler) is counted to the last block's part
    named `top`, so that every trainable weight belongs to exactly one part.
    """
    grouped: dict[tuple[int, str], list[str]] = {}
    seen_block = False
    for name in shapes:
        if _NOT_TRAINED.search(name):
            continue
        match = _BLOCK.match(name)
        if _HEAD.match(name):
            key = (3, "head")
        elif match:
            seen_block = True
            key = (1, f"{match['prefix']}.{match['number']}".replace("..", "."))
        else:
            key = (2, "top") if seen_block else (0, "embeddings")
        grouped.setdefault(key, []).append(name)
    kinds = {0: "embeddings", 1: "block", 2: "top", 3: "head"}
    parts = [_part(name, kinds[rank], weights, shapes) for (rank, name), weights in grouped.items()]
    ranks = {"embeddings": 0, "block": 1, "top": 2, "head": 3}
    return sorted(parts, key=lambda part: ranks[part.kind])


def _part(name: str, kind: str, weights: list[str], shapes: Mapping[str, tuple[int, ...]]) -> Part:
    return Part(name, kind, sum(math.prod(shapes[weight]) for weight in weights), tuple(weights))
