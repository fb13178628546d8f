"""Object detection: boxes around things in a picture, each with what it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.core.metrics import BOXES
from ftstudio.core.presets import Facts, Recommendation, follow_method
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer, ColumnRole, Modality, TaskSpec
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.engine.answers.detecting import (
    calibration_error,
    choose,
    condensed,
    decode,
    intervals,
    loss,
    report,
    score,
)

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
    values |= {"batch_size": 8, "learning_rate": 3e-4, "head_learning_rate": 1e-3}
    reasons["learning_rate"] = text("Small below, because most of what the model knows must stay.")
    reasons["head_learning_rate"] = text("Larger in the new layers that find boxes: they know nothing yet.")
    follow_method(values, reasons, facts, facts.tuning_method or "full", head=1e-3)
    values["patience"] = 10 if preset == "thorough" else 6
    values["precision"] = "fp32"
    reasons["precision"] = text("In half precision the training of boxes was seen to fail: gradients were no numbers.")
    values["augmentation"] = "light" if preset != "quick" else "none"
    reasons["augmentation"] = text("Half of the pictures are mirrored, with their boxes. Leave it out for writing.")
    return Recommendation(values, reasons)


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

    model, documents, preparer = load_detector(folder, list(labels), trained=trained)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Bundle(model, (documents, preparer), list(labels), "torchvision", folder, settings)


def encode(bundle: Bundle, table: pa.Table, folder: Path) -> BoxedPictures:
    """Take note of the pictures of `table` and their boxes; pictures are decoded when first needed."""
    from ftstudio.engine.vision import boxed_pictures

    paths = [folder / value for value in table["image"].to_pylist()]
    cells = table["label"].to_pylist() if "label" in table.column_names else [None] * len(paths)
    model: Any = bundle.model
    places = model.places.double().cpu().numpy()
    _, preparer = bundle.processor
    return boxed_pictures.encode(paths, cells, bundle.labels, preparer, places, _strength(bundle.settings))


def _strength(settings: TrainingSettings) -> str:
    """Return how pictures are changed: here they are only mirrored."""
    return settings.augmentation if settings.mirroring else "none"


def logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model; shape [rows, places, kinds + 9] (`core.detections`)."""
    from ftstudio.engine.vision import detector_network

    return detector_network.logits(model, inputs["pixel_values"])


def save(bundle: Bundle, folder: Path) -> None:
    """Write weights, configuration and preprocessing as a prepared folder of torchvision's SSDLite."""
    from ftstudio.engine.vision.detectors import save_detector

    save_detector(bundle, folder)
