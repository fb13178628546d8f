"""The networks of torchvision's thorough detectors on the layers of a classifier, with a pyramid of its maps.

Maps of 8, 16 and 32 pixels a step are joined from the top down (Lin et al. 2017, arXiv 1612.03144); then Faster R-CNN
(Ren et al. 2015), RetinaNet (Lin et al. 2017) or FCOS (Tian et al. 2019) looks at them as torchvision has them. They
match boxes and leave out doubles themselves.

It imports nothing of this program but its neighbour, because exported detectors bring both along.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

SIDE = 320  # pixels
STEPS = (8, 16, 32)
WIDTH = 128  # channels of the pyramid
MOST = 100  # boxes of a picture
APART = -1e4  # as in `core.detections`: in place of what a detector that draws its boxes itself does not say
FAINTEST = 0.01
_SIZES = ((16, 24), (32, 48), (64, 96), (128, 224))  # of anchors in pixels, map by map
_RATIOS = (0.5, 1.0, 2.0)
WHOLE = "torchvision_detector"  # the type of those that are torchvision's from head to foot
UNSUITED = "no maps of 8, 16 and 32 pixels a step"


class Pyramid(nn.Module):
    """A network's three maps joined from the top down, and a smaller one. What is new is called `head`."""

    def __init__(self, features: nn.Sequential, tapped: tuple[int, ...], widths: tuple[int, ...]) -> None:
        super().__init__()
        from torchvision.ops.feature_pyramid_network import FeaturePyramidNetwork, LastLevelMaxPool

        self.layers, self.tapped, self.out_channels = features, tapped, WIDTH
        self.head = FeaturePyramidNetwork(list(widths), WIDTH, LastLevelMaxPool())

    def forward(self, pixels: Tensor) -> OrderedDict[str, Tensor]:
        """Return the four maps, the largest first."""
        maps = OrderedDict[str, Tensor]()
        for at, block in enumerate(self.layers):
            pixels = block(pixels)
            if at in self.tapped:
                maps[str(len(maps))] = pixels
        joined: OrderedDict[str, Tensor] = self.head(maps)
        return joined


@torch.no_grad()
def taps(features: nn.Sequential) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the last block of each wanted step, and the widths of their maps; raises `ValueError` without such."""
    features.eval()
    pixels, steps, widths = torch.zeros(1, 3, SIDE, SIDE), [], []
    for block in features:
        pixels = block(pixels)
        steps.append(SIDE // pixels.shape[-1] if pixels.ndim == 4 and pixels.shape[-1] == pixels.shape[-2] else 0)
        widths.append(pixels.shape[1])
    if not set(STEPS) <= set(steps):
        raise ValueError(UNSUITED)
    tapped = tuple(max(at for at, step in enumerate(steps) if step == wanted) for wanted in STEPS)
    return tapped, tuple(widths[at] for at in tapped)


def build(detector: str, features: nn.Sequential, kinds: int, side: int = SIDE) -> nn.Module:
    """Return a `faster_rcnn`, `retinanet` or `fcos` on the blocks of a network, for pictures of `side` pixels.

    What it looks for keeps its share of the picture at any size. Raises `ValueError` if it cannot be.
    """
    from torchvision.models import detection
    from torchvision.models.detection.anchor_utils import AnchorGenerator

    backbone = Pyramid(features, *taps(features))
    fixed: dict[str, Any] = {"min_size": side, "max_size": side, "image_mean": [0.0] * 3, "image_std": [1.0] * 3}
    sizes = tuple(tuple(round(one * side / SIDE) for one in of_map) for of_map in _SIZES)
    anchors = AnchorGenerator(sizes, (_RATIOS,) * len(sizes))
    few = {"score_thresh": FAINTEST, "detections_per_img": MOST}
    model: nn.Module
    if detector == "fcos":
        centres = AnchorGenerator(tuple((size[0],) for size in sizes), ((1.0,),) * len(sizes))
        model = detection.FCOS(backbone, kinds, anchor_generator=centres, **few, **fixed)
    elif detector == "retinanet":
        model = detection.RetinaNet(backbone, kinds, anchor_generator=anchors, **few, **fixed)
    else:
        model = detection.FasterRCNN(
            backbone,
            rpn_anchor_generator=anchors,
            rpn_pre_nms_top_n_train=1000,
            rpn_pre_nms_top_n_test=500,
            rpn_post_nms_top_n_train=300,
            rpn_post_nms_top_n_test=150,
            box_score_thresh=FAINTEST,
            box_detections_per_img=MOST,
            box_batch_size_per_image=128,
            box_head=detection.faster_rcnn.TwoMLPHead(WIDTH * 49, 512),
            box_predictor=detection.faster_rcnn.FastRCNNPredictor(512, kinds + 1),
            **fixed,
        )
    return model


def plain(architecture: str, kinds: int) -> nn.Module:
    """Return one of torchvision's own detectors by name, without what it has learned."""
    from torchvision import models

    classes = kinds if architecture.startswith(("retinanet", "fcos")) else kinds + 1
    model: nn.Module = models.get_model(architecture, weights=None, weights_backbone=None, num_classes=classes)
    return model


def whole(architecture: str, kinds: int, side: int) -> nn.Module:
    """Return one of torchvision's own detectors, for prepared square pictures of `side` pixels."""
    from torchvision.models.detection.transform import GeneralizedRCNNTransform

    model: Any = plain(architecture, kinds)
    filled = {"size_divisible": 1} if architecture.startswith("ssd") else {}  # as torchvision has it
    model.transform = GeneralizedRCNNTransform(side, side, [0.0] * 3, [1.0] * 3, **filled)
    asked = getattr(model, "roi_heads", model)
    asked.score_thresh, asked.detections_per_img = FAINTEST, MOST
    return model  # type: ignore[no-any-return]


def first_kind(model: Any) -> int:
    """Return the number that the first kind has for a model: Faster R-CNN and SSD keep 0 for nothing."""
    return 1 if hasattr(model, "roi_heads") or type(model).__name__ == "SSD" else 0


@contextmanager
def once(model: Any, pixels: Tensor) -> Iterator[None]:
    """Let the layers below run once for all that is asked of the same pictures."""
    maps = model.backbone(pixels)
    model.backbone.forward = lambda _: maps
    try:
        yield
    finally:
        del model.backbone.forward


def losses(model: Any, pixels: Tensor, targets: list[dict[str, Tensor]]) -> Tensor:
    """Return the sum of a model's own losses; `targets` are torchvision's: boxes in pixels, kinds from 0 on.

    Modules below stay in the mode they are in.
    """
    own = [{"boxes": one["boxes"], "labels": one["labels"] + first_kind(model)} for one in targets]
    asked = [module for module in (model, getattr(model, "rpn", None), getattr(model, "roi_heads", None)) if module]
    before = [module.training for module in asked]
    for module in asked:
        module.training = True
    try:
        told = model(list(pixels), own)
    finally:
        for module, mode in zip(asked, before, strict=True):
            module.training = mode
    return torch.stack([one.float() for one in told.values()]).sum()


def logits(model: Any, pixels: Tensor, kinds: int) -> Tensor:
    """Return the boxes that a model draws, shape [rows, 100, kinds + 9], as `core.detections` reads them."""
    rows = torch.full((len(pixels), MOST, kinds + 9), APART, device=pixels.device)
    rows[:, :, -4:] = 0.0
    for row, found in zip(rows, model(list(pixels)), strict=True):
        count = len(found["scores"])
        at = torch.arange(count, device=pixels.device)
        sure = found["scores"].float().clamp(1e-6, 1 - 1e-6).logit()
        row[at, found["labels"] - first_kind(model) + 1] = sure
        row[:count, -4:] = found["boxes"].float() / pixels.shape[-1]
    return rows
