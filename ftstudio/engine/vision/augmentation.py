"""Slightly changed pictures, so that a model cannot learn them by heart; the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from ftstudio.core.settings import TrainingSettings

MOVES = ("Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate")
JITTER = {"brightness": 0.25, "contrast": 0.25, "saturation": 0.25}


@dataclass(frozen=True)
class Changes:
    """What may be done to pictures: `strength` (`none`, `light`, `strong`, `randaugment`), and what is left out."""

    strength: str = "none"
    mirrors: bool = True
    colours: bool = True


UNCHANGED = Changes()


def changes_of(settings: TrainingSettings) -> Changes:
    """Return what the settings of a run do to its pictures."""
    return Changes(settings.augmentation, settings.mirroring, settings.colour_changes)


@cache
def _pipeline(changes: Changes, size: tuple[int, int]) -> Any:
    from torchvision.transforms import v2

    steps: list[Any] = [v2.RandomResizedCrop(size, scale=(0.65, 1.0), ratio=(0.85, 1.18), antialias=True)]
    if changes.mirrors:
        steps.append(v2.RandomHorizontalFlip())
    if changes.strength == "strong":
        steps.append(v2.RandomApply([v2.RandomRotation(15)], p=0.5))
        if changes.colours:
            steps.append(v2.ColorJitter(**JITTER))
        steps.append(v2.RandomErasing(p=0.25, scale=(0.02, 0.15)))
    if changes.strength == "randaugment":
        steps.append(_randaugment(changes))
    return v2.Compose(steps)


def _randaugment(changes: Changes) -> Any:
    """Return two of fourteen changes, at the strength found for ImageNet (Cubuk et al. 2020, arXiv:1909.13719).

    Where colours must stay, two of the six that only move the picture.
    """
    return _two_of(lambda name: changes.colours or name in MOVES)


def _two_of(allowed: Callable[[str], bool]) -> Any:
    from torchvision.transforms import v2

    step: Any = v2.RandAugment(num_ops=2, magnitude=9)
    step._AUGMENTATION_SPACE = {name: how for name, how in step._AUGMENTATION_SPACE.items() if allowed(name)}
    return step


@cache
def _colouring(strength: str) -> Any:
    from torchvision.transforms import v2

    if strength == "strong":
        return v2.ColorJitter(**JITTER)
    return _two_of(lambda name: name == "Identity" or name not in MOVES)


def augment(pixels: Tensor, changes: Changes, seed: int) -> Tensor:
    """Return changed copies of pictures.

    Args:
        pixels: uint8, shape [rows, 3, height, width].
        changes: what may be done to them; its strength is not `none`.
        seed: starts the chance; the chance of everything else is left as it was.

    Returns:
        uint8, same shape.
    """
    return _changed(pixels, _pipeline(changes, (int(pixels.shape[-2]), int(pixels.shape[-1]))), seed)


def recolour(pixels: Tensor, changes: Changes, seed: int) -> Tensor:
    """Return pictures in which things stay where they are: of all changes only those of colours, where there are any.

    Arguments are those of `augment`. RandAugment then makes two of its changes that move nothing.
    """
    if not changes.colours or changes.strength == "light":
        return pixels
    return _changed(pixels, _colouring(changes.strength), seed)


def _changed(pixels: Tensor, pipeline: Any, seed: int) -> Tensor:
    before = torch.get_rng_state()
    torch.manual_seed(seed)
    try:
        return torch.stack([pipeline(picture) for picture in pixels])
    finally:
        torch.set_rng_state(before)
