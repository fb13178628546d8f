"""Whether a model fits a task, and if not, why: from its record alone."""

from __future__ import annotations

import re

from ftstudio.core.specs import Answer, Modality, TaskSpec
from ftstudio.core.text import Text, text
from ftstudio.models.records import ModelKind, ModelRecord

_GIVES_MAPS = {
    "torchvision": re.compile("mobilenet|efficientnet|res|wide_res|convnext|regnet|shuffle|mnas|dense|vgg|swin"),
    "timm": re.compile("(?:tf_)?(?:mobilenet|efficientnet|resnet|resnext|wide_resnet|convnext)"),
    "huggingface": re.compile("(?:resnet|regnet|convnext|convnextv2|mobilenet_v1|mobilenet_v2|swin|swinv2)$"),
}
"""Names of networks whose layers give maps of 8, 16 and 32 pixels a step."""

_READS_TEXT = frozenset({ModelKind.TEXT_ENCODER, ModelKind.TEXT_DECODER, ModelKind.TEXT_TO_TEXT})


def fits(record: ModelRecord, task: TaskSpec) -> Text | None:
    """Return None if the model can be fine-tuned for the task, else the reason why not."""
    if record.kind not in task.model_kinds:
        return _why_not(record, task)
    if task.answer is Answer.BOXES and record.kind is ModelKind.IMAGE_CLASSIFIER and not carries_detector(record):
        return text(
            "A detector cannot be built on it. Choose a MobileNet, an EfficientNet, a ResNet, a RegNet, a ConvNeXt or "
            "a Swin, or a model that is a detector already."
        )
    if task.modality is Modality.TEXT and not record.has_tokenizer:
        return text("It has no tokenizer: tokenizer.json or vocab.txt is missing from its folder.")
    return None


def carries_detector(record: ModelRecord) -> bool:
    """Whether a detector can be put on a classifier: its layers must give maps of several sizes, one after the other.

    What has yet to be prepared is believed; the engine looks at the layers themselves.
    """
    name = record.family if record.source == "huggingface" else record.architecture
    if record.needs_preparing or not name:
        return True
    return record.source in _GIVES_MAPS and bool(_GIVES_MAPS[record.source].match(name))


def _why_not(record: ModelRecord, task: TaskSpec) -> Text:
    if record.kind is ModelKind.OTHER:
        return text("Its family “{family}” is not one that can be fine-tuned here.", family=record.family or "?")
    if task.modality is Modality.TEXT and record.kind not in _READS_TEXT:
        return text("It reads pictures, and this task is about texts.")
    if task.modality is Modality.IMAGE and record.kind in _READS_TEXT:
        return text("It reads texts, and this task is about pictures.")
    if record.kind is ModelKind.TEXT_ENCODER:
        return text("It reads texts but cannot write them.")
    if record.kind is ModelKind.TEXT_TO_TEXT:
        return text("It reads one text and writes another in its place; this task needs a model of another kind.")
    if ModelKind.TEXT_TO_TEXT in task.model_kinds:
        return text("It goes on with texts; this task needs one that reads a text and writes another, like T5 or BART.")
    if record.kind in _READS_TEXT:
        return text("It is made for writing texts, not for this task.")
    return text("It is made for sorting whole pictures, not for this task.")
