"""The outline of a model, made from the names and shapes of its weights: no torch needed.

Weights are grouped into embeddings, blocks from input to output, what stands on top of them, and a head, by the
names that transformers, timm and torchvision give them. Freezing, the browser's outline and estimates all use it.

A block is one unit that a user would freeze: an encoder layer, a residual block, a dense block. What a stage brings
between two blocks (a transition, a patch merging) belongs to the block it feeds, so that the input of a block is all
that the blocks from there on need.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Shapes = Mapping[str, tuple[int, ...]]

EMBEDDINGS, BLOCK, TOP, HEAD = "embeddings", "block", "top", "head"

# The name of a block is the shortest beginning of a weight's name that one of these matches, tried in order.
_BLOCKS = tuple(
    re.compile(rf"^(?:.*?\.)?(?:{pattern})(?=\.)")
    for pattern in (
        r"features\.\d+\.\d+(?=\.(?:block|layer_scale|norm\d|attn|mlp)\b)",
        r"features\.\d+(?=\.(?:conv|block|squeeze|expand1x1|expand3x3)\b)",
        r"albert_layer_groups\.\d+\.albert_layers\.\d+",
        r"encoder_layer_\d+",
        r"(?:layers|stages)\.\d+\.(?:blocks|layers)\.\d+",
        r"(?:blocks|block|stages)\.\d+\.\d+",
        r"layer[1-9]\.\d+",
        r"stage[1-9]\.\d+",
        r"denseblock\d+",
        r"block[1-9]\.block[1-9]-\d+",
        r"s[1-9]\.b\d+",
        r"(?:layers?|blocks?(?:_\w+)?|\w+_blocks|h)\.\d+",
    )
)
_HEAD = re.compile(
    r"^(?:\w+\.)?(?:cls|classifier|cls_classifier|distillation_classifier|classification_head|pre_classifier|score"
    r"|heads?|head_dist|fc|last_linear|qa_outputs|lm_head|embed_out|predictions|sop_classifier|discriminator_predictions"
    r"|generator_predictions|generator_lm_head|mask_predictions|lm_predictions|vocab_\w+|sequence_summary|logits_proj)\."
)
# What a detector says kinds and boxes with, and what it asks its layers with: small networks that are no layers.
_DETECTS = re.compile(
    r"^(?:\w+\.)*?(?:class_labels_classifier|bbox_predictor|class_embed|bbox_embed|enc_score_head|enc_bbox_head"
    r"|pre_bbox_head|denoising_class_embed|lqe_layers|rpn|roi_heads)\."
)
_ASKS = re.compile(
    r"^(?:\w+\.)*?(?:query_pos_head|ref_point_head|query_scale|query_position_embeddings|reference_points|level_embed"
    r"|enc_output)(?:\.|$)"
)
_PRETRAINED_IN_HEAD = re.compile(r"^(?:\w+\.)?head\.(?:norm|dense)\.")
_INPUT = re.compile(
    r"embed|stem|wte|wpe|\bshared\b|conv_proj|class_token|cls_token|dist_token|mask_token|reg_token|register_tokens"
    r"|\bpos_|position|patch|relative_attention_bias|encoder\.LayerNorm\b|encoder\.conv\.|norm_pre|ln_pre"
    r"|^(?:\w+\.)?(?:features\.)?(?:conv|bn|norm)[01]\.|^(?:\w+\.)?features\.[01]\."
)
_BUFFER = re.compile(
    r"(?:num_batches_tracked|running_mean|running_var|position_ids|token_type_ids|relative_position_index"
    r"|relative_coords_table|attn_mask|inv_freq|masked_bias|final_logits_bias)$"
)
_CAUSAL_MASK = re.compile(r"\.(?:attn|attention)\.bias$")
_PLAIN_CONVOLUTION = re.compile(r"^((?:\w+\.)?features\.\d+)\.(?:weight|bias)$")
_SEQUENTIAL_HEAD = re.compile(r"^((?:\w+\.)?classifier)\.(\d+)\.(?:weight|bias)$")
_STAGE = re.compile(r"^((?:.*?\.)?(?:layers|stages)\.\d+)\.")
_TRANSITION = re.compile(r"^((?:.*\.)?)transition(\d+)\.")
_END_OF_ENCODER = re.compile(r"\bencoder\.(?:final_layer_norm|layer_norm|norm)\.")
_BETWEEN_FEATURES = re.compile(r"^(?:\w+\.)?features\.\d+\.")


@dataclass(frozen=True)
class Part:
    """One part of a model from input to output: `kind` is `embeddings`, `block`, `top` or `head`.

    `shapes` are those of `weights`, in the same order.
    """

    name: str
    kind: str
    parameters: int
    weights: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class _Layout:
    """What placing one weight needs to know about all of them."""

    blocks: tuple[str, ...]
    last_of_head: Mapping[str, int]
    first_stage_has_extras: bool


def outline(shapes: Shapes) -> list[Part]:
    """Group weight names (with their shapes) into parts, ordered from input to output.

    Every trainable weight belongs to exactly one part; buffers belong to none. Names may be those of a file or of
    a loaded model, in any order. There is at most one part `embeddings`, one `top` and one `head`.
    """
    names = sorted((name for name in shapes if not _is_buffer(name, shapes[name])), key=natural_order)
    plain = _plain_convolutions(names, shapes)
    inside = _innermost({name: block for name in names if (block := plain.get(name) or _block(name))})
    outside = [name for name in names if name not in inside]
    layout = _layout(inside.values(), outside)
    grouped: dict[tuple[str, str], list[str]] = {(BLOCK, block): [] for block in layout.blocks}
    for name in names:
        key = (BLOCK, inside[name]) if name in inside else _place(name, layout)
        grouped.setdefault(key, []).append(name)
    ranks = {EMBEDDINGS: 0, BLOCK: 1, TOP: 2, HEAD: 3}
    parts = [_part(name, kind, weights, shapes) for (kind, name), weights in grouped.items()]
    return sorted(parts, key=lambda part: ranks[part.kind])


def natural_order(name: str) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    """Return a sort key: numbers count as numbers (`layer.2` before `layer.10`), backbones and encoders come first."""
    return tuple(tuple(_chunk(chunk) for chunk in re.split(r"(\d+)", step) if chunk) for step in name.split("."))


def _chunk(chunk: str) -> tuple[int, int, str]:
    if chunk.isdecimal():
        return (0, int(chunk), "")
    return (1, _FIRST.index(chunk), "") if chunk in _FIRST else (2, 0, chunk)


_FIRST = ("backbone", "encoder")


def _is_buffer(name: str, shape: tuple[int, ...]) -> bool:
    return bool(_BUFFER.search(name)) or (len(shape) == 4 and bool(_CAUSAL_MASK.search(name)))


def _block(name: str) -> str | None:
    if _DETECTS.match(name) or _ASKS.match(name):
        return None
    for pattern in _BLOCKS:
        if match := pattern.match(name):
            return match.group()
    return None


def _innermost(inside: dict[str, str]) -> dict[str, str]:
    """Drop what only looks like a block because it is a stage: a stage has blocks inside it."""
    blocks = set(inside.values())
    stages = {".".join(steps[:end]) for block in blocks if (steps := block.split(".")) for end in range(1, len(steps))}
    return {name: block for name, block in inside.items() if block not in stages}


def _plain_convolutions(names: Iterable[str], shapes: Shapes) -> dict[str, str]:
    """Return the blocks of a plain chain of convolutions (VGG): each convolution but the first, with its norm."""
    blocks: dict[str, str] = {}
    first = current = ""
    for name in names:
        if match := _PLAIN_CONVOLUTION.match(name):
            if len(shapes.get(f"{match[1]}.weight", ())) == 4:
                current = match[1]
                first = first or current
            if current != first:
                blocks[name] = current
    return blocks


def _layout(blocks: Iterable[str], outside: Iterable[str]) -> _Layout:
    last_of_head: dict[str, int] = {}
    first_stage_has_extras = False
    for name in outside:
        if match := _SEQUENTIAL_HEAD.match(name):
            last_of_head[match[1]] = max(int(match[2]), last_of_head.get(match[1], 0))
        if match := _STAGE.match(name):
            first_stage_has_extras |= match[1].endswith(".0")
    return _Layout(tuple(sorted(set(blocks), key=natural_order)), last_of_head, first_stage_has_extras)


def _place(name: str, layout: _Layout) -> tuple[str, str]:
    """Return kind and part of a weight that is in no block by its name."""
    if match := _SEQUENTIAL_HEAD.match(name):
        is_last = int(match[2]) == layout.last_of_head[match[1]]
        return (HEAD, HEAD) if is_last else (TOP, TOP)
    if _DETECTS.match(name):
        return (HEAD, HEAD)
    if _ASKS.match(name):
        return (TOP, TOP)
    if _HEAD.match(name) and not _PRETRAINED_IN_HEAD.match(name):
        return (HEAD, HEAD)
    if fed := _fed_block(name, layout):
        return (BLOCK, fed)
    is_input = not layout.blocks or _INPUT.search(name)
    return (EMBEDDINGS, EMBEDDINGS) if is_input else (TOP, TOP)


def _fed_block(name: str, layout: _Layout) -> str | None:
    """Return the block that a weight standing between two blocks feeds, None if it stands elsewhere."""
    if stage := _STAGE.match(name):
        inside = [block for block in layout.blocks if block.startswith(f"{stage[1]}.")]
        if not layout.first_stage_has_extras:
            return inside[0] if inside else None
        return _next_block(layout, inside[-1]) if inside else None
    if transition := _TRANSITION.match(name):
        return _next_block(layout, f"{transition[1]}denseblock{transition[2]}")
    if _END_OF_ENCODER.search(name):
        return next((block for block in layout.blocks if re.search(r"\bdecoder\b", block)), None)
    if _BETWEEN_FEATURES.match(name) and layout.blocks and natural_order(name) > natural_order(layout.blocks[0]):
        return _next_block(layout, name)
    return None


def _next_block(layout: _Layout, after: str) -> str | None:
    return next((block for block in layout.blocks if natural_order(block) > natural_order(after)), None)


def _part(name: str, kind: str, weights: list[str], shapes: Shapes) -> Part:
    own = tuple(tuple(shapes[weight]) for weight in weights)
    return Part(name, kind, sum(math.prod(shape) for shape in own), tuple(weights), own)


def with_new_head(parts: Sequence[Part], width: int, classes: int) -> list[Part]:
    """Return `parts` of a file as they will be trained: with a new head over `classes` in place of any old one.

    `width` is the size of what the head reads, 0 where it is not known (and then the head's size is 0, too).
    """
    size, weights, shapes = (
        (width + 1) * classes if width else 0,
        ("head.weight", "head.bias"),
        ((classes, width), (classes,)),
    )
    head = Part(HEAD, HEAD, size, weights, shapes)
    return [*(part for part in parts if part.kind != HEAD), head]
