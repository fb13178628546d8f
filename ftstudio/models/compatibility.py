"""Whether a model fits a task, and if not, why: from its record alone."""

from __future__ import annotations

from ftstudio.core.specs import Modality, TaskSpec
from ftstudio.core.text import Text, text
from ftstudio.models.records import ModelKind, ModelRecord

_READS_TEXT = frozenset({ModelKind.TEXT_ENCODER, ModelKind.TEXT_DECODER, ModelKind.TEXT_TO_TEXT})


def fits(record: ModelRecord, task: TaskSpec) -> Text | None:
    """Return None if the model can be fine-tuned for the task, else the reason why not."""
    if record.kind not in task.model_kinds:
        return _why_not(record, task)
    if task.modality is Modality.TEXT and not record.has_tokenizer:
        return text("It has no tokenizer: tokenizer.json or vocab.txt is missing from its folder.")
    return None


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
