"""Other sizes of pictures than a model was made with, where its network reads them: for more detail, or for speed.

Networks of convolutions that end in a mean read any size; many transformers have a position for each piece of a picture
of one size. Whether a network does is not looked up but tried.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.engine.vision.pictures import Preparer, huggingface_preparer, plain_preparer, transforms_preparer

Loaded = tuple[nn.Module, Any, Preparer]


def at_side(loaded: Loaded, source: str, side: int) -> Loaded:
    """Return a loaded classifier that is given pictures of `side` pixels; raises `InputError` if it cannot read them.

    The processor is changed with it, so that whoever gets the trained model prepares pictures of this size, too.
    """
    model, processor, _ = loaded
    if not reads(model, model, side):
        raise bound(side)
    changed, preparer = _CHANGES[source](model, processor, side)
    return model, changed, preparer


def bound(side: int) -> InputError:
    """Return the error of a model that does not read pictures of `side` pixels."""
    return InputError(
        text("This model does not read pictures of {side} pixels: its network is bound to one size.", side=side),
        text("Leave the picture size empty, or choose a model that reads any size, like a ResNet or ConvNeXt."),
        field="picture_size",
    )


@torch.no_grad()
def reads(run: Callable[[Tensor], Any], model: nn.Module, side: int) -> bool:
    """Tell whether a network takes pictures of `side` pixels; its modes and chance stay as they are."""
    modes = [(module, module.training) for module in model.modules()]
    weight = next(model.parameters())
    try:
        model.eval()
        run(torch.zeros(1, 3, side, side, device=weight.device, dtype=weight.dtype))
    except (RuntimeError, ValueError, AssertionError, IndexError):
        return False
    finally:
        for module, was in modes:
            module.training = was
    return True


def _of_huggingface(model: Any, processor: Any, side: int) -> tuple[Any, Preparer]:
    known = processor.to_dict()
    size = {key: int(value) for key, value in dict(processor.size).items() if value}
    if set(size) == {"height", "width"}:
        known["size"] = {"height": side, "width": side}
    elif getattr(processor, "do_center_crop", False) and not getattr(processor, "crop_pct", None):
        shown = int(processor.crop_size["height"])
        known["size"] = {"shortest_edge": round(size["shortest_edge"] * side / shown)}
        known["crop_size"] = {"height": side, "width": side}
    else:
        known["size"] = {"shortest_edge": side}
    changed = type(processor).from_dict(known)
    return changed, huggingface_preparer(changed)


def _of_timm(model: Any, processor: Any, side: int) -> tuple[Any, Preparer]:
    known = {**model.config.pretrained_cfg, "input_size": [3, side, side]}
    model.config.pretrained_cfg = known
    changed = type(processor)(pretrained_cfg=known, architecture=model.config.architecture)
    return changed, transforms_preparer(changed.val_transforms)


def _of_torchvision(model: Any, documents: Any, side: int) -> tuple[Any, Preparer]:
    recipe = documents["recipe"]
    known = {**recipe, "size": round(recipe["size"] * side / recipe["crop"]), "crop": side}
    preparer = plain_preparer(known["size"], side, known["interpolation"], known["mean"], known["std"])
    return {**documents, "recipe": known}, preparer


_CHANGES: dict[str, Callable[[Any, Any, int], tuple[Any, Preparer]]] = {
    "huggingface": _of_huggingface,
    "timm": _of_timm,
    "torchvision": _of_torchvision,
}
