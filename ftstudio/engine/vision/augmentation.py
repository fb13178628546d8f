"""Slightly changed pictures, so that a model cannot learn them by heart; the same for the same seed."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor


@cache
def _pipeline(strength: str, size: tuple[int, int]) -> Any:
    from torchvision.transforms import v2

    steps: list[Any] = [
        v2.RandomResizedCrop(size, scale=(0.65, 1.0), ratio=(0.85, 1.18), antialias=True),
        v2.RandomHorizontalFlip(),
    ]
    further: dict[str, list[Any]] = {
        "strong": [
            v2.RandomApply([v2.RandomRotation(15)], p=0.5),
            v2.ColorJitter(brightness=0.25, contrast=0.25, saturation=0.25),
            v2.RandomErasing(p=0.25, scale=(0.02, 0.15)),
        ],
        # Cubuk et al. 2020, arXiv:1909.13719: two of fourteen changes, at the strength it found for ImageNet.
        "randaugment": [v2.RandAugment(num_ops=2, magnitude=9)],
    }
    return v2.Compose(steps + further.get(strength, []))


def augment(pixels: Tensor, strength: str, seed: int) -> Tensor:
    """Return changed copies of pictures.

    Args:
        pixels: uint8, shape [rows, 3, height, width].
        strength: `light`, `strong` or `randaugment`.
        seed: starts the chance; the chance of everything else is left as it was.

    Returns:
        uint8, same shape.
    """
    pipeline = _pipeline(strength, (int(pixels.shape[-2]), int(pixels.shape[-1])))
    before = torch.get_rng_state()
    torch.manual_seed(seed)
    try:
        return torch.stack([pipeline(picture) for picture in pixels])
    finally:
        torch.set_rng_state(before)
