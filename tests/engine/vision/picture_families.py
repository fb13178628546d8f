"""A tiny random classifier of every family of picture models: transformers', timm's, and torchvision's own networks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.torchvision_files import save_checkpoint

SIDE = 32
_LAYERS = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
_BOUND = {**_LAYERS, "image_size": SIDE, "patch_size": 8}
_STAGES = {"depths": [1, 1], "hidden_sizes": [8, 16]}
_SWIN = {"image_size": SIDE, "patch_size": 4, "window_size": 4, "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2]}

HUGGING_FACE: dict[str, dict[str, Any]] = {
    "vit": _BOUND,
    "deit": _BOUND,
    "vit_msn": _BOUND,
    "beit": _BOUND,
    "data2vec-vision": _BOUND,
    "ijepa": _BOUND,
    "dinov2": _BOUND,
    "dinov2_with_registers": _BOUND,
    "swin": {**_SWIN, "drop_path_rate": 0.0},
    "swinv2": {**_SWIN, "drop_path_rate": 0.0},
    "convnext": {**_STAGES, "num_stages": 2, "drop_path_rate": 0.0},
    "convnextv2": {**_STAGES, "num_stages": 2, "drop_path_rate": 0.0},
    "resnet": {**_STAGES, "embedding_size": 8, "layer_type": "basic"},
    "regnet": {**_STAGES, "embedding_size": 8, "groups_width": 8},
    "bit": {"embedding_size": 32, "hidden_sizes": [32, 64], "depths": [1, 1], "num_groups": 8},
    "mobilenet_v1": {"depth_multiplier": 0.25, "image_size": SIDE},
    "mobilenet_v2": {"depth_multiplier": 0.25, "image_size": SIDE},
    "efficientnet": {"width_coefficient": 0.25, "depth_coefficient": 0.3, "hidden_dim": 320, "image_size": SIDE},
    "poolformer": {"hidden_sizes": [8, 16, 16, 32], "depths": [1, 1, 1, 1], "drop_path_rate": 0.0},
    "pvt_v2": {"hidden_sizes": [8, 16, 16, 32], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 1, 2, 2]},
}
"""What makes a model of each family of transformers small."""

TIMM = ("test_vit", "test_resnet", "test_convnext", "test_efficientnet")

TORCHVISION = (
    *("resnet18", "torchvision_mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5", "squeezenet1_1"),
    "densenet121",
    *("efficientnet_b0", "regnet_x_400mf"),
)
BOUND = ("vit", "deit", "vit_msn", "ijepa", "test_vit")
"""Families whose networks read pictures of one size only."""


@dataclass
class Makers:
    """Makes a model folder of each family once."""

    root: Path
    made: dict[str, Path] = field(default_factory=dict)

    def __call__(self, family: str) -> Path:
        if family not in self.made:
            self.made[family] = _maker(family)(self.root / family, family)
        return self.made[family]


def _maker(family: str) -> Callable[[Path, str], Path]:
    if family in HUGGING_FACE:
        return _hugging_face
    return _timm if family in TIMM else _torchvision


def _hugging_face(folder: Path, family: str) -> Path:
    from ftstudio.engine import backend

    backend.prepare()
    import torch
    from transformers import AutoConfig, AutoModelForImageClassification

    config = AutoConfig.for_model(family, num_labels=5, **HUGGING_FACE[family])
    config.architectures = []
    with torch.random.fork_rng():
        torch.manual_seed(7)
        AutoModelForImageClassification.from_config(config).save_pretrained(folder)
    processor = {
        "image_processor_type": "ViTImageProcessor",
        "size": {"height": SIDE, "width": SIDE},
        "image_mean": [0.5, 0.4, 0.3],
        "image_std": [0.5, 0.3, 0.25],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(processor), encoding="utf-8")
    return folder


def _timm(folder: Path, family: str) -> Path:
    from ftstudio.engine import backend

    backend.prepare()
    import timm
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    with torch.random.fork_rng():
        torch.manual_seed(7)
        model = timm.create_model(family, num_classes=5)
    known: Any = timm.get_pretrained_cfg(family)
    pretrained = {key: value for key, value in known.to_dict().items() if value is not None}
    for key in ("url", "file", "hf_hub_id", "source", "tag"):
        pretrained.pop(key, None)
    config = {
        "architecture": family,
        "num_classes": 5,
        "num_features": model.num_features,
        "pretrained_cfg": pretrained,
        "label_names": [f"kind {at}" for at in range(5)],
    }
    save_file(model.state_dict(), folder / "model.safetensors", {"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def _torchvision(folder: Path, family: str) -> Path:
    from ftstudio.engine.conversion import torchvision

    folder.mkdir()
    torchvision.convert(save_checkpoint(family.removeprefix("torchvision_"), folder, num_classes=5), folder)
    return folder
