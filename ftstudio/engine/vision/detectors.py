"""Loading and saving of detectors: one that was trained here, or a new one on the layers of a classifier."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.engine.task import Bundle
from ftstudio.engine.vision.detector_network import SIDE, build, layers_of, network
from ftstudio.engine.vision.image_classifiers import load_classifier
from ftstudio.engine.vision.pictures import Preparer, square_preparer
from ftstudio.models.json_files import read_object

MODEL_TYPE = "ssdlite"


def load_detector(folder: Path, labels: list[str], *, trained: bool) -> tuple[nn.Module, dict[str, Any], Preparer]:
    """Load a detector, or put a new one for `labels` on the layers of a classifier.

    Raises `StudioError` when the folder cannot be loaded, `InputError` when its network cannot carry a detector.
    """
    backend.prepare()
    if read_config(folder).get("model_type") == MODEL_TYPE:
        return _load(folder, labels, trained=trained)
    (classifier, _, preparer), source = load_classifier(folder, labels, trained=False)
    config = {
        "model_type": MODEL_TYPE,
        "architecture": MODEL_TYPE,
        "backbone": str(read_config(folder).get("architecture")),
        "backbone_source": source,
        "image_size": SIDE,
    }
    return _built(classifier, len(labels)), _documents(config, preparer), square_preparer(SIDE, preparer)


def _documents(config: dict[str, Any], preparer: Preparer) -> dict[str, Any]:
    mean, spread = (one.flatten().tolist() for one in (preparer.mean, preparer.spread))
    recipe = {"size": SIDE, "crop": SIDE, "mean": mean, "std": spread, "interpolation": "bilinear"}
    return {"config": config, "recipe": recipe}


def _built(classifier: Any, kinds: int) -> nn.Module:
    try:
        return build(layers_of(classifier), kinds)
    except ValueError:
        raise InputError(
            text("A detector cannot be built on this network: it has no maps of 16 and 32 pixels a step to look at."),
            text("Choose a MobileNet, an EfficientNet or a ResNet of torchvision or timm."),
            field="model",
        ) from None


def read_config(folder: Path) -> dict[str, Any]:
    """Return the config.json of a model folder."""
    return read_object(folder / "config.json")


def _load(folder: Path, labels: list[str], *, trained: bool) -> tuple[nn.Module, dict[str, Any], Preparer]:
    config, recipe = read_config(folder), read_object(folder / "preprocessor_config.json")
    kinds = len(labels) if trained else int(config.get("num_labels", 0))
    try:
        model = _built(network(str(config.get("backbone_source")), str(config.get("backbone"))), kinds)
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


def save_detector(bundle: Bundle, folder: Path) -> None:
    """Write weights (safetensors), configuration with labels, and the preprocessing."""
    documents, _ = bundle.processor
    labels = {str(at): label for at, label in enumerate(bundle.labels)}
    config = {**documents["config"], "num_labels": len(bundle.labels), "id2label": labels}
    weights = {name: value.detach().cpu().contiguous() for name, value in bundle.model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    for name, document in (("config.json", config), ("preprocessor_config.json", documents["recipe"])):
        (folder / name).write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")
