"""How much of what tells the classes apart each depth of the unchanged model holds: one pass, and a probe per depth.

Hooks catch what comes out of every part while the rows go through the model once (linear probes: Alain and Bengio
2016, 1610.01644). Only means over tokens or over the picture are kept, in half precision, so that memory
stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ftstudio.core.module_tree import BLOCK, EMBEDDINGS, TOP, Part
from ftstudio.engine.device import Hardware
from ftstudio.engine.layers.modules import final_linear, leaves_of, module_of
from ftstudio.engine.learning.batching import evaluation_batches
from ftstudio.engine.learning.feeds import ModelFeed

MOST_DEPTHS = 32
LARGEST = 65_000.0  # what half precision can hold

Caught = dict[str, Tensor]


@dataclass(frozen=True)
class Watchpoint:
    """Where the features after the part `name` are caught: what leaves `module`, or what enters it."""

    name: str
    module: nn.Module
    entering: bool


def watchpoints(model: nn.Module, parts: Sequence[Part], classes: int) -> list[Watchpoint]:
    """Return where to look, from input to output: after the embeddings, after every block, and before the head.

    A part that is not a module of its own is caught where the next one begins, the last one before the head. Of very
    many parts some are left out.
    """
    inner = [part for part in parts if part.kind in (EMBEDDINGS, BLOCK)]
    found = [_after(model, part, following) for part, following in zip(inner, [*inner[1:], None], strict=True)]
    points = [point for point in found if point is not None]
    if len(points) > MOST_DEPTHS:
        points = [points[at] for at in np.linspace(0, len(points) - 1, MOST_DEPTHS).round().astype(int)]
    head = final_linear(model, classes)
    has_top = any(part.kind == TOP for part in parts) or not found or found[-1] is None
    return [*points, Watchpoint(TOP, head, entering=True)] if head is not None and has_top else points


def _after(model: nn.Module, part: Part, following: Part | None) -> Watchpoint | None:
    module = module_of(model, part)
    if module is not None:
        return Watchpoint(part.name, module, entering=False)
    if following is None:
        return None
    next_module = module_of(model, following)
    return Watchpoint(part.name, next_module or leaves_of(model, [following])[0], entering=True)


@dataclass(frozen=True)
class Features:
    """What was caught: the names of the depths, and for each the features of all rows, float16, [rows, channels]."""

    names: list[str]
    values: list[NDArray[np.float16]]


def collect(
    feed: ModelFeed, points: Sequence[Watchpoint], hardware: Hardware, tick: Callable[[int, int], None]
) -> Features:
    """Run all rows of `feed` through the model once and return the features at `points`.

    A point that nothing reaches (a module the model does not call) is left out. `tick(done, total)` may raise.
    """
    stored: dict[str, NDArray[np.float16]] = {}
    total, done = len(feed.labels), 0
    training = {module for module in feed.module.modules() if module.training}
    feed.module.eval()
    try:
        with torch.inference_mode():
            for rows in evaluation_batches(feed.lengths):
                batch = feed.batch(rows).to(hardware.device)
                with _watching(points, batch.inputs.get("attention_mask")) as caught, hardware.autocast():
                    feed.logits(batch)
                for name, values in caught.items():
                    if name not in stored:
                        stored[name] = np.zeros((total, values.shape[1]), dtype=np.float16)
                    stored[name][rows] = values.float().clamp(-LARGEST, LARGEST).cpu().numpy()
                done += len(rows)
                tick(done, total)
    finally:
        for module in training:
            module.training = True
    names = [point.name for point in points if point.name in stored]
    return Features(names, [stored[name] for name in names])


def pooled(values: Tensor, mask: Tensor | None) -> Tensor:
    """Return one vector a row, shape [rows, channels]: the mean over tokens that are not padding, or over the picture.

    Args:
        values: [rows, channels], [rows, tokens, channels], [rows, channels, height, width], or, as some vision
            transformers have it, [rows, height, width, channels].
        mask: 1 for tokens that count, shape [rows, tokens]; only used where it fits.
    """
    if values.ndim == 4:
        last = values.shape[1] == values.shape[2] and values.shape[2] != values.shape[3]
        return values.mean(dim=(1, 2) if last else (2, 3))
    if values.ndim == 3 and mask is not None and mask.shape == values.shape[:2]:
        weights = mask.to(values.dtype)
        return torch.bmm(weights.unsqueeze(1), values).squeeze(1) / weights.sum(dim=1, keepdim=True).clamp(min=1)
    return values.mean(dim=1) if values.ndim == 3 else values.reshape(len(values), -1)


@contextmanager
def _watching(points: Sequence[Watchpoint], mask: Tensor | None) -> Iterator[Caught]:
    caught: Caught = {}
    handles = [_hook(point, caught, mask) for point in points]
    try:
        yield caught
    finally:
        for handle in handles:
            handle.remove()


def _hook(point: Watchpoint, caught: Caught, mask: Tensor | None) -> Any:
    def leaving(_: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        caught[point.name] = pooled(_tensor(output), mask)

    def entering(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        caught[point.name] = pooled(_tensor(args[0] if args else next(iter(kwargs.values()))), mask)

    if point.entering:
        return point.module.register_forward_pre_hook(entering, with_kwargs=True)
    return point.module.register_forward_hook(leaving, with_kwargs=True)


def _tensor(output: Any) -> Tensor:
    while not isinstance(output, Tensor):
        output = next(iter(output.values())) if isinstance(output, dict) else output[0]
    return output


def depth_of(name: str, parts: Sequence[Part]) -> int:
    """Return after how many blocks the features called `name` come (embeddings: 0; before the head: all)."""
    blocks = [part.name for part in parts if part.kind == BLOCK]
    return blocks.index(name) + 1 if name in blocks else (0 if name == EMBEDDINGS else len(blocks))
