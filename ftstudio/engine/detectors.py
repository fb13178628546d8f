"""Detectors on the layers of image classifiers: torchvision's SSDLite, with what a network has learned below it.

Two maps of the network (16 and 32 pixels a step) and four smaller ones that are put on top are looked at for boxes
(Sandler et al. 2018, arXiv 1801.04381). What is new is scaled by groups, not by batches: batches of pictures are small.
"""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.engine.image_classifiers import load_classifier
from ftstudio.engine.pictures import Preparer, square_preparer
from ftstudio.engine.task import Bundle
from ftstudio.models.json_files import read_object

MODEL_TYPE = "ssdlite"
SIDE = 256  # pixels
STEPS = (16, 32)
_EXTRA = (512, 256, 256, 128)
_RATIOS = [[2, 3] for _ in range(6)]
_GROUPS = 8


def grouped(channels: int) -> nn.GroupNorm:
    """Return the normalisation of the new layers."""
    return nn.GroupNorm(math.gcd(_GROUPS, channels), channels)


class Backbone(nn.Module):
    """A network's two maps, and four smaller ones on top.

    What is new is called `head`, so that it learns whatever part of the network does.

    Args:
        features: blocks from the picture on.
        tapped: the number of the block after which the map of 16 pixels a step is taken.
        widths: channels of both maps.
    """

    def __init__(self, features: nn.Sequential, tapped: int, widths: tuple[int, int]) -> None:
        super().__init__()
        from torchvision.models.detection.ssdlite import _extra_block, _normal_init

        self.layers, self.tapped = features, tapped
        wide = [widths[1], *_EXTRA[:-1]]
        self.head = nn.ModuleList(
            _extra_block(before, after, grouped) for before, after in zip(wide, _EXTRA, strict=True)
        )
        _normal_init(self.head)

    def forward(self, pixels: Tensor) -> OrderedDict[str, Tensor]:
        """Return the six maps, the largest first."""
        maps = []
        for at, block in enumerate(self.layers):
            pixels = block(pixels)
            if at == self.tapped:
                maps.append(pixels)
        maps.append(pixels)
        for block in self.head:
            maps.append(block(maps[-1]))
        return OrderedDict((str(at), one) for at, one in enumerate(maps))


def build(features: nn.Sequential, kinds: int) -> nn.Module:
    """Return an SSDLite on the blocks of a network; raises `InputError` if they have no two maps to look at."""
    from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
    from torchvision.models.detection.ssd import SSD
    from torchvision.models.detection.ssdlite import SSDLiteHead

    tapped, widths = _taps(features)
    backbone = Backbone(features, tapped, widths)
    boxes = DefaultBoxGenerator(_RATIOS, min_ratio=0.2, max_ratio=0.95)
    channels = [*widths, *_EXTRA]
    head = SSDLiteHead(channels, boxes.num_anchors_per_location(), kinds + 1, grouped)
    model = SSD(backbone, boxes, (SIDE, SIDE), kinds + 1, head=head, score_thresh=0.05, nms_thresh=0.5)
    model.register_buffer("places", torch.from_numpy(_places(model)).float(), persistent=False)
    return model


def layers_of(network: Any) -> nn.Sequential:
    """Return the blocks of a classifier from the picture on; raises `InputError` for a network that has no such."""
    network = getattr(network, "timm_model", network)
    if isinstance(getattr(network, "features", None), nn.Sequential):
        return nn.Sequential(*network.features)
    if all(hasattr(network, name) for name in ("conv_stem", "bn1", "blocks")):  # timm's EfficientNets and MobileNets
        return nn.Sequential(network.conv_stem, network.bn1, *(block for stage in network.blocks for block in stage))
    if all(hasattr(network, name) for name in ("conv1", "bn1", "maxpool", "layer4")):  # ResNets
        first = (network.conv1, network.bn1, getattr(network, "relu", None) or network.act1, network.maxpool)
        stages = (network.layer1, network.layer2, network.layer3, network.layer4)
        return nn.Sequential(*first, *(block for stage in stages for block in stage))
    raise _unsuited()


def _unsuited() -> InputError:
    return InputError(
        text("A detector cannot be built on this network: it has no maps of 16 and 32 pixels a step to look at."),
        text("Choose a MobileNet, an EfficientNet or a ResNet of torchvision or timm."),
        field="model",
    )


@torch.no_grad()
def _taps(features: nn.Sequential) -> tuple[int, tuple[int, int]]:
    """Return the last block that gives a map of 16 pixels a step, and the widths of that map and the last."""
    features.eval()
    pixels, steps, widths = torch.zeros(1, 3, SIDE, SIDE), [], []
    for block in features:
        pixels = block(pixels)
        steps.append(SIDE // pixels.shape[-1] if pixels.ndim == 4 else 0)
        widths.append(pixels.shape[1])
    if STEPS[0] not in steps or steps[-1] != STEPS[1]:
        raise _unsuited()
    tapped = max(at for at, step in enumerate(steps) if step == STEPS[0])
    return tapped, (widths[tapped], widths[-1])


@torch.no_grad()
def _places(model: Any) -> NDArray[np.float64]:
    """Return where the model looks: corners in shares of the picture, shape [places, 4]."""
    from torchvision.models.detection.image_list import ImageList

    model.eval()
    pixels = torch.zeros(1, 3, SIDE, SIDE)
    found = model.anchor_generator(ImageList(pixels, [(SIDE, SIDE)]), list(model.backbone(pixels).values()))[0]
    return found.double().numpy() / SIDE


def logits(model: Any, pixels: Tensor) -> Tensor:
    """Run a detector; shape [rows, places, kinds + 1 + 8] (`core.detections`)."""
    said = model.head(list(model.backbone(pixels).values()))
    places = model.places.expand(len(pixels), -1, -1)
    return torch.cat([said["cls_logits"], said["bbox_regression"], places], dim=2)


def load_detector(folder: Path, labels: list[str], *, trained: bool) -> tuple[nn.Module, dict[str, Any], Preparer]:
    """Load a detector, or put a new one for `labels` on the layers of a classifier.

    Raises `StudioError` when the folder cannot be loaded, `InputError` when its network cannot carry a detector.
    """
    backend.prepare()
    if read_config(folder).get("model_type") == MODEL_TYPE:
        return _load(folder, labels, trained=trained)
    (network, _, preparer), source = load_classifier(folder, labels, trained=False)
    config = {
        "model_type": MODEL_TYPE,
        "architecture": MODEL_TYPE,
        "backbone": str(read_config(folder).get("architecture")),
        "backbone_source": source,
        "image_size": SIDE,
    }
    return build(layers_of(network), len(labels)), _documents(config, preparer), square_preparer(SIDE, preparer)


def _documents(config: dict[str, Any], preparer: Preparer) -> dict[str, Any]:
    mean, spread = (one.flatten().tolist() for one in (preparer.mean, preparer.spread))
    recipe = {"size": SIDE, "crop": SIDE, "mean": mean, "std": spread, "interpolation": "bilinear"}
    return {"config": config, "recipe": recipe}


def read_config(folder: Path) -> dict[str, Any]:
    """Return the config.json of a model folder."""
    return read_object(folder / "config.json")


def _load(folder: Path, labels: list[str], *, trained: bool) -> tuple[nn.Module, dict[str, Any], Preparer]:
    config, recipe = read_config(folder), read_object(folder / "preprocessor_config.json")
    kinds = len(labels) if trained else int(config.get("num_labels", 0))
    try:
        model = build(layers_of(_empty(config)), kinds)
        model.load_state_dict(load_file(folder / "model.safetensors"))
    except (OSError, RuntimeError, AttributeError) as error:
        raise StudioError(
            text("The model in “{folder}” could not be loaded: {reason}", folder=folder.name, reason=str(error)),
            text("Choose another model, or get the folder again."),
            file=str(folder),
        ) from error
    if not trained:
        body: Any = model
        fresh: Any = build(body.backbone.layers, len(labels))
        fresh.backbone.load_state_dict(body.backbone.state_dict())
        fresh.head.regression_head.load_state_dict(body.head.regression_head.state_dict())
        model = fresh
    mean, spread = (torch.tensor(recipe[key]).reshape(-1, 1, 1) for key in ("mean", "std"))
    preparer = square_preparer(SIDE, Preparer(lambda image: torch.empty(0), mean, spread))
    return model, {"config": config, "recipe": recipe}, preparer


def _empty(config: dict[str, Any]) -> nn.Module:
    """Return the network that a detector was built on, without what it had learned."""
    from ftstudio.engine.conversion import torchvision

    name = str(config.get("backbone"))
    if config.get("backbone_source") == "timm":
        import timm

        network: nn.Module = timm.create_model(name, pretrained=False)
        return network
    return torchvision.build(name, 1)


def save_detector(bundle: Bundle, folder: Path) -> None:
    """Write weights (safetensors), configuration with labels, and the preprocessing."""
    documents, _ = bundle.processor
    labels = {str(at): label for at, label in enumerate(bundle.labels)}
    config = {**documents["config"], "num_labels": len(bundle.labels), "id2label": labels}
    weights = {name: value.detach().cpu().contiguous() for name, value in bundle.model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    for name, document in (("config.json", config), ("preprocessor_config.json", documents["recipe"])):
        (folder / name).write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")
