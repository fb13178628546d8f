"""Checkpoint files of torchvision's networks with random weights, as `torch.save(model.state_dict(), …)` makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def save_checkpoint(architecture: str, folder: Path, **options: Any) -> Path:
    """Write `architecture`.pth into `folder` and return it; `options` are torchvision's (`num_classes`…).

    The weights are noise of the right shapes, which is made much faster than torchvision's own beginnings.
    """
    from ftstudio.engine.vision import torchvision_compat

    torchvision_compat.ensure()
    import torch
    from torchvision import models

    with torch.device("cpu" if architecture.startswith("regnet") else "meta"):
        shapes = models.get_model(architecture, **options).state_dict()
    steady = any(name.endswith("running_var") for name in shapes)
    state = {name: _noise(name, value) if steady else _even_noise(name, value) for name, value in shapes.items()}
    path = folder / f"{architecture}.pth"
    torch.save(state, path)
    return path


def _noise(name: str, like: Any) -> Any:
    import torch

    if not like.is_floating_point():
        return torch.zeros(like.shape, dtype=like.dtype)
    generator = torch.Generator().manual_seed(len(name))
    low = 0.5 if name.endswith("running_var") else -0.1
    return torch.empty(like.shape).uniform_(low, 1.0 + low, generator=generator) * (0.2 if low < 0 else 1.0)


def _even_noise(name: str, like: Any) -> Any:
    """Noise that no layer makes larger, for networks in which nothing brings it back to size."""
    fan_in = like[0].numel() if like.dim() > 1 else 1
    return (_noise(name, like) - 0.08) * 10 * (3 / fan_in) ** 0.5 if fan_in > 1 else _noise(name, like) * 0
