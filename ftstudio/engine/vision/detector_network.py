"""The network of a detector: torchvision's SSDLite on the layers of a classifier.

Two maps of the network (16 and 32 pixels a step) and four smaller ones that are put on top are looked at for boxes
(Sandler et al. 2018, arXiv 1801.04381). What is new is scaled by groups, not by batches: batches of pictures are small.

It imports nothing of this program, because exported detectors bring it along.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

SIDE = 256  # pixels
STEPS = (16, 32)
_EXTRA = (512, 256, 256, 128)
_RATIOS = [[2, 3] for _ in range(6)]
_GROUPS = 8
UNSUITED = "no maps of 16 and 32 pixels a step"


class Grouped(nn.GroupNorm):
    """Scales by groups in float32: on maps of one pixel its gradients in bfloat16 were seen to be no numbers."""

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the scaled map, float32."""
        return super().forward(pixels.float())


def in_full(device: torch.device) -> AbstractContextManager[Any]:
    """Return a context in which float32 stays float32.

    In bfloat16 the gradient of a convolution by channels on the smallest maps (2 pixels and fewer) is made of memory
    that nobody has written, as was seen on processors: now and then it is no number. What is new is a small part of
    the work, so it is all done so.
    """
    if torch.is_autocast_enabled(device.type):
        return torch.autocast(device.type, enabled=False)
    return nullcontext()


def grouped(channels: int) -> nn.GroupNorm:
    """Return the normalisation of the new layers."""
    return Grouped(math.gcd(_GROUPS, channels), channels)


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
        with in_full(pixels.device):
            for block in self.head:
                maps.append(block(maps[-1].float()))
        return OrderedDict((str(at), one) for at, one in enumerate(maps))


def build(features: nn.Sequential, kinds: int, side: int = SIDE) -> nn.Module:
    """Return an SSDLite on the blocks of a network, for pictures of `side` pixels.

    Raises `ValueError` if the blocks have no two maps to look at.
    """
    from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
    from torchvision.models.detection.ssd import SSD
    from torchvision.models.detection.ssdlite import SSDLiteHead

    tapped, widths = _taps(features)
    backbone = Backbone(features, tapped, widths)
    boxes = DefaultBoxGenerator(_RATIOS, min_ratio=0.2, max_ratio=0.95)
    channels = [*widths, *_EXTRA]
    head = SSDLiteHead(channels, boxes.num_anchors_per_location(), kinds + 1, grouped)
    model: nn.Module = SSD(backbone, boxes, (side, side), kinds + 1, head=head, score_thresh=0.05, nms_thresh=0.5)
    model.register_buffer("places", _places(model, side), persistent=False)
    return model


def layers_of(network: Any) -> nn.Sequential:
    """Return the blocks of a classifier from the picture on; raises `ValueError` for a network that has no such."""
    network = getattr(network, "timm_model", network)
    for found in (_of_torchvision(network), _of_timm(network), _of_transformers(network)):
        if found:
            return nn.Sequential(*found)
    raise ValueError(UNSUITED)


def _of_torchvision(network: Any) -> list[Any]:
    if isinstance(getattr(network, "features", None), nn.Sequential):
        first, *others = network.features
        if hasattr(network, "permute"):  # Swins have channels last
            return [nn.Sequential(first, _Turned((0, 3, 1, 2))), *map(_channels_last, others)]
        return [first, *others]
    if all(hasattr(network, name) for name in ("conv1", "bn1", "maxpool", "layer4")):  # ResNets, timm's too
        first = [network.conv1, network.bn1, getattr(network, "relu", None) or network.act1, network.maxpool]
        return first + _blocks(network.layer1, network.layer2, network.layer3, network.layer4)
    if hasattr(network, "trunk_output"):  # RegNets
        return [network.stem, *_blocks(*network.trunk_output)]
    if all(hasattr(network, name) for name in ("conv1", "maxpool", "stage4", "conv5")):  # ShuffleNets
        return [network.conv1, network.maxpool, *_blocks(network.stage2, network.stage3, network.stage4), network.conv5]
    return list(network.layers) if type(network).__name__ == "MNASNet" else []


def _of_timm(network: Any) -> list[Any]:
    if all(hasattr(network, name) for name in ("conv_stem", "bn1", "blocks")):  # EfficientNets and MobileNets
        return [network.conv_stem, network.bn1, *_blocks(*network.blocks)]
    if all(hasattr(network, name) for name in ("stem", "stages", "norm_pre")):  # ConvNeXts
        return [network.stem, *(part for stage in network.stages for part in (stage.downsample, *stage.blocks))]
    return []


def _of_transformers(network: Any) -> list[Any]:
    inner: Any = getattr(network, getattr(network, "base_model_prefix", ""), None)
    encoder: Any = getattr(inner, "encoder", None)
    if hasattr(encoder, "stages"):  # ResNets, RegNets, ConvNeXts
        first = getattr(inner, "embedder", None) or getattr(inner, "embeddings", None)
        parts = ([*getattr(stage, "downsampling_layer", []), *stage.layers] for stage in encoder.stages)
        return [first, *(part for each in parts for part in each)]
    if all(hasattr(inner, name) for name in ("conv_stem", "layer")):  # MobileNets
        return [inner.conv_stem, *inner.layer]
    if hasattr(inner, "embeddings") and all(hasattr(stage, "downsample") for stage in getattr(encoder, "layers", [0])):
        return [_Patches(inner.embeddings), *(_Tokens(stage) for stage in encoder.layers)]  # Swins
    return []


def _blocks(*stages: Any) -> list[Any]:
    return [block for stage in stages for block in stage]


class _Turned(nn.Module):
    """A map with its sides in another order."""

    def __init__(self, order: tuple[int, ...]) -> None:
        super().__init__()
        self.order = order

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the turned map."""
        return pixels.permute(self.order)


def _channels_last(block: nn.Module) -> nn.Module:
    return nn.Sequential(_Turned((0, 2, 3, 1)), block, _Turned((0, 3, 1, 2)))


class _Patches(nn.Module):
    """The first layer of a network that reads pictures as words: a map of its patches."""

    def __init__(self, embeddings: nn.Module) -> None:
        super().__init__()
        self.embeddings = embeddings

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the map."""
        said, size = self.embeddings(pixels)
        found: Tensor = said.transpose(1, 2).unflatten(2, size)
        return found


class _Tokens(nn.Module):
    """A stage of such a network, from map to map."""

    def __init__(self, stage: Any) -> None:
        super().__init__()
        self.stage, self.halved = stage, stage.downsample is not None

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the next map."""
        height, width = pixels.shape[-2:]
        said = self.stage(pixels.flatten(2).transpose(1, 2), (height, width))
        size = ((height + 1) // 2, (width + 1) // 2) if self.halved else (height, width)
        found: Tensor = (said[0] if isinstance(said, tuple) else said).transpose(1, 2).unflatten(2, size)
        return found


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
        raise ValueError(UNSUITED)
    tapped = max(at for at, step in enumerate(steps) if step == STEPS[0])
    return tapped, (widths[tapped], widths[-1])


@torch.no_grad()
def _places(model: Any, side: int) -> Tensor:
    """Return where the model looks: corners in shares of the picture, shape [places, 4]."""
    from torchvision.models.detection.image_list import ImageList

    model.eval()
    pixels = torch.zeros(1, 3, side, side)
    found: Tensor = model.anchor_generator(ImageList(pixels, [(side, side)]), list(model.backbone(pixels).values()))[0]
    return found / side


def logits(model: Any, pixels: Tensor) -> Tensor:
    """Run a detector; shape [rows, places, kinds + 1 + 8] (`core.detections`)."""
    maps = [one.float() for one in model.backbone(pixels).values()]
    with in_full(pixels.device):
        said = model.head(maps)
    places = model.places.expand(pixels.shape[0], -1, -1)  # a length would bind a graph to one number of rows
    return torch.cat([said["cls_logits"], said["bbox_regression"], places], dim=2)


def network(source: str, architecture: str, config: dict[str, Any] | None = None) -> nn.Module:
    """Return a classifier of `timm` or `torchvision` by name, without what it has learned.

    One of `huggingface` is described by its own `config`.
    """
    if source == "huggingface":
        import transformers

        described: Any = transformers.AutoConfig.for_model(**(config or {}))
        classifiers: Any = transformers.AutoModelForImageClassification
        own: nn.Module = classifiers.from_config(described)
        return own
    if source == "timm":
        import timm

        made: nn.Module = timm.create_model(architecture, pretrained=False)
        return made
    from torchvision import models

    found: nn.Module = models.get_model(architecture, weights=None)
    return found
