"""How torchvision's thorough detectors (`pyramid_network`) learn here: by their own loss, in float32."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ftstudio.engine.vision import pyramid_network
from ftstudio.engine.vision.own_loss import with_remark


def answers(model: Any, pixels: Tensor, wanted: Tensor | None) -> Tensor:
    """Run a detector (`own_loss`); `wanted` are the true boxes [rows, boxes, 5], None where they are not known.

    Chance picks the places that count in its loss, so a look at the validation pictures must not use up any.
    """
    with torch.autocast(pixels.device.type, enabled=False):
        targets = None if wanted is None else _targets(wanted, pixels.shape[-1])
        if model.training and targets is not None:
            return pyramid_network.losses(model, pixels, targets).expand(pixels.shape[0], 1)
        kinds = model.kinds
        if targets is None:
            return pyramid_network.logits(model, pixels, kinds)
        with torch.random.fork_rng(), pyramid_network.once(model, pixels):
            torch.manual_seed(0)
            rows = pyramid_network.logits(model, pixels, kinds)
            return with_remark(rows, pyramid_network.losses(model, pixels, targets))


def _targets(wanted: Tensor, side: int) -> list[dict[str, Tensor]]:
    """Return true boxes as torchvision wants them: corners in pixels, and kinds."""
    there = [one[one[:, 0] >= 0] for one in wanted]
    return [{"boxes": one[:, 1:] * side, "labels": one[:, 0].long()} for one in there]
