"""Recognises checkpoints of torchvision's networks by their weights and turns them into prepared folders.

A prepared folder holds `model.safetensors` (torchvision's own names), `config.json` and `preprocessor_config.json`.
torchvision itself knows the number of weights of each of its networks, so there is no table of ours to keep true;
that the weights really fit is proved by loading them.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ftstudio.core.errors import InputError
from ftstudio.core.module_tree import HEAD, Shapes, outline
from ftstudio.core.text import text
from ftstudio.engine.conversion import torchvision_detectors
from ftstudio.engine.conversion.checkpoint_file import read_state
from ftstudio.engine.vision.torchvision_compat import ensure
from ftstudio.models.json_files import read_object
from ftstudio.project import atomic

FAMILIES = (
    *("alexnet", "convnext", "densenet", "efficientnet", "mobilenet", "regnet", "resnet", "resnext"),
    *("shufflenet", "squeezenet", "swin", "vgg", "vit", "wide_resnet"),
)
CARD = "README.md"
_CATEGORIES = 1000
_STANDARD_SIDE = 224
_OLD_DENSE_NAME = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")
_OLD_VIT_NAMES = ((".mlp.linear_1.", ".mlp.0."), (".mlp.linear_2.", ".mlp.3."))


@dataclass(frozen=True)
class Recognised:
    """What a checkpoint turned out to be: torchvision's name for the network, and its entry in the weights list.

    `image_size` is the side in pixels that a vision transformer is bound to, None for networks that take any.
    `official` tells whether the file is, by name and hash, one that torchvision publishes.
    """

    architecture: str
    classes: int
    image_size: int | None
    entry: Any
    official: bool = False


def convert(path: Path, folder: Path) -> Recognised | None:
    """Read a `.pth` file and write the prepared form into `folder`, which exists and is empty.

    Returns what the classifier was found to be, None for a detector.

    Raises `InputError` for a file that cannot be read safely or is none of torchvision's known networks.
    """
    content = read_state(path)
    if detector := torchvision_detectors.family_of({name: tuple(value.shape) for name, value in content.items()}):
        torchvision_detectors.convert(content, detector, path, folder)
        return None
    state = {_modern_name(name): value for name, value in content.items()}
    found = recognise({name: tuple(value.shape) for name, value in state.items()}, path)
    state = _completed(found, state, path)
    weights = {name: value.contiguous() for name, value in state.items()}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    atomic.write_json(folder / "config.json", _config(found))
    atomic.write_json(folder / "preprocessor_config.json", preprocessing(found.entry, found.image_size))
    atomic.write_text(folder / CARD, _card(found, path))
    return found


def build(architecture: str, classes: int, image_size: int | None = None) -> nn.Module:
    """Make one of torchvision's networks with random weights; raises `InputError` for an unknown name."""
    ensure()
    from torchvision import models

    if not architecture.startswith(FAMILIES) or architecture not in models.list_models(module=models):
        raise InputError(
            text("torchvision has no network called “{name}” that can be used here.", name=architecture),
            text("Choose another model."),
            field="architecture",
        )
    sized = {"image_size": image_size} if image_size and architecture.startswith("vit_") else {}
    network: nn.Module = models.get_model(architecture, weights=None, num_classes=classes, **sized)
    return network


def _unfilled(architecture: str, classes: int, image_size: int | None) -> nn.Module:
    """Make a network whose weights will all come from a file: random ones would cost seconds and memory.

    RegNet computes its widths with tensors while it is made, so it cannot do without.
    """
    if architecture.startswith("regnet"):
        return build(architecture, classes, image_size)
    with torch.device("meta"):
        return build(architecture, classes, image_size)


def load(folder: Path) -> nn.Module:
    """Load a prepared folder in float32; raises `InputError` if its files do not belong together."""
    config = read_object(folder / "config.json")
    network = _unfilled(str(config.get("architecture")), int(config.get("num_labels", 0)), config.get("image_size"))
    try:
        network.load_state_dict(load_file(folder / "model.safetensors"), strict=True, assign=True)
    except (RuntimeError, OSError) as error:
        raise InputError(
            text("The weights in {name} do not fit the network its config.json names.", name=folder.name),
            text("Convert the original checkpoint again."),
            file=str(folder),
        ) from error
    return network.to(torch.float32)


def recognise(shapes: Shapes, path: Path) -> Recognised:
    """Tell which network weights of these names and shapes belong to; `path` only serves messages and its name."""
    ensure()
    classes, expected = _standard_size(shapes)
    side = _bound_side(shapes)
    fitting = [(name, entry) for name, entry in _entries() if entry.meta["num_params"] == expected and classes]
    if not fitting:
        raise InputError(
            text("The weights in {name} belong to none of the networks known here.", name=path.name),
            text("Known are torchvision's image classifiers: {families}.", families=", ".join(FAMILIES)),
            file=str(path),
        )
    architecture = fitting[0][0]
    published = [(name, entry) for name, entry in _entries() if name == architecture]
    entry, official = _entry_of(path, [entry for _, entry in published], side)
    return Recognised(architecture, classes, side, entry, official)


def preprocessing(entry: Any, image_size: int | None = None) -> dict[str, Any]:
    """Return how pictures are prepared for a network, from torchvision's own record of how it was trained."""
    steps = entry.transforms()
    crop = image_size or steps.crop_size[0]
    resize = steps.resize_size[0] if crop == steps.crop_size[0] else crop
    return {
        "size": resize,
        "crop": crop,
        "mean": list(steps.mean),
        "std": list(steps.std),
        "interpolation": steps.interpolation.value,
    }


def _entries() -> Iterator[tuple[str, Any]]:
    from torchvision import models

    for name in models.list_models(module=models):
        if name.startswith(FAMILIES):
            for entry in models.get_model_weights(name):
                yield name, entry


def _standard_size(shapes: Shapes) -> tuple[int, int]:
    """Return the number of classes, and how many parameters the network would have with 1000 of them at 224 pixels."""
    parts = outline(shapes)
    head = next((part for part in parts if part.kind == HEAD), None)
    matrices = [shapes[name] for name in head.weights if len(shapes[name]) >= 2] if head else []
    if head is None or len(matrices) != 1:
        return 0, 0
    classes, width = matrices[0][0], math.prod(matrices[0][1:])
    body = sum(part.parameters for part in parts) - head.parameters
    if (positions := shapes.get("encoder.pos_embedding")) and (patches := shapes.get("conv_proj.weight")):
        body += ((_STANDARD_SIDE // patches[-1]) ** 2 + 1 - positions[1]) * positions[2]
    return classes, body + (width + 1) * _CATEGORIES


def _bound_side(shapes: Shapes) -> int | None:
    positions, patches = shapes.get("encoder.pos_embedding"), shapes.get("conv_proj.weight")
    return math.isqrt(positions[1] - 1) * patches[-1] if positions and patches else None


def _entry_of(path: Path, entries: list[Any], side: int | None) -> tuple[Any, bool]:
    """Return the published weights a file is, or else those trained most like it; and whether it really is them."""
    for entry in entries:
        file = entry.url.rpartition("/")[2]
        if path.name == file:
            return entry, _sha256(path).startswith(Path(file).stem.rpartition("-")[2])
    first = entries[0]
    return next((entry for entry in entries if side in (None, entry.transforms().crop_size[0])), first), False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _modern_name(name: str) -> str:
    """Return the present name of a weight in files saved by old versions of torchvision."""
    for old, new in _OLD_VIT_NAMES:
        name = name.replace(old, new)
    return _OLD_DENSE_NAME.sub(r"\1\2", name)


def _completed(found: Recognised, state: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Return the weights as the network itself keeps them; raises `InputError` if they do not fit it exactly."""
    network = _unfilled(found.architecture, found.classes, found.image_size)
    try:
        network.load_state_dict(dict(state), strict=True, assign=True)
    except RuntimeError as error:
        raise InputError(
            text(
                "{name} is almost a {network}, but its weights do not fit.", name=path.name, network=found.architecture
            ),
            text("The network was changed by its maker. Choose another checkpoint."),
            file=str(path),
        ) from error
    return network.state_dict()


def _config(found: Recognised) -> dict[str, Any]:
    labels = found.entry.meta["categories"] if found.classes == _CATEGORIES else None
    names = labels or [f"LABEL_{number}" for number in range(found.classes)]
    config: dict[str, Any] = {
        "model_type": "torchvision",
        "architecture": found.architecture,
        "num_labels": found.classes,
        "id2label": {str(number): name for number, name in enumerate(names)},
    }
    return config | ({"image_size": found.image_size} if found.image_size else {})


def _card(found: Recognised, path: Path) -> str:
    origin = f"`{path.name}`"
    if found.official:
        licence = "cc-by-nc-4.0" if "SWAG" in found.entry.name else "bsd-3-clause"
        origin = f"torchvision's published weights `{found.entry.name}` (`{path.name}`)"
        return f"---\nlicense: {licence}\n---\n\n# {found.architecture}\n\nMade from {origin}.\n"
    return f"# {found.architecture}\n\nMade from {origin}.\n"
