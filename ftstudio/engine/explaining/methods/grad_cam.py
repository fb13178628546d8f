"""Pictures by Grad-CAM (1610.02391): where the last spatial layer of a convolutional network speaks for a label."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ftstudio.core.specs import Modality
from ftstudio.core.translation import N_
from ftstudio.engine.explaining.fields import Fields
from ftstudio.engine.explaining.method import MethodSpec
from ftstudio.engine.explaining.subject import Subject, Weighed, model_of, score

SPEC = MethodSpec("grad_cam", N_("Grad-CAM"), frozenset({Modality.IMAGE}), 10)


def suits(subject: Subject) -> bool:
    """Whether the model is a convolutional network."""
    return isinstance(subject, Fields) and last_spatial_layer(model_of(subject), subject.pixels) is not None


def weigh(subject: Subject, target: int) -> Weighed:
    """Return the channels' sum, each weighted by its mean gradient; what speaks against `target` stays below 0."""
    assert isinstance(subject, Fields)
    layer = last_spatial_layer(model_of(subject), subject.pixels)
    assert layer is not None
    kept: list[Tensor] = []

    def keep(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        seen = output.detach().requires_grad_()
        kept.append(seen)
        return seen.clone()  # what follows may change it in place

    handle = layer.register_forward_hook(keep)
    try:
        with torch.enable_grad():
            value = score(subject, subject.inputs, target).sum()
            (gradient,) = torch.autograd.grad(value, kept[-1])
    finally:
        handle.remove()
    heat = (kept[-1].detach() * gradient.mean(dim=(2, 3), keepdim=True)).sum(dim=1)[0]
    return Weighed(heat.double().cpu().numpy())


def last_spatial_layer(model: nn.Module, pixels: Tensor) -> nn.Module | None:
    """Return the module that gives the last map of features [rows, channels, height, width] of more than one place.

    None for models that convolve only at their beginning (transformers cut a picture into patches so) or that keep
    their channels last.
    """
    spatial: list[tuple[int, nn.Module]] = []
    calls = 0

    def note(module: nn.Module, inputs: Any, output: Any) -> None:
        nonlocal calls
        calls += 1
        if isinstance(output, Tensor) and output.ndim == 4 and _is_map(output):
            spatial.append((calls, module))

    handles = [module.register_forward_hook(note) for module in model.modules()]
    try:
        with torch.no_grad():
            model(pixels)
    finally:
        for handle in handles:
            handle.remove()
    return spatial[-1][1] if spatial and spatial[-1][0] > calls / 2 else None


def _is_map(output: Tensor) -> bool:
    _, channels, height, width = output.shape
    return height > 1 and width > 1 and channels >= 2 and not (channels == height != width)
