"""Torchvision's thorough detectors with fixed sizes, to be written as a graph: the same boxes, no loop over them.

torchvision keeps as many boxes as are likely enough, another number in each picture. Here each step keeps as many as
there may be at most, and marks those that do not count with a score below nought. What torchvision's own code draws
(`pyramid_network.logits`) is the measure: an export is compared with that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ftstudio.engine.vision.pyramid_network import APART, MOST

NOT = -1.0  # the score of a box that does not count
_LEAST_SIDE = 1e-2  # pixels


@torch.library.custom_op("ftstudio::survivors", mutates_args=())
def survivors(boxes: Tensor, scores: Tensor, overlap: float, least: float) -> Tensor:
    """Mark the boxes [rows, boxes, 4] that non-maximum suppression leaves, for each of the `scores` [rows, n, boxes].

    Boxes with a score of `least` or less do not count.
    """
    from torchvision.ops import nms

    kept = torch.zeros(scores.shape, dtype=torch.bool)
    for row, several in enumerate(scores):
        for at, one in enumerate(several):
            there = torch.where(one > least)[0]
            kept[row, at, there[nms(boxes[row, there], one[there], overlap)]] = True
    return kept


@survivors.register_fake
def _(boxes: Tensor, scores: Tensor, overlap: float, least: float) -> Tensor:
    return torch.empty_like(scores, dtype=torch.bool)


@torch.library.custom_op("ftstudio::pooled", mutates_args=())
def pooled(features: Tensor, boxes: Tensor, pictures: Tensor, scale: float, size: int, samples: int) -> Tensor:
    """Return what a map shows in each of the boxes [boxes, 4] of the `pictures` [boxes], `size` values a side."""
    from torchvision.ops import roi_align

    rois = torch.cat([pictures[:, None].to(boxes), boxes], dim=1)
    seen: Tensor = roi_align(features, rois, size, scale, samples)
    return seen


@pooled.register_fake
def _(features: Tensor, boxes: Tensor, pictures: Tensor, scale: float, size: int, samples: int) -> Tensor:
    return features.new_empty((boxes.shape[0], features.shape[1], size, size))


def logits(model: Any, pixels: Tensor) -> Tensor:
    """Return the boxes that a detector of torchvision draws, shape [rows, at most 100, kinds + 9] (`core.detections`).

    `pixels` are squares of the side that the detector was made for.
    """
    side = pixels.shape[-1]
    filled = -side % model.transform.size_divisible
    maps = model.backbone(functional.pad(pixels, (0, filled, 0, filled)))
    boxes, scores = _drawn(model, maps, side, side + filled)
    return _rows(*_best(boxes, scores), model.kinds, side)


def _drawn(model: Any, maps: dict[str, Tensor], side: int, whole: int) -> tuple[Tensor, Tensor]:
    """Return boxes [rows, kinds, boxes, 4] and scores [rows, kinds, boxes]."""
    levels = list(maps.values())
    if hasattr(model, "roi_heads"):
        return _in_two_stages(model, maps, side, whole)
    said = model.head(levels)
    places = _places(model.anchor_generator, levels, whole)
    if hasattr(model.head, "module_list") or type(model).__name__ == "SSD":
        return _of_places(model, said, places, side)
    return _of_levels(model, said, places, levels, side)


def _places(generator: Any, levels: Sequence[Tensor], whole: int) -> Tensor:
    """Return the places that a detector looks at, in pixels, shape [places, 4]."""
    from torchvision.models.detection.image_list import ImageList

    one = [level[:1] for level in levels]
    found: Tensor = generator(ImageList(one[0].new_zeros((1, 3, whole, whole)), [(whole, whole)]), one)[0]
    return found


def _of_places(model: Any, said: dict[str, Tensor], places: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """SSD: the likeliest places of each kind."""
    boxes = _moved(said["bbox_regression"], places, model.box_coder).clamp(0, side)
    sure = functional.softmax(said["cls_logits"], dim=-1)[..., 1:].transpose(1, 2)
    scores, chosen = sure.topk(min(model.topk_candidates, sure.shape[-1]), dim=-1)
    own = _picked(boxes[:, None].expand(-1, sure.shape[1], -1, -1), chosen)
    return own, _suppressed(own, scores, model.nms_thresh, model.score_thresh)


def _of_levels(
    model: Any, said: dict[str, Tensor], places: Tensor, levels: Sequence[Tensor], side: int
) -> tuple[Tensor, Tensor]:
    """RetinaNet and FCOS: the likeliest answers of each map, then the separate ones of each kind."""
    sure = torch.sigmoid(said["cls_logits"])
    if "bbox_ctrness" in said:
        sure = torch.sqrt(sure * torch.sigmoid(said["bbox_ctrness"]))
    kinds, total = sure.shape[-1], sum(level.shape[-1] * level.shape[-2] for level in levels)
    counts = [level.shape[-1] * level.shape[-2] * (places.shape[0] // total) for level in levels]
    parts = []
    for own, offsets, there in zip(
        *(torch.split(one, counts, -2) for one in (sure, said["bbox_regression"], places)), strict=True
    ):
        scores, at = own.flatten(1).topk(min(model.topk_candidates, own.shape[1] * kinds), dim=1)
        place = torch.div(at, kinds, rounding_mode="floor")
        boxes = _decoded(_picked(offsets, place), there[place], model.box_coder).clamp(0, side)
        parts.append((boxes, scores, at % kinds))
    boxes, scores, of = (torch.cat(same, dim=1) for same in zip(*parts, strict=True))
    apart = of[:, None] == torch.arange(kinds, device=of.device)[None, :, None]
    by_kind = torch.where(apart, scores[:, None], NOT)
    kept = survivors(boxes, by_kind, model.nms_thresh, model.score_thresh)
    return boxes[:, None].expand(-1, kinds, -1, -1), torch.where(kept, by_kind, NOT)


def _in_two_stages(model: Any, maps: dict[str, Tensor], side: int, whole: int) -> tuple[Tensor, Tensor]:
    """Faster R-CNN: proposals for any kind of thing, each looked at again."""
    proposals, sure = _proposals(model.rpn, list(maps.values()), side, whole)
    heads = model.roi_heads
    said, offsets = heads.box_predictor(heads.box_head(_looked_at(heads.box_roi_pool, maps, proposals, whole)))
    shape = (*proposals.shape[:2], -1)
    scores = functional.softmax(said, dim=-1).reshape(shape)[..., 1:].transpose(1, 2)
    moves = offsets.reshape((*shape, 4))[:, :, 1:]
    boxes = _moved(moves, proposals[:, :, None], heads.box_coder).clamp(0, side).transpose(1, 2)
    there = (sure > 0)[:, None] & ((boxes[..., 2:] - boxes[..., :2]) >= _LEAST_SIDE).all(-1)
    return boxes, _suppressed(boxes, torch.where(there, scores, NOT), heads.nms_thresh, heads.score_thresh)


def _proposals(rpn: Any, levels: Sequence[Tensor], side: int, whole: int) -> tuple[Tensor, Tensor]:
    """Return boxes [rows, proposals, 4] and how likely there is something in them, `NOT` where there are fewer."""
    said, offsets = rpn.head(levels)
    each = [own.shape[1] * own.shape[2] * own.shape[3] for own in said]
    parts = []
    places = torch.split(_places(rpn.anchor_generator, levels, whole), each)
    for own, moves, there in zip(said, offsets, places, strict=True):
        likely = own.permute(0, 2, 3, 1).flatten(1)
        likeliest, at = likely.topk(min(rpn.pre_nms_top_n(), likely.shape[1]), dim=1)
        moves = moves.unflatten(1, (-1, 4)).permute(0, 3, 4, 1, 2).flatten(1, 3)
        boxes = _moved(_picked(moves, at), there[at], rpn.box_coder).clamp(0, side)
        likeliest, sides = torch.sigmoid(likeliest), boxes[..., 2:] - boxes[..., :2]
        counts = (sides >= rpn.min_size).all(-1) & (likeliest >= rpn.score_thresh)
        scores = torch.where(counts, likeliest, NOT)[:, None]
        parts.append((boxes, torch.where(survivors(boxes, scores, rpn.nms_thresh, 0.0), scores, NOT)[:, 0]))
    boxes, scores = (torch.cat(same, dim=1) for same in zip(*parts, strict=True))
    best, at = scores.topk(min(rpn.post_nms_top_n(), scores.shape[1]), dim=1)
    return _picked(boxes, at), best


def _looked_at(pool: Any, maps: dict[str, Tensor], proposals: Tensor, whole: int) -> Tensor:
    """Return what the fitting map shows in each proposal, as `MultiScaleRoIAlign` chooses it."""
    rows, each = proposals.shape[:2]
    boxes = proposals.flatten(0, 1)
    pictures = torch.arange(rows, device=boxes.device)[:, None].expand(-1, each).flatten()
    levels = [maps[name] for name in pool.featmap_names if name in maps]
    halvings = [round(math.log2(whole / level.shape[-1])) for level in levels]
    sides = (boxes[:, 2:] - boxes[:, :2]).prod(dim=1).sqrt()
    wanted = torch.floor(pool.canonical_level + torch.log2(sides / pool.canonical_scale) + 1e-6)
    wanted = (wanted.clamp(halvings[0], halvings[-1]) - halvings[0])[:, None, None, None]
    shown = [
        pooled(level, boxes, pictures, 0.5**halving, pool.output_size[0], pool.sampling_ratio)
        for level, halving in zip(levels, halvings, strict=True)
    ]
    seen: Tensor = shown[0]
    for at, here in enumerate(shown[1:], start=1):  # by number: two maps may have one scale
        seen = torch.where(wanted == at, here, seen)
    return seen


def _suppressed(boxes: Tensor, scores: Tensor, overlap: float, least: float) -> Tensor:
    """Return the scores [rows, kinds, boxes], `NOT` where a surer box of the kind covers too much of a box."""
    one_each = scores.flatten(0, 1)[:, None]
    kept = survivors(boxes.flatten(0, 1), one_each, overlap, least)
    return torch.where(kept.reshape(scores.shape), scores, NOT)


def _best(boxes: Tensor, scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return boxes, scores and kinds of the surest of all kinds, at most 100 in a picture."""
    each = scores.shape[-1]
    best, at = scores.flatten(1).topk(min(MOST, scores.shape[1] * each), dim=1)
    return _picked(boxes.flatten(1, 2), at), best, torch.div(at, each, rounding_mode="floor")


def _rows(boxes: Tensor, scores: Tensor, of: Tensor, kinds: int, side: int) -> Tensor:
    there = (scores > 0)[..., None]
    apart = torch.full((*scores.shape, 5 + kinds), APART, device=scores.device)
    sure = torch.where(there, scores[..., None].clamp(1e-6, 1 - 1e-6).logit(), APART)
    said = apart[..., : 1 + kinds].scatter(-1, of[..., None] + 1, sure)
    return torch.cat([said, apart[..., :4], torch.where(there, boxes / side, 0.0)], dim=-1)


def _picked(values: Tensor, at: Tensor) -> Tensor:
    """Return the `values` [..., items, n] at the places [..., picked]."""
    return values.gather(-2, at[..., None].expand(*at.shape, values.shape[-1]))


def _decoded(offsets: Tensor, places: Tensor, coder: Any) -> Tensor:
    return _moved(offsets, places, coder) if hasattr(coder, "weights") else _around(offsets, places, coder)


def _moved(offsets: Tensor, places: Tensor, coder: Any) -> Tensor:
    """Return boxes that lie by their offsets from places, as `BoxCoder` has it."""
    sides = places[..., 2:] - places[..., :2]
    centres = places[..., :2] + 0.5 * sides
    moves = offsets / torch.tensor(coder.weights, dtype=offsets.dtype, device=offsets.device)
    middle = moves[..., :2] * sides + centres
    half = 0.5 * moves[..., 2:].clamp(max=coder.bbox_xform_clip).exp() * sides
    return torch.cat([middle - half, middle + half], dim=-1)


def _around(offsets: Tensor, places: Tensor, coder: Any) -> Tensor:
    """Return boxes whose edges lie so far from the middle of places, as `BoxLinearCoder` has it."""
    sides = places[..., 2:] - places[..., :2]
    middle = 0.5 * (places[..., 2:] + places[..., :2])
    far = offsets * torch.cat([sides, sides], dim=-1) if coder.normalize_by_size else offsets
    return torch.cat([middle - far[..., :2], middle + far[..., 2:]], dim=-1)
