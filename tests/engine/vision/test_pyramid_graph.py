"""What is written as a graph draws the boxes that torchvision's own code draws, whatever the number of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from ftstudio.core.detections import agree, drawn
from ftstudio.engine import backend
from ftstudio.engine.export.box_graph import translations
from ftstudio.engine.vision import pyramid_graph, pyramid_network
from ftstudio.engine.vision.detector_network import layers_of

SIDE, KINDS = 320, 2


def detector(name: str) -> Any:
    """Return a detector that knows nothing but says something else of each place."""
    backend.prepare()
    from torchvision import models

    torch.manual_seed(0)
    if name.startswith(("ssd", "fasterrcnn", "fcos_resnet")):
        model: Any = pyramid_network.whole(name, KINDS, 300 if name == "ssd300_vgg16" else SIDE)
    else:
        model = pyramid_network.build(name, layers_of(models.mobilenet_v3_small()), KINDS)
    for title, weight in model.named_parameters():
        if weight.ndim > 1 and ("head" in title or "rpn" in title):
            nn.init.normal_(weight, 0, 0.02)
        elif weight.ndim > 1:
            nn.init.kaiming_normal_(weight)
        if title.endswith("cls_logits.bias"):
            nn.init.zeros_(weight)
    model.kinds = KINDS
    return model.eval()


def pictures(model: Any, rows: int) -> torch.Tensor:
    side = model.transform.min_size[0]
    return torch.randn(rows, 3, side, side)


def same(one: np.ndarray, other: np.ndarray) -> None:
    for mine, theirs in zip(map(drawn, one), map(drawn, other), strict=True):
        assert len(mine) == len(theirs) > 0
        assert agree(mine, theirs)
        np.testing.assert_allclose(mine.probabilities, theirs.probabilities, atol=1e-5)


@pytest.mark.parametrize(
    "name",
    ["faster_rcnn", "retinanet", "fcos", "ssdlite320_mobilenet_v3_large", "fasterrcnn_mobilenet_v3_large_320_fpn"],
)
def test_it_draws_what_torchvision_draws(name: str) -> None:
    model = detector(name)
    pixels = pictures(model, 2)

    with torch.no_grad():
        same(pyramid_graph.logits(model, pixels).numpy(), pyramid_network.logits(model, pixels, KINDS).numpy())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["faster_rcnn", "ssd300_vgg16"])
def test_the_graph_does_for_any_number_of_pictures(name: str, tmp_path: Path) -> None:
    model = detector(name)

    class Graph(nn.Module):
        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return pyramid_graph.logits(model, pixels)

    torch.onnx.export(
        Graph().eval(),
        (pictures(model, 2),),
        str(tmp_path / "model.onnx"),
        dynamo=True,
        input_names=["pixels"],
        dynamic_shapes=({0: torch.export.Dim("rows")},),
        custom_translation_table=translations(),
        verbose=False,
    )
    network = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))

    for rows in (1, 3):
        pixels = pictures(model, rows)
        with torch.no_grad():
            wanted = pyramid_network.logits(model, pixels, KINDS).numpy()
        same(network.run(None, {"pixels": pixels.numpy()})[0], wanted)
