"""Detectors of transformers: DETR and its kin, which answer a picture with a set of boxes and match it by themselves.

Carion et al. 2020 (arXiv 2005.12872) and what came of it. Loss, matching and preparation are the model's own; what is
added here is a new choice of kinds, and answers in the form of `core.detections`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from ftstudio.core.detections import APART, MOST_BOXES
from ftstudio.engine.vision.own_loss import with_remark
from ftstudio.engine.vision.pictures import Preparer, huggingface_preparer

_AS_MANY_AS_ASKED = ("rt_detr", "rt_detr_v2", "d_fine")  # draw as many boxes as there are queries


def load(
    folder: Path, labels: Sequence[str], side: int | None = None, *, trained: bool
) -> tuple[nn.Module, Any, Preparer]:
    """Load a folder of transformers with its image processor; `trained` tells that its kinds are `labels` already.

    Pictures get `side` pixels where it is given, else the size that the processor is made for.
    Raises what transformers raises where the folder cannot be loaded.
    """
    from transformers import AutoConfig, AutoImageProcessor, AutoModelForObjectDetection

    config: Any = AutoConfig.from_pretrained(folder)
    config.use_pretrained_backbone = False  # its weights are in the folder; else they would be looked for elsewhere
    model: Any = AutoModelForObjectDetection.from_pretrained(
        folder, config=config, dtype=torch.float32, use_safetensors=True
    )
    if not trained and known(config) != list(labels):
        model = with_kinds(model, list(labels))
    for weight in model.parameters():
        weight.fixed = not weight.requires_grad  # D-FINE keeps two numbers as they are
    model.loss_function = in_full(model.loss_function)
    model.answers = answers
    preparers: Any = AutoImageProcessor
    processor = preparers.from_pretrained(folder)
    squeeze(processor)
    if side is not None:
        processor.size = {"height": side, "width": side}
    return model, processor, huggingface_preparer(processor)


def known(config: Any) -> list[str]:
    """Return the kinds that a model of this configuration knows, in order."""
    return [str(config.id2label[at]) for at in range(config.num_labels)]


def squeeze(processor: Any) -> None:
    """Let an image processor bring every picture to one size: its own, or a square of its shorter side.

    Pictures of one size need no filling up, which some of these models were never told to leave out.
    """
    size: dict[str, Any] = dict(processor.size)
    side = size.get("shortest_edge") or size.get("longest_edge") or size.get("max_height")
    processor.size = {"height": size.get("height") or side, "width": size.get("width") or side}
    processor.do_pad, processor.pad_size = False, None


def with_kinds(model: Any, labels: list[str]) -> nn.Module:
    """Return the model for other kinds: what names them is new, but for kinds that it knows by the same name."""
    import transformers

    made: Any = transformers.AutoModelForObjectDetection
    old = known(model.config)
    config = type(model.config).from_dict(model.config.to_dict())
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: at for at, label in enumerate(labels)}
    fresh = made.from_config(config, dtype=torch.float32)
    state, before = fresh.state_dict(), model.state_dict()
    naming = _naming(config)
    numbers = {name.casefold(): at for at, name in enumerate(old)}
    pairs = [(at, numbers[name.casefold()]) for at, name in enumerate(labels) if name.casefold() in numbers]
    for name, value in before.items():
        if name not in naming:
            state[name] = value
            continue
        for new, had in pairs:
            state[name][new] = value[had]
        if len(value) == len(old) + 1:  # the last row is for nothing
            state[name][-1] = value[-1]
    fresh.load_state_dict(state)
    return fresh  # type: ignore[no-any-return]


def _naming(config: Any) -> set[str]:
    """Return the names of the weights that have a row for each kind."""
    import transformers

    made: Any = transformers.AutoModelForObjectDetection
    shapes = []
    for more in (0, 1):
        other = type(config).from_dict(config.to_dict())
        other.num_labels = config.num_labels + more
        with torch.device("meta"):
            state = made.from_config(other).state_dict()
        shapes.append({name: value.shape for name, value in state.items()})
    return {name for name, shape in shapes[0].items() if shapes[1][name] != shape}


def in_full(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Return a loss that computes in float32 whatever the model computes in: boxes need more than half precision."""

    @wraps(loss)
    def full(*args: Any, **kwargs: Any) -> Any:
        with torch.autocast("cuda", enabled=False), torch.autocast("cpu", enabled=False):
            return loss(*tree_map(_float, args), **tree_map(_float, kwargs))

    return full


def _float(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value


def answers(model: Any, pixels: Tensor, wanted: Tensor | None) -> Tensor:
    """Run a detector of transformers (`own_loss`); `wanted` are the true boxes [rows, boxes, 5], None where unknown."""
    said = model(pixel_values=pixels, labels=None if wanted is None else targets(wanted))
    if model.training and wanted is not None:
        loss: Tensor = said.loss.float()
        return loss.expand(pixels.shape[0], 1)
    most = model.config.num_queries if model.config.model_type in _AS_MANY_AS_ASKED else MOST_BOXES
    rows = boxes_of(said.logits.float(), said.pred_boxes.float(), model.config.num_labels, most)
    return rows if wanted is None else with_remark(rows, said.loss)


def targets(wanted: Tensor) -> list[dict[str, Tensor]]:
    """Return true boxes as these models want them: kinds, and centre, width and height in shares of the picture."""
    found = []
    for one in wanted:
        there = one[one[:, 0] >= 0]
        corners = there[:, 1:]
        boxes = torch.cat([(corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]], dim=1)
        found.append({"class_labels": there[:, 0].long(), "boxes": boxes})
    return found


def boxes_of(logits: Tensor, boxes: Tensor, kinds: int, most: int) -> Tensor:
    """Return what a model says of each box it draws, as `core.detections` reads it, shape [rows, boxes, kinds + 9].

    As transformers' own decoding does: models with a logit for nothing give each box its likeliest kind; the others
    judge each kind by itself, and the `most` likeliest of all boxes and kinds of a picture count.
    """
    if logits.shape[-1] == kinds + 1:
        best = logits.softmax(-1)[..., :-1].max(-1, keepdim=True)
        sure = best.values.clamp(1e-6, 1 - 1e-6).logit()
        logits = torch.full_like(logits[..., :-1], APART).scatter(-1, best.indices, sure)
    elif logits[0].numel() > most:
        least = logits.flatten(1).topk(most).values[:, -1, None, None]
        logits = logits.masked_fill(logits < least, APART)
    apart = torch.full_like(boxes, APART)
    corners = torch.cat([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., :2] + boxes[..., 2:] / 2], dim=-1)
    return torch.cat([apart[..., :1], logits, apart, corners], dim=-1)
