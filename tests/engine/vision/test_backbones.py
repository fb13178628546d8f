"""Detectors stand on every family of classifiers whose layers give maps, and learn, answer and leave so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from ftstudio.core import catalog
from ftstudio.engine import backend
from ftstudio.engine.vision import detector_network, pyramid_graph, pyramid_network
from ftstudio.models.compatibility import fits
from ftstudio.models.library import read_model
from tests.engine.projects import _import as imported
from tests.engine.projects import copy
from tests.support.box_projects import KINDS, write_shapes

_FOUR = {"depths": [1, 1, 1, 1], "hidden_sizes": [16, 32, 48, 64]}
HUGGING_FACE: dict[str, dict[str, Any]] = {
    "resnet": {**_FOUR, "embedding_size": 16, "layer_type": "basic"},
    "regnet": {**_FOUR, "embedding_size": 16, "groups_width": 8},
    "convnext": {**_FOUR, "drop_path_rate": 0.0},
    "convnextv2": {**_FOUR, "drop_path_rate": 0.0},
    "mobilenet_v1": {"depth_multiplier": 0.25},
    "mobilenet_v2": {"depth_multiplier": 0.25},
    "swin": {"embed_dim": 16, "depths": [1, 1, 1, 1], "num_heads": [2, 2, 2, 2], "window_size": 4},
    "swinv2": {"embed_dim": 16, "depths": [1, 1, 1, 1], "num_heads": [2, 2, 2, 2], "window_size": 4},
}
NAMED = [
    *(("torchvision", name) for name in ("resnet18", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0")),
    *(("torchvision", name) for name in ("convnext_tiny", "regnet_x_400mf", "shufflenet_v2_x0_5", "mnasnet0_5")),
    *(("torchvision", name) for name in ("densenet121", "swin_t")),
    *(("timm", name) for name in ("resnet18", "mobilenetv3_small_050", "efficientnet_lite0", "convnext_atto")),
    *(("huggingface", name) for name in HUGGING_FACE),
]


def config_of(family: str) -> dict[str, Any]:
    import transformers

    described: Any = transformers.AutoConfig.for_model(family, num_labels=3, **HUGGING_FACE[family])
    known: dict[str, Any] = described.to_dict()
    return known


def write_classifier(family: str, folder: Path) -> Path:
    """Write a classifier of transformers that knows nothing into `folder`; returns it."""
    backend.prepare()
    torch.manual_seed(0)
    detector_network.network("huggingface", family, config_of(family)).save_pretrained(folder)  # type: ignore[operator]
    processor = {
        "image_processor_type": "ViTImageProcessor",
        "size": {"height": 224, "width": 224},
        "image_mean": [0.5, 0.4, 0.3],
        "image_std": [0.5, 0.3, 0.25],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(processor), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("source", "name"), NAMED, ids=[f"{source}-{name}" for source, name in NAMED])
def test_a_network_carries_both_kinds_of_detector(source: str, name: str) -> None:
    backend.prepare()
    torch.manual_seed(0)
    network = detector_network.network(source, name, config_of(name) if source == "huggingface" else None)
    pixels = torch.rand(2, 3, detector_network.SIDE, detector_network.SIDE)

    quick: Any = detector_network.build(detector_network.layers_of(network), 2).eval()
    thorough: Any = pyramid_network.build("fcos", detector_network.layers_of(network), 2).eval()
    thorough.kinds = 2

    with torch.no_grad():
        said = detector_network.logits(quick, pixels)
        drawn = pyramid_graph.logits(thorough, torch.rand(2, 3, pyramid_network.SIDE, pyramid_network.SIDE))
    assert said.shape == (2, len(quick.places), 2 + 9) and torch.isfinite(said).all()
    assert drawn.shape[0] == 2 and torch.isfinite(drawn).all()
    learned = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    assert sum(one in set(quick.modules()) for one in learned) >= 0.8 * len(learned), "layers were lost on the way"


@pytest.mark.parametrize("family", ["resnet", "swin"])
def test_a_classifier_of_transformers_becomes_a_detector(family: str, tmp_path: Path) -> None:
    model = write_classifier(family, tmp_path / family)
    assert fits(read_model(model), catalog.tasks().spec("object-detection")) is None
    root = imported(tmp_path / "shapes", "object-detection", write_shapes(tmp_path / "source", pictures=12))
    project = copy(root, tmp_path / "project", model)

    document = project.train(max_steps=2, batch_size=2, epochs=1.0, augmentation="none")

    assert project.job("evaluate")["metrics"] == pytest.approx(document["metrics"]["test"], rel=1e-3, abs=1e-4)
    made = project.job("export", format="torchvision", to=str(tmp_path / "out"))
    assert made["certificate"]["passed"], made["certificate"]["reason"]
    again = copy(root, tmp_path / "again", project.run(document["run"]).model)
    assert again.train(max_steps=1, batch_size=2, epochs=1.0, augmentation="none")["labels"] == sorted(KINDS)


def test_networks_without_maps_are_not_offered(tmp_path: Path) -> None:
    backend.prepare()
    import transformers

    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config: Any = transformers.AutoConfig.for_model("vit", num_labels=3, image_size=32, patch_size=8, **sizes)
    detector_network.network("huggingface", "vit", config.to_dict()).save_pretrained(tmp_path)  # type: ignore[operator]

    reason = fits(read_model(tmp_path), catalog.tasks().spec("object-detection"))

    assert reason is not None and "cannot be built" in str(reason)
