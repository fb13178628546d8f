"""Loading and saving of image classifiers from transformers, timm and torchvision, each with a new head."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from ftstudio.core.errors import StudioError
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.engine.conversion import torchvision
from ftstudio.engine.layers.modules import final_linear
from ftstudio.engine.task import Bundle
from ftstudio.engine.vision.pictures import Preparer, huggingface_preparer, plain_preparer, transforms_preparer
from ftstudio.models.library import read_model

Loaded = tuple[nn.Module, Any, Preparer]


def load_classifier(folder: Path, labels: list[str], *, trained: bool) -> tuple[Loaded, str]:
    """Load a model in float32 with its processor; returns them and where the model comes from.

    Raises `StudioError` when the folder cannot be loaded.
    """
    backend.prepare()
    source = read_model(folder).source
    try:
        return LOADERS[source](folder, labels, trained), source
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise StudioError(
            text("The model in “{folder}” could not be loaded: {reason}", folder=folder.name, reason=str(error)),
            text("Choose another model, or get the folder again."),
            file=str(folder),
        ) from error


def save_classifier(bundle: Bundle, folder: Path) -> None:
    """Write weights (safetensors), configuration with labels, and the preprocessing, in the source's own form."""
    processor, _ = bundle.processor
    if bundle.source == "torchvision":
        _save_torchvision(bundle, folder)
    else:
        bundle.model.save_pretrained(folder)  # type: ignore[operator]
        processor.save_pretrained(folder)


def _load_huggingface(folder: Path, labels: list[str], trained: bool) -> Loaded:
    from transformers import AutoConfig, AutoModelForImageClassification

    config = AutoConfig.from_pretrained(folder)
    config.architectures = config.architectures or []  # families with two kinds of classifier look here which it is
    if not trained:
        _set_labels(config, labels)
    model = AutoModelForImageClassification.from_pretrained(
        folder, config=config, dtype=torch.float32, use_safetensors=True, ignore_mismatched_sizes=not trained
    )
    processor = _image_processor(folder)
    return model, processor, huggingface_preparer(processor)


def _load_timm(folder: Path, labels: list[str], trained: bool) -> Loaded:
    from transformers import AutoConfig, AutoModelForImageClassification

    config = AutoConfig.from_pretrained(folder)
    model = AutoModelForImageClassification.from_pretrained(
        folder, config=config, dtype=torch.float32, use_safetensors=True
    )
    if not trained:
        network: Any = model
        network.timm_model.reset_classifier(len(labels))
        _set_labels(network.config, labels)
        network.config.num_classes = len(labels)
        network.config.label_names = list(labels)  # kept by timm's config beside id2label, and read before it
        network.num_labels = len(labels)
    processor = _image_processor(folder)
    return model, processor, transforms_preparer(processor.val_transforms)


def _image_processor(folder: Path) -> Any:
    from transformers import AutoImageProcessor

    loader: Any = AutoImageProcessor
    return loader.from_pretrained(folder)


def _set_labels(config: Any, labels: list[str]) -> None:
    config.num_labels = len(labels)
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: at for at, label in enumerate(labels)}
    config.problem_type = "single_label_classification"


def _load_torchvision(folder: Path, labels: list[str], trained: bool) -> Loaded:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    recipe = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))
    model = torchvision.load(folder)
    if not trained:
        replace_head(model, config["num_labels"], len(labels))
    preparer = plain_preparer(recipe["size"], recipe["crop"], recipe["interpolation"], recipe["mean"], recipe["std"])
    return model, {"config": config, "recipe": recipe}, preparer


def replace_head(model: nn.Module, outputs: int, classes: int) -> None:
    """Put a new final layer for `classes` in place of the one with `outputs` outputs (linear or 1×1 convolution)."""
    old = final_linear(model, outputs)
    if old is None:
        convolutions = [m for m in model.modules() if isinstance(m, nn.Conv2d) and m.out_channels == outputs]
        if not convolutions:
            raise ValueError("the model has no classification layer")
        conv = convolutions[-1]
        new: nn.Module = nn.Conv2d(conv.in_channels, classes, conv.kernel_size, conv.stride)  # type: ignore[arg-type]
        target: nn.Module = conv
    else:
        new, target = nn.Linear(old.in_features, classes), old
    name = next(name for name, module in model.named_modules() if module is target)
    parent, _, attribute = name.rpartition(".")
    setattr(model.get_submodule(parent), attribute, new)


def _save_torchvision(bundle: Bundle, folder: Path) -> None:
    documents, _ = bundle.processor
    labels = {str(at): label for at, label in enumerate(bundle.labels)}
    config = {**documents["config"], "num_labels": len(bundle.labels), "id2label": labels}
    weights = {name: value.detach().cpu().contiguous() for name, value in bundle.model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    for name, document in (("config.json", config), ("preprocessor_config.json", documents["recipe"])):
        (folder / name).write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")


LOADERS: dict[str, Callable[[Path, list[str], bool], Loaded]] = {
    "huggingface": _load_huggingface,
    "timm": _load_timm,
    "torchvision": _load_torchvision,
}
