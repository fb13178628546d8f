"""Recognises checkpoints of torchvision's detectors by their weights and turns them into prepared folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from ftstudio.core.errors import InputError
from ftstudio.core.module_tree import Shapes
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.engine.vision import pyramid_network
from ftstudio.project import atomic

_MEAN, _SPREAD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
_COUNTER = ".num_batches_tracked"  # frozen statistics count nothing
_STANDARD = 91  # outputs of what torchvision publishes: COCO's numbers, with gaps


@dataclass(frozen=True)
class Family:
    """Detectors with the weight `tells`, which has `each` rows for a class; `nothing` if one class is for nothing.

    `sides` are the architectures with the sides of the pictures that each was made for.
    """

    tells: str
    each: int
    nothing: bool
    sides: Mapping[str, int]


FAMILIES = (
    Family(
        "roi_heads.box_predictor.cls_score.weight",
        1,
        True,
        {
            "fasterrcnn_resnet50_fpn": 800,
            "fasterrcnn_resnet50_fpn_v2": 800,
            "fasterrcnn_mobilenet_v3_large_fpn": 800,
            "fasterrcnn_mobilenet_v3_large_320_fpn": 320,
        },
    ),
    Family("head.regression_head.bbox_ctrness.weight", 1, False, {"fcos_resnet50_fpn": 800}),
    Family(
        "head.classification_head.cls_logits.weight",
        9,
        False,
        {"retinanet_resnet50_fpn": 800, "retinanet_resnet50_fpn_v2": 800},
    ),
    Family("head.classification_head.module_list.0.weight", 4, True, {"ssd300_vgg16": 300}),
    Family("head.classification_head.module_list.0.1.weight", 6, True, {"ssdlite320_mobilenet_v3_large": 320}),
)


def family_of(shapes: Shapes) -> Family | None:
    """Return the family that weights belong to, None if they are none of a detector."""
    return next((one for one in FAMILIES if one.tells in shapes), None)


def convert(state: Mapping[str, Tensor], family: Family, path: Path, folder: Path) -> None:
    """Write the prepared form of a detector's weights into `folder`, which exists and is empty.

    Raises `InputError` for weights that fit none of torchvision's networks exactly.
    """
    backend.prepare()
    classes = _classes(state, family)
    kinds = classes - 1 if family.nothing else classes
    names = sorted(family.sides, key=lambda name: (name not in path.name, name))
    fitting = next((name for name in names if _fits(state, name, kinds)), None)
    if fitting is None:
        raise InputError(
            text("The weights in {name} are of a detector, but of none of torchvision's.", name=path.name),
            text("Known are: {families}.", families=", ".join(name for one in FAMILIES for name in one.sides)),
            file=str(path),
        )
    save_file(
        {name: value.contiguous() for name, value in state.items()}, folder / "model.safetensors", {"format": "pt"}
    )
    side = family.sides[fitting]
    labels = _labels(fitting, classes, kinds)
    config = {"model_type": pyramid_network.WHOLE, "architecture": fitting, "image_size": side, "num_labels": kinds}
    atomic.write_json(folder / "config.json", config | {"id2label": {str(at): one for at, one in enumerate(labels)}})
    mean, spread = ([0.5] * 3, [0.5] * 3) if fitting.startswith("ssdlite") else (_MEAN, _SPREAD)
    if fitting == "ssd300_vgg16":
        mean, spread = [0.48235, 0.45882, 0.40784], [1.0 / 255.0] * 3
    recipe = {"size": side, "crop": side, "mean": mean, "std": spread, "interpolation": "bilinear"}
    atomic.write_json(folder / "preprocessor_config.json", recipe)
    atomic.write_text(folder / "README.md", f"# {fitting}\n\nMade from `{path.name}`.\n")


def _classes(state: Mapping[str, Tensor], family: Family) -> int:
    name = "head.classification_head.cls_logits.weight" if "ctrness" in family.tells else family.tells
    return len(state[name]) // family.each


def _fits(state: Mapping[str, Tensor], architecture: str, kinds: int) -> bool:
    with torch.device("meta"):
        network: nn.Module = pyramid_network.plain(architecture, kinds)
    wanted = {name: value.shape for name, value in network.state_dict().items() if not name.endswith(_COUNTER)}
    return wanted == {name: value.shape for name, value in state.items() if not name.endswith(_COUNTER)}


def _labels(architecture: str, classes: int, kinds: int) -> list[str]:
    from torchvision import models

    if classes != _STANDARD:
        return [f"LABEL_{number}" for number in range(kinds)]
    entry: Any = next(iter(models.get_model_weights(architecture)))
    known = list(entry.meta["categories"])
    return [f"{name} {at}" if name == "N/A" else name for at, name in enumerate(known)][classes - kinds :]
