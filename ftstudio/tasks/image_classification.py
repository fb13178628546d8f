"""Image classification: one label for each picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.core.metrics import ONE_LABEL
from ftstudio.core.presets import Facts, Recommendation, choose_pace
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.shapes import CLASSIFIERS
from ftstudio.core.specs import ColumnRole, Modality, TaskSpec
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.engine.answers.classification import calibration_error, decode, intervals, loss, report, score

if TYPE_CHECKING:
    import pyarrow as pa
    from torch import Tensor, nn

    from ftstudio.engine.task import Bundle
    from ftstudio.engine.vision.pictures import PictureExamples


LORA_RATE = 5e-4
FEW_PICTURES = 5_000


def recommend(preset: str, facts: Facts) -> Recommendation:
    """Choose settings for an image classifier from the amount of data, the model and the preset."""
    values: dict[str, Any] = {"monitor": "macro_f1"}
    reasons: dict[str, Text] = {}
    _choose_method(preset, values, reasons)
    if (facts.tuning_method or values["tuning_method"]) == "head":
        values |= {"learning_rate": 1e-3, "epochs": 10.0, "batch_size": 32, "patience": 3, "weight_decay": 0.0}
        reasons["learning_rate"] = text("A head alone needs a rate some thirty times that of a whole model.")
    else:
        _choose_rate_and_length(preset, facts, values, reasons)
    if facts.classes and facts.smallest_class * facts.classes * 10 < facts.rows:
        values["class_weights"] = "balanced"
        reasons["class_weights"] = text("Some classes are much rarer than others, so they are given more weight.")
    return Recommendation(values, reasons)


def _choose_method(preset: str, values: dict[str, Any], reasons: dict[str, Text]) -> None:
    if preset == "quick":
        values["tuning_method"] = "head"
        reasons["tuning_method"] = text("Only the head learns, on features that are computed once: the fastest way.")
        return
    values["tuning_method"] = "full"
    reasons["tuning_method"] = text(
        "The head starts from a linear probe on the unchanged model, then all layers learn with a small rate; "
        "the better of both is kept."
    )


def _choose_rate_and_length(preset: str, facts: Facts, values: dict[str, Any], reasons: dict[str, Text]) -> None:
    values |= {"batch_size": 16, "patience": 6 if preset == "thorough" else 4}
    pace = {"quick": 0.5, "thorough": 3.0}.get(preset, 1.0)
    values["epochs"] = (8.0 if facts.rows < 2_000 else 4.0) * pace
    reasons["epochs"] = text(
        "{rows} training rows need about this many passes; early stopping ends the run sooner if it can.",
        rows=facts.rows,
    )
    _choose_rate(facts, values, reasons)
    if facts.tuning_method == "lora" and values["learning_rate"] < LORA_RATE:
        values["learning_rate"] = LORA_RATE
        reasons["learning_rate"] = text("Adapters start from nothing and need a larger rate than full tuning.")
    if facts.tuning_method == "gradual":
        choose_pace(values, reasons, facts)
    values["label_smoothing"] = 0.05
    if preset == "thorough":
        values["augmentation"] = "light"
        reasons["augmentation"] = text("Time allows it: cropped and mirrored pictures make the model more robust.")
    else:
        reasons["augmentation"] = text("Left out, because mirror images and crops can change what a picture means.")


def _choose_rate(facts: Facts, values: dict[str, Any], reasons: dict[str, Text]) -> None:
    """Keep what the model knows where pictures are few; measured on 600 pictures of clothes and 45 of textures."""
    if facts.rows < FEW_PICTURES:
        values |= {"batch_norm": "keep", "learning_rate": 1e-4}
        reasons["batch_norm"] = text("Batches of few pictures give poor statistics, which would spoil the model.")
        reasons["learning_rate"] = text("Small, because with few pictures most of what the model knows must stay.")
        return
    values["learning_rate"] = 1e-3 if facts.parameters < 15_000_000 else 1e-4
    reasons["learning_rate"] = text("Small networks with batch norm bear, and need, a larger rate than transformers.")


__all__ = [
    "SPEC",
    "calibration_error",
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

SPEC = TaskSpec(
    key="image-classification",
    title=N_("Image classification"),
    summary=N_("Says what a picture shows: products, plants, parts with a fault, tissue of one kind or another."),
    modality=Modality.IMAGE,
    required=(ColumnRole.IMAGE, ColumnRole.LABEL),
    optional=(ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.ID),
    model_kinds=frozenset({"image-classifier"}),
    metrics=ONE_LABEL,
    monitor="macro_f1",
    sample_view="image",
    recommend=recommend,
    shapes=CLASSIFIERS,
    example=N_("photos/\n  brick/001.jpg\n  grass/001.jpg"),
)


def load(folder: Path, labels: Sequence[str], settings: TrainingSettings, *, trained: bool) -> Bundle:
    """Load an image model with a head for `labels`; its processor prepares pictures the model's own way."""
    import torch

    from ftstudio.engine.language.text import set_dropout
    from ftstudio.engine.task import Bundle
    from ftstudio.engine.vision.image_classifiers import load_classifier
    from ftstudio.engine.vision.picture_sizes import at_side

    loaded, source = load_classifier(folder, list(labels), trained=trained)
    if settings.picture_size is not None and not trained:
        loaded = at_side(loaded, source, settings.picture_size)
    model, processor, preparer = loaded
    set_dropout(model, settings.dropout)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Bundle(model, (processor, preparer), list(labels), source, folder, settings)


def encode(bundle: Bundle, table: pa.Table, folder: Path) -> PictureExamples:
    """Take note of the pictures of `table`; they are decoded when first needed."""
    from ftstudio.engine.rows import label_indices
    from ftstudio.engine.vision.augmentation import changes_of
    from ftstudio.engine.vision.pictures import PictureExamples, cost_of

    paths = [folder / value for value in table["image"].to_pylist()]
    _, preparer = bundle.processor
    labels, settings = label_indices(table, bundle.labels), bundle.settings
    return PictureExamples(paths, labels, preparer, changes_of(settings), cost=cost_of(settings.picture_size))


def logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model, transformers' or torchvision's; shape [rows, classes]."""
    output = model(inputs["pixel_values"])
    result: Tensor = getattr(output, "logits", output)
    return result


def save(bundle: Bundle, folder: Path) -> None:
    """Write a normal Hugging Face folder (also for timm), or the prepared folder of a torchvision network."""
    from ftstudio.engine.vision.image_classifiers import save_classifier

    save_classifier(bundle, folder)
