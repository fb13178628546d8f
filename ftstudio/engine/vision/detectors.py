"""Loading and saving of detectors: one that was trained here, or a new one on the layers of a classifier."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ftstudio.core.detections import READ_SIDES
from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.engine.task import Bundle
from ftstudio.engine.vision import (
    detector_network,
    picture_sizes,
    pyramid_detectors,
    pyramid_graph,
    pyramid_network,
    set_detectors,
)
from ftstudio.engine.vision.detector_network import layers_of, network
from ftstudio.engine.vision.image_classifiers import load_classifier
from ftstudio.engine.vision.pictures import Preparer, square_preparer
from ftstudio.models.details import stated_labels
from ftstudio.models.json_files import read_object
from ftstudio.models.library import read_model
from ftstudio.models.model_config import read_config as describe
from ftstudio.models.records import ModelKind

QUICK = "ssdlite"
BOUND = ("ssd300_vgg16",)
"""Detectors whose places are set in pixels of pictures of one size."""
TYPES = (QUICK, "faster_rcnn", "retinanet", "fcos", pyramid_network.WHOLE)

Loaded = tuple[nn.Module, Any, Preparer]


def load_detector(
    folder: Path, labels: list[str], detector: str, side: int | None = None, *, trained: bool
) -> tuple[Loaded, str]:
    """Load a detector, or put a new one for `labels` on the layers of a classifier; says also where it comes from.

    `detector` is the type of a new one (`TYPES`); `side` that of the pictures in pixels, where it is not to be the
    model's own. A trained one keeps its own.

    Raises `StudioError` when the folder cannot be loaded, `InputError` when its network cannot carry a detector or
    does not read pictures of this size.
    """
    backend.prepare()
    record, wanted = read_model(folder), None if trained else side
    if record.source == "huggingface" and record.kind is ModelKind.OBJECT_DETECTOR:
        return _load_huggingface(folder, labels, wanted, trained=trained), record.source
    return _load_torchvision(folder, labels, detector, wanted, trained=trained), "torchvision"


def drawn_by(model: Any) -> int:
    """Return how many boxes a detector draws itself in a picture, 0 for one that answers for places."""
    if hasattr(model, "kinds"):
        return pyramid_network.MOST
    config = getattr(model, "config", None)
    names = ("num_detection_tokens", "num_queries")
    return int(next((getattr(config, name) for name in names if hasattr(config, name)), 0))


def _answers(model: Any, pixels: Tensor, wanted: Tensor | None) -> Tensor:
    return detector_network.logits(model, pixels)


def _load_huggingface(folder: Path, labels: list[str], side: int | None, *, trained: bool) -> Loaded:
    try:
        loaded = set_detectors.load(folder, labels, side, trained=trained)
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        raise _unloadable(folder, error) from error
    if side is not None and not picture_sizes.reads(loaded[0], loaded[0], side):
        raise picture_sizes.bound(side)
    return loaded


def _unloadable(folder: Path, error: Exception) -> StudioError:
    return StudioError(
        text("The model in “{folder}” could not be loaded: {reason}", folder=folder.name, reason=str(error)),
        text("Choose another model, or get the folder again."),
        file=str(folder),
    )


def _load_torchvision(folder: Path, labels: list[str], detector: str, side: int | None, *, trained: bool) -> Loaded:
    if read_config(folder).get("model_type") in TYPES:
        return _load(folder, labels, side, trained=trained)
    (classifier, _, preparer), source = load_classifier(folder, labels, trained=False)
    read = side or READ_SIDES[detector]
    config = {
        "model_type": detector,
        "architecture": detector,
        "backbone": str(read_config(folder).get("architecture")),
        "backbone_source": source,
        "image_size": read,
    }
    if source == "huggingface":
        described: Any = classifier
        config["backbone_config"] = described.config.to_dict()
    made = _built(detector, classifier, len(labels), read)
    return made, _documents(config, preparer), square_preparer(read, preparer)


def _documents(config: dict[str, Any], preparer: Preparer) -> dict[str, Any]:
    mean, spread = (one.flatten().tolist() for one in (preparer.mean, preparer.spread))
    side = config["image_size"]
    recipe = {"size": side, "crop": side, "mean": mean, "std": spread, "interpolation": "bilinear"}
    return {"config": config, "recipe": recipe}


def _built(detector: str, classifier: Any, kinds: int, side: int) -> nn.Module:
    try:
        return _on(detector, layers_of(classifier), kinds, side)
    except ValueError as error:
        if str(error) not in (detector_network.UNSUITED, pyramid_network.UNSUITED):
            raise
        raise InputError(
            text(
                "A detector cannot be built on this network: it has no maps of 8, 16 and 32 pixels a step to look at."
            ),
            text("Choose a MobileNet, an EfficientNet, a ResNet, a RegNet, a ConvNeXt or a Swin."),
            field="model",
        ) from None


def _on(detector: str, layers: nn.Sequential, kinds: int, side: int) -> nn.Module:
    """Return a detector on the blocks of a network; raises `ValueError` if they cannot carry it."""
    model: Any
    if detector == QUICK:
        model = detector_network.build(layers, kinds, side)
        model.answers = _answers
    else:
        model = _thorough(pyramid_network.build(detector, layers, kinds, side), kinds)
    return model  # type: ignore[no-any-return]


def _thorough(model: Any, kinds: int) -> Any:
    model.kinds, model.answers, model.in_graph = kinds, pyramid_detectors.answers, pyramid_graph.logits
    return model


def read_config(folder: Path) -> dict[str, Any]:
    """Return the config.json of a model folder."""
    return read_object(folder / "config.json")


def _load(folder: Path, labels: list[str], side: int | None, *, trained: bool) -> Loaded:
    config, recipe = read_config(folder), read_object(folder / "preprocessor_config.json")
    if side is not None:
        if config.get("architecture") in BOUND and side != config["image_size"]:
            raise picture_sizes.bound(side)
        config, recipe = {**config, "image_size": side}, {**recipe, "size": side, "crop": side}
    before = stated_labels(describe(folder))
    try:
        model = _empty(config, len(before))
        _fill(model, load_file(folder / "model.safetensors"))
        if not trained and list(before) != labels:
            model = _with_kinds(model, _empty(config, len(labels)))
    except (OSError, RuntimeError, AttributeError, ValueError) as error:
        raise _unloadable(folder, error) from error
    mean, spread = (torch.tensor(recipe[key]).reshape(-1, 1, 1) for key in ("mean", "std"))
    preparer = square_preparer(int(recipe["size"]), Preparer(lambda image: torch.empty(0), mean, spread))
    return model, {"config": config, "recipe": recipe}, preparer


def _empty(config: Mapping[str, Any], kinds: int) -> nn.Module:
    """Return the network that a configuration describes, without what it has learned."""
    detector = str(config.get("model_type"))
    if detector == pyramid_network.WHOLE:
        whole = pyramid_network.whole(str(config.get("architecture")), kinds, int(config["image_size"]))
        return _thorough(whole, kinds)  # type: ignore[no-any-return]
    source, name = (str(config.get(key)) for key in ("backbone_source", "backbone"))
    classifier = network(source, name, config.get("backbone_config"))
    return _built(detector, classifier, kinds, int(config.get("image_size") or READ_SIDES[detector]))


def _fill(model: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load weights; published ones may lack what counts batches."""
    lacking = model.load_state_dict(weights, strict=False)
    wrong = [name for name in lacking.missing_keys if not name.endswith("num_batches_tracked")]
    if wrong or lacking.unexpected_keys:
        raise RuntimeError(", ".join([*wrong, *lacking.unexpected_keys][:3]))


def _with_kinds(model: nn.Module, fresh: nn.Module) -> nn.Module:
    """Return `fresh`, a detector for other kinds: what tells them apart is new, all else is that of `model`."""
    state = fresh.state_dict()
    for name, value in model.state_dict().items():
        if state[name].shape == value.shape and not _NAMING.search(name):
            state[name] = value
    fresh.load_state_dict(state)
    return fresh


_NAMING = re.compile(r"classification_head\.(?:cls_logits|module_list)|cls_score\.")


def save_detector(bundle: Bundle, folder: Path) -> None:
    """Write weights (safetensors), configuration with labels, and the preprocessing."""
    documents, _ = bundle.processor
    if bundle.source == "huggingface":
        bundle.model.save_pretrained(folder)  # type: ignore[operator]
        documents.save_pretrained(folder)
        return
    labels = {str(at): label for at, label in enumerate(bundle.labels)}
    config = {**documents["config"], "num_labels": len(bundle.labels), "id2label": labels}
    weights = {name: value.detach().cpu().contiguous() for name, value in bundle.model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    for name, document in (("config.json", config), ("preprocessor_config.json", documents["recipe"])):
        (folder / name).write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")
