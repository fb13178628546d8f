"""Two pictures in one: mixup (Zhang et al. 2018, arXiv:1710.09412) and CutMix (Yun et al. 2019, arXiv:1905.04899).

The loss is that of both labels in the shares of both pictures, which any loss per row allows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ftstudio.engine.task import Batch


@dataclass(frozen=True)
class Mix:
    """How the rows of a portion are mixed: `share` of each picture stays, the rest comes from its `partner`.

    `box` is (top, bottom, left, right) as shares of height and width of what is pasted, None for a blend.
    """

    partner: NDArray[np.int64]
    share: float
    box: tuple[float, float, float, float] | None


def draw(rows: int, mixup: float, cutmix: float, seed: int) -> Mix:
    """Draw how `rows` rows are mixed; with both strengths above 0 one of the two is taken by chance."""
    chance = np.random.default_rng((seed, 1710))
    partner = chance.permutation(rows).astype(np.int64)
    if cutmix and (not mixup or chance.random() < 0.5):
        box = _box(float(chance.beta(cutmix, cutmix)), chance.random(), chance.random())
        return Mix(partner, 1.0 - (box[1] - box[0]) * (box[3] - box[2]), box)
    return Mix(partner, float(chance.beta(mixup, mixup)), None)


def _box(share: float, down: float, across: float) -> tuple[float, float, float, float]:
    """Return the box around (down, across) that covers 1 − `share` of a picture, cut off at its edges."""
    half = math.sqrt(1.0 - share) / 2
    return max(0.0, down - half), min(1.0, down + half), max(0.0, across - half), min(1.0, across + half)


def mix_pictures(pixels: Tensor, mix: Mix) -> tuple[Tensor, float]:
    """Return mixed pictures, shape as given [rows, 3, height, width], and the share each kept of its own."""
    others = pixels[torch.from_numpy(mix.partner).to(pixels.device)]
    if mix.box is None:
        return torch.lerp(others, pixels, mix.share), mix.share
    height, width = pixels.shape[-2:]
    top, bottom = (round(edge * height) for edge in mix.box[:2])
    left, right = (round(edge * width) for edge in mix.box[2:])
    mixed = pixels.clone()
    mixed[..., top:bottom, left:right] = others[..., top:bottom, left:right]
    return mixed, 1.0 - (bottom - top) * (right - left) / (height * width)


@dataclass(frozen=True)
class Mixed:
    """Learns from mixed pictures. `mixup` and `cutmix` are the parameters of the Beta distribution of the shares."""

    forward: Callable[[Batch], Tensor]
    score: Callable[[Tensor, Tensor], Tensor]
    mixup: float
    cutmix: float

    def losses(self, rows: Batch, seed: int) -> Tensor:
        """Mix, run, and score against both labels."""
        mix = draw(len(rows.labels), self.mixup, self.cutmix, seed)
        inputs, share = dict(rows.inputs), mix.share
        for key, value in rows.inputs.items():
            if value.is_floating_point() and value.ndim == 4:
                inputs[key], share = mix_pictures(value, mix)
        logits = self.forward(Batch(inputs, rows.labels))
        others = rows.labels[torch.from_numpy(mix.partner).to(rows.labels.device)]
        return share * self.score(logits, rows.labels) + (1.0 - share) * self.score(logits, others)
