"""Writes down in plain numbers how a model's processor prepares a picture, for programs that know none of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

from ftstudio.core.errors import StudioError
from ftstudio.core.text import text
from ftstudio.engine.vision.pictures import Preparer

Recipe = dict[str, Any]


def recipe_of(processor: Any, preparer: Preparer, *, whole: bool = False) -> Recipe:
    """Return the steps: `resize` (`exact`, `shorter` side, or none) to `size`, `crop` from the middle, `mean`, `std`.

    Sizes are [height, width]; mean and spread are those of values in [0, 1]. A `whole` picture is squeezed into the
    square that a network sees, and nothing of it is cut away. Raises `StudioError` for a preparation
    that has other steps.
    """
    if isinstance(processor, Mapping):
        steps = _of_torchvision(processor["recipe"], whole=whole)
    elif hasattr(processor, "val_transforms"):
        steps = _of_transforms(processor.val_transforms)
    else:
        steps = _of_huggingface(processor)
    mean, spread = ([float(value) for value in part.flatten()] for part in (preparer.mean, preparer.spread))
    return {"kind": "image", **steps, "mean": mean, "std": spread}


def _of_torchvision(recipe: Mapping[str, Any], *, whole: bool) -> Recipe:
    if whole:
        return _steps("exact", [int(recipe["size"])] * 2, recipe["interpolation"], None)
    crop = [int(recipe["crop"])] * 2
    return _steps("shorter", [int(recipe["size"])] * 2, recipe["interpolation"], crop)


def _of_transforms(pipeline: Any) -> Recipe:
    size, interpolation, crop, resize = [0, 0], "bilinear", None, ""
    for step in pipeline.transforms:
        kind = type(step).__name__
        if kind == "Resize":
            resize, size = ("shorter", [step.size] * 2) if isinstance(step.size, int) else ("exact", list(step.size))
            if len(size) == 1:
                resize, size = "shorter", size * 2
            interpolation = step.interpolation.value
        elif kind == "CenterCrop":
            crop = [int(side) for side in step.size]
        elif kind not in ("ToTensor", "MaybeToTensor", "PILToTensor", "MaybePILToTensor", "Normalize"):
            raise _unwritable(kind)
    return _steps(resize, [int(side) for side in size], interpolation, crop)


def _of_huggingface(processor: Any) -> Recipe:
    if getattr(processor, "do_pad", False):
        raise _unwritable(type(processor).__name__)
    resize, size = "", [0, 0]
    if getattr(processor, "do_resize", True) is not False:
        resize, size = _size(processor)
    crop = None
    if getattr(processor, "crop_pct", None):
        resize, size, crop = _with_crop_share(processor, size)
    if getattr(processor, "do_center_crop", False):
        crop = [int(processor.crop_size["height"]), int(processor.crop_size["width"])]
    interpolation = Image.Resampling(int(getattr(processor, "resample", 2))).name.lower()
    return _steps(resize, size, interpolation, crop)


def _size(processor: Any) -> tuple[str, list[int]]:
    size = {key: value for key, value in dict(processor.size).items() if value}
    if set(size) == {"shortest_edge"}:
        return "shorter", [int(size["shortest_edge"])] * 2
    if set(size) == {"height", "width"}:
        return "exact", [int(size["height"]), int(size["width"])]
    raise _unwritable(f"{type(processor).__name__} {size}")


def _with_crop_share(processor: Any, size: list[int]) -> tuple[str, list[int], list[int] | None]:
    """ConvNeXt's way: small pictures are resized larger by `crop_pct` and cropped, large ones resized as they are."""
    if size[0] >= 384:
        return "exact", size, None
    return "shorter", [int(size[0] / processor.crop_pct)] * 2, size


def _steps(resize: str, size: list[int], interpolation: str, crop: list[int] | None) -> Recipe:
    return {"resize": resize, "size": size, "interpolation": interpolation, "crop": crop}


def _unwritable(kind: str) -> StudioError:
    return StudioError(
        text("The way this model prepares pictures cannot be written as plain steps: {kind}.", kind=kind),
        text("Export it as a Hugging Face folder, which brings its own preparation."),
    )
