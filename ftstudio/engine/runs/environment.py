"""What a run was computed with: versions, device, threads. Stored with it, so that a result can be traced."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from typing import Any

import torch

import ftstudio
from ftstudio.engine.device import Hardware

PACKAGES = (
    "torch",
    "torchvision",
    "transformers",
    "accelerate",
    "safetensors",
    "tokenizers",
    "timm",
    "numpy",
    "pyarrow",
)


def describe(hardware: Hardware) -> dict[str, Any]:
    """Return the environment, ready for JSON."""
    return {
        "ftstudio": ftstudio.__version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "device": hardware.describe(),
        "precision": hardware.precision,
        "threads": torch.get_num_threads(),
        "processes": int(os.environ.get("WORLD_SIZE", "1")),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
