"""Checkpoint files of torchvision's networks with random weights, as `torch.save(model.state_dict(), …)` makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def save_checkpoint(architecture: str, folder: Path, **options: Any) -> Path:
    """Write `architecture`.pth into `folder` and return it; `options` are torchvision's (`num_classes`…)."""
    from ftstudio.engine import torchvision_compat

    torchvision_compat.ensure()
    import torch
    from torchvision import models

    path = folder / f"{architecture}.pth"
    torch.save(models.get_model(architecture, **options).state_dict(), path)
    return path
