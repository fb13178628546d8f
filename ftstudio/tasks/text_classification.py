"""Text classification: one label for each text, or for each pair of texts."""

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

    from ftstudio.engine.language.text import TextExamples
    from ftstudio.engine.task import Bundle


LORA_RATE = 5e-4
USUAL_LENGTH = {"quick": 192, "balanced": 256, "thorough": 512}
WHOLE_LENGTH = 512
CHEAP_TOKENS = 150_000  # in a pass over the training rows: two processor cores learn from them in about a minute
CHEAP_TOKENS_ON_CARDS = 5_000_000
PASSES = 20  # what learning from each row many times costs, in passes without learning


def recommend(preset: str, facts: Facts) -> Recommendation:
    """Choose settings for a text classifier from the amount of data, the model and the preset."""
    values: dict[str, Any] = {"monitor": "macro_f1"}
    reasons: dict[str, Text] = {}
    _choose_method(preset, facts, values, reasons)
    _choose_rate_and_length(preset, facts, values, reasons)
    _choose_text_length(preset, facts, values, reasons)
    if facts.classes and facts.smallest_class * facts.classes * 10 < facts.rows:
        values["class_weights"] = "balanced"
        reasons["class_weights"] = text("Some classes are much rarer than others, so they are given more weight.")
    return Recommendation(values, reasons)


def _choose_method(preset: str, facts: Facts, values: dict[str, Any], reasons: dict[str, Text]) -> None:
    if preset == "quick":
        values["tuning_method"] = "head"
        reasons["tuning_method"] = text("Only the head learns, on features that are computed once: the fastest way.")
        return
    values["tuning_method"] = "full"
    reasons["tuning_method"] = text(
        "The head starts from a linear probe on the unchanged model, then all layers learn with a small rate; "
        "the better of both is kept."
    )
    values["dropout"] = 0.0
    reasons["dropout"] = text(
        "Dropout costs a third of the time; with a linear probe, early stopping and the best checkpoint kept it "
        "does not pay on data of this size."
    )


def _choose_rate_and_length(preset: str, facts: Facts, values: dict[str, Any], reasons: dict[str, Text]) -> None:
    method = facts.tuning_method or values["tuning_method"]
    if method == "head":
        values |= {"learning_rate": 1e-3, "epochs": 10.0, "batch_size": 32, "patience": 3, "weight_decay": 0.0}
        reasons["learning_rate"] = text("A head alone needs a rate some thirty times that of a whole model.")
        return
    small = facts.rows < 300
    epochs = {True: 20.0, False: 10.0 if facts.rows < 5_000 else 4.0}[small]
    values["epochs"] = epochs * (2.0 if preset == "thorough" and facts.rows < 5_000 else 1.0)
    if preset == "quick":
        values["epochs"] = epochs / 2
    reasons["epochs"] = text(
        "{rows} training rows need about this many passes; early stopping ends the run sooner if it can.",
        rows=facts.rows,
    )
    values["batch_size"] = 8 if small else 16
    values["learning_rate"] = 5e-5 if facts.parameters < 60_000_000 else 2e-5
    reasons["learning_rate"] = text("Small enough to keep what the model knows; larger models need a smaller rate.")
    values["layer_decay"] = 0.9
    if method == "lora":
        values |= {"learning_rate": LORA_RATE, "layer_decay": 1.0}
        reasons["learning_rate"] = text("Adapters start from nothing and need some ten times the rate of full tuning.")
    if method == "gradual":
        choose_pace(values, reasons, facts)
    values["patience"] = 6 if preset == "thorough" else 4
    if preset == "thorough":
        values["checks_per_epoch"] = 2.0 if facts.rows > 1_000 else 1.0
        values["label_smoothing"] = 0.05


def _choose_text_length(preset: str, facts: Facts, values: dict[str, Any], reasons: dict[str, Text]) -> None:
    """Read whole texts where that costs little: on 200 mails 512 tokens gave a probe 1.6 points more than 256."""
    limit = facts.model_max_length or WHOLE_LENGTH
    usual = min(limit, USUAL_LENGTH.get(preset, 256))
    whole = max(usual, min(limit, WHOLE_LENGTH))
    cheap = facts.rows * whole <= _cheap_tokens(preset, facts, facts.tuning_method or values["tuning_method"])
    values["max_length"] = max(16, whole if cheap and facts.long_length > usual else usual)
    if facts.long_length <= values["max_length"]:
        reasons["max_length"] = text("95 of 100 of your texts fit into this length; shorter texts cost no more for it.")
    elif values["max_length"] > usual:
        reasons["max_length"] = text(
            "Your texts are long and few, so the model reads as much of each as it can without taking long."
        )
    else:
        reasons["max_length"] = text(
            "Longer texts are cut here: reading all of the longest ones would take several times as long."
        )


def _cheap_tokens(preset: str, facts: Facts, method: str) -> int:
    """Return how many tokens the training rows may have together for reading them whole to take little time."""
    tokens = CHEAP_TOKENS if facts.device == "cpu" else CHEAP_TOKENS_ON_CARDS
    if method == "head":  # every row is read once
        return tokens if preset == "quick" else PASSES * tokens
    return 0 if preset == "quick" else tokens


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
    key="text-classification",
    title=N_("Text classification"),
    summary=N_("Puts each text into one of your categories: letters by subject, clauses by kind, reviews by mood."),
    modality=Modality.TEXT,
    required=(ColumnRole.TEXT, ColumnRole.LABEL),
    optional=(ColumnRole.TEXT_PAIR, ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.ID),
    model_kinds=frozenset({"text-encoder", "text-decoder"}),
    metrics=ONE_LABEL,
    monitor="macro_f1",
    sample_view="text",
    recommend=recommend,
    shapes=CLASSIFIERS,
    example=N_("text,label\n“Where is my parcel?”,delivery"),
)


def load(folder: Path, labels: Sequence[str], settings: TrainingSettings, *, trained: bool) -> Bundle:
    """Load a text model with a head for `labels`; a sentence encoder gets a mean-pooling layer."""
    from ftstudio.engine.language.text import load_tokenizer, set_dropout
    from ftstudio.engine.language.text_classifiers import load_classifier
    from ftstudio.engine.task import Bundle

    tokenizer = load_tokenizer(folder, settings.max_length, settings.long_text)
    model = load_classifier(folder, list(labels), tokenizer, trained=trained)
    # R-Drop compares two passes with different dropout, so without any it would compare a pass with itself.
    set_dropout(model, None if settings.r_drop and not settings.dropout else settings.dropout)
    return Bundle(model, tokenizer, list(labels), "huggingface", folder, settings)


def encode(bundle: Bundle, table: pa.Table, folder: Path) -> TextExamples:
    """Tokenize the texts of `table`; rows without a known label get -1."""
    from ftstudio.engine.language.text import encode as encode_texts
    from ftstudio.engine.rows import label_indices

    pairs = table["text_pair"].to_pylist() if "text_pair" in table.column_names else None
    texts = [value or "" for value in table["text"].to_pylist()]
    labels = label_indices(table, bundle.labels)
    seconds = None if pairs is None else [value or "" for value in pairs]
    return encode_texts(bundle.processor, texts, seconds, labels, bundle.settings.long_text)


def logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model; shape [rows, classes]."""
    from ftstudio.engine.layers import attention

    attention.fit(model, inputs["attention_mask"])
    result: Tensor = model(**inputs).logits
    return result


def save(bundle: Bundle, folder: Path) -> None:
    """Write a normal Hugging Face folder: weights, configuration with label names, tokenizer."""
    from ftstudio.engine.language.text_classifiers import save_classifier

    save_classifier(bundle, folder)
