"""Object detection: boxes around things in a picture, each with what it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ftstudio.core.metrics import BOXES
from ftstudio.core.presets import Facts, Recommendation, follow_method
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer, ColumnRole, Modality, TaskSpec
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.engine.answers.detecting import (
    choose,
    condensed,
    decode,
    intervals,
    loss,
    report,
    score,
)
from ftstudio.engine.answers.uncalibrated import calibration_error

if TYPE_CHECKING:
    import pyarrow as pa
    from torch import Tensor, nn

    from ftstudio.engine.task import Bundle
    from ftstudio.engine.vision.boxed_pictures import BoxedPictures

__all__ = [
    "SPEC",
    "calibration_error",
    "choose",
    "condensed",
    "decode",
    "encode",
    "graph_logits",
    "intervals",
    "load",
    "logits",
    "loss",
    "report",
    "save",
    "score",
]


def recommend(preset: str, facts: Facts) -> Recommendation:
    """Choose settings for a detector from the amount of data, the model and the preset."""
    values: dict[str, Any] = {"monitor": "map_50", "tuning_method": "full", "batch_norm": "keep", "probe_first": False}
    reasons: dict[str, Text] = {
        "tuning_method": text("Where things are is learned in all layers; new layers alone find little."),
        "batch_norm": text("Batches of few pictures give poor statistics, which would spoil the model."),
    }
    small = facts.rows < 500
    values["epochs"] = {"quick": 10.0, "thorough": 60.0}.get(preset, 30.0) * (1.0 if small else 0.5)
    reasons["epochs"] = text(
        "{rows} training rows need about this many passes; early stopping ends the run sooner if it can.",
        rows=facts.rows,
    )
    _choose_rates(values, reasons, facts)
    values["patience"] = 10 if preset == "thorough" else 6
    values["precision"] = "fp32"
    reasons["precision"] = text("In half precision the training of boxes was seen to fail: gradients were no numbers.")
    values["augmentation"] = "light" if preset != "quick" else "none"
    reasons["augmentation"] = text(
        "Parts of pictures, smaller pictures and mirror images, with their boxes, show things in new places and sizes. "
        "Switch mirroring off for writing."
    )
    return Recommendation(values, reasons)


def _choose_rates(values: dict[str, Any], reasons: dict[str, Text], facts: Facts) -> None:
    """Set the rates of a detector that knows where things are, or of one whose boxes are new."""
    values |= {"batch_size": 8, "learning_rate": 3e-4, "head_learning_rate": 1e-3}
    reasons["learning_rate"] = text("Small below, because most of what the model knows must stay.")
    reasons["head_learning_rate"] = text("Larger in the new layers that find boxes: they know nothing yet.")
    if (facts.model_kind, facts.model_source) == ("object-detector", "huggingface"):
        values |= {"batch_size": 4, "learning_rate": 1e-4, "head_learning_rate": 1e-4, "layer_decay": 0.9}
        values |= {"max_grad_norm": 0.1, "weight_decay": 1e-4}
        reasons["learning_rate"] = text("The rate that DETR and its kin were trained with; they bear no larger one.")
        reasons["head_learning_rate"] = text("The same above: the model already knows what a box is.")
        reasons["layer_decay"] = text("The layers below, which see edges and surfaces, need to change less.")
        reasons["max_grad_norm"] = text("These models need short steps; DETR was trained so.")
    follow_method(values, reasons, facts, facts.tuning_method or "full", head=values["head_learning_rate"])


SPEC = TaskSpec(
    key="object-detection",
    title=N_("Finding things in pictures"),
    summary=N_("Draws boxes around parts, animals, cells or products in a picture and says what each of them is."),
    modality=Modality.IMAGE,
    required=(ColumnRole.IMAGE, ColumnRole.LABEL),
    optional=(ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.ID),
    model_kinds=frozenset({"image-classifier", "object-detector"}),
    metrics=BOXES,
    monitor="map_50",
    sample_view="boxes",
    recommend=recommend,
    example=N_("pets/\n  instances.json (COCO)\n  images/1.jpg"),
    answer=Answer.BOXES,
)


def load(folder: Path, labels: Sequence[str], settings: TrainingSettings, *, trained: bool) -> Bundle:
    """Load a detector, or put a new one for `labels` on the layers of a classifier."""
    import torch

    from ftstudio.engine.task import Bundle
    from ftstudio.engine.vision.detectors import load_detector

    side, detector = settings.picture_size, settings.detector
    (model, documents, preparer), source = load_detector(folder, list(labels), detector, side, trained=trained)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Bundle(model, (documents, preparer), list(labels), source, folder, settings)


def encode(bundle: Bundle, table: pa.Table, folder: Path) -> BoxedPictures:
    """Take note of the pictures of `table` and their boxes; pictures are decoded when first needed."""
    from ftstudio.engine.vision import boxed_pictures, detectors
    from ftstudio.engine.vision.augmentation import changes_of

    paths = [folder / value for value in table["image"].to_pylist()]
    cells = table["label"].to_pylist() if "label" in table.column_names else [None] * len(paths)
    model: Any = bundle.model
    places = model.places.double().cpu().numpy() if hasattr(model, "places") else np.zeros((0, 4))
    _, preparer = bundle.processor
    changes, drawn, side = changes_of(bundle.settings), detectors.drawn_by(model), bundle.settings.picture_size
    return boxed_pictures.encode(paths, cells, bundle.labels, preparer, places, changes, drawn, side)


def logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model; shape [rows, places, kinds + 9] (`core.detections`), or its own loss while it learns."""
    detector: Any = model
    said: Tensor = detector.answers(detector, inputs["pixel_values"], inputs.get("wanted"))
    return said


def graph_logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model so that it can be written as a graph; shape as that of `logits`."""
    detector: Any = model
    if not hasattr(detector, "in_graph"):
        return logits(model, inputs)
    said: Tensor = detector.in_graph(detector, inputs["pixel_values"])
    return said


def save(bundle: Bundle, folder: Path) -> None:
    """Write weights, configuration and preprocessing in the form of the library that the detector is of."""
    from ftstudio.engine.vision.detectors import save_detector

    save_detector(bundle, folder)
