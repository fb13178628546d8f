"""Pictures by integrated gradients on their pixels, summed over patches: for transformers, and any other network.

1703.01365 from a picture blurred beyond recognition. A transformer reads a picture patch by patch through a linear
layer, so the sum over a patch is the weight of that patch as the model reads it. Noise of single pixels is summed away.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ftstudio.core.specs import Modality
from ftstudio.core.translation import N_
from ftstudio.engine.explaining.fields import Fields
from ftstudio.engine.explaining.method import MethodSpec
from ftstudio.engine.explaining.path_gradients import integrate
from ftstudio.engine.explaining.subject import Subject, Weighed, model_of, score

SPEC = MethodSpec("gradient_map", N_("Gradient map"), frozenset({Modality.IMAGE}), 20)
USUAL_PATCHES = 14
FEWEST_PATCHES = 4
FEWEST_STEPS, MOST_STEPS = 8, 32  # a step through a large picture takes a tenth of a second and more


def suits(subject: Subject) -> bool:
    """Every network for pictures has gradients."""
    return isinstance(subject, Fields)


def weigh(subject: Subject, target: int) -> Weighed:
    """Return the sum of the weights of the pixels in each patch, shape [patches, patches]."""
    assert isinstance(subject, Fields)

    def along(values: Tensor) -> Tensor:
        return score(subject, {"pixel_values": values}, target)

    shares, gap = integrate(along, subject.blurred, subject.pixels, FEWEST_STEPS, MOST_STEPS)
    summed = shares.sum(dim=0)[None, None].double()
    rows, columns = _patches(model_of(subject), subject.pixels)
    size = torch.tensor(summed.shape[-2:]).prod() / (rows * columns)
    heat = functional.adaptive_avg_pool2d(summed, (rows, columns))[0, 0] * size.to(summed)
    return Weighed(heat.cpu().numpy(), gap)


def _patches(model: nn.Module, pixels: Tensor) -> tuple[int, int]:
    """Return in how many rows and columns the model cuts a picture, or what is usual where it cuts too fine."""
    first = next((module for module in model.modules() if isinstance(module, nn.Conv2d)), None)
    stride = first.stride[0] if first is not None and isinstance(first.stride, tuple) else 0
    height, width = pixels.shape[-2:]
    if stride < 4 or min(height, width) // stride < FEWEST_PATCHES:
        return min(USUAL_PATCHES, height), min(USUAL_PATCHES, width)
    return height // stride, width // stride
