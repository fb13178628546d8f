"""Rewriting texts: a model that reads one text and writes another in its place, as the examples do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.core.metrics import REWRITING
from ftstudio.core.presets import Facts, Recommendation, follow_method
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer, ColumnRole, Modality, TaskSpec
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.engine.answers.generating import decode, intervals, loss, report, score
from ftstudio.engine.answers.uncalibrated import calibration_error

if TYPE_CHECKING:
    import pyarrow as pa
    from torch import Tensor, nn

    from ftstudio.core.manner import Manner
    from ftstudio.engine.language.paired_texts import PairedTexts
    from ftstudio.engine.learning.feeds import ModelFeed
    from ftstudio.engine.task import Bundle, Tick

ADAPTERS_FROM = 500_000_000
"""From so many parameters on, tuning all of them takes more memory than most computers have."""

__all__ = [
    "SPEC",
    "calibration_error",
    "decode",
    "encode",
    "for_strangers",
    "intervals",
    "load",
    "logits",
    "loss",
    "report",
    "samples",
    "save",
    "score",
    "write",
]


def recommend(preset: str, facts: Facts) -> Recommendation:
    """Choose settings for a rewriter from the amount of data, the model and the preset."""
    large = facts.parameters > ADAPTERS_FROM
    values: dict[str, Any] = {
        "monitor": "loss",
        "tuning_method": "lora" if large else "full",
        "dropout": 0.0,
        "layer_decay": 1.0,
        "probe_first": False,
        "class_weights": "none",
        "label_smoothing": 0.0,
        "cache_features": False,
    }
    reasons: dict[str, Text] = {
        "tuning_method": text("The model is large: adapters need a fraction of the memory, and forget less.")
        if large
        else text("The model is small enough for all its layers to learn.")
    }
    usual = 10.0 if facts.rows < 2_000 else 5.0 if facts.rows < 20_000 else 3.0
    values["epochs"] = usual * {"quick": 0.5, "thorough": 2.0}.get(preset, 1.0)
    reasons["epochs"] = text(
        "{rows} training rows need about this many passes; early stopping ends the run sooner if it can.",
        rows=facts.rows,
    )
    values["batch_size"] = 8 if facts.rows < 2_000 else 16
    values["learning_rate"] = 5e-5 if facts.parameters > 200_000_000 else 1e-4
    reasons["learning_rate"] = text(
        "What is usual for models that rewrite; small ones learn better with a larger rate."
    )
    follow_method(values, reasons, facts, facts.tuning_method or values["tuning_method"], head=1e-3)
    if (facts.tuning_method or values["tuning_method"]) == "lora":
        values |= {"lora_rank": 16, "lora_targets": "all"}
    values["patience"] = 3
    most = facts.model_max_length or 1024
    values["max_length"] = _room(facts.long_length, most, least=64)
    reasons["max_length"] = text("Nearly all texts fit; what lies beyond is not read.")
    values["target_length"] = _room(facts.long_answer, most, least=32)
    reasons["target_length"] = text("Nearly all texts to be written fit; longer ones are learned up to there.")
    return Recommendation(values, reasons)


def _room(long: int, most: int, *, least: int) -> int:
    """Return a length in which nearly all texts fit: a power of two, not more than the model has places for."""
    room = least
    while room < long * 1.1 and room < 1024:
        room *= 2
    return max(16, min(room if long else 2 * least, most))


SPEC = TaskSpec(
    key="text2text-generation",
    title=N_("Rewriting texts"),
    summary=N_("Writes another text in place of each: a summary, a translation, the same in other words."),
    modality=Modality.TEXT,
    required=(ColumnRole.TEXT, ColumnRole.LABEL),
    optional=(ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.ID),
    model_kinds=frozenset({"text-to-text"}),
    metrics=REWRITING,
    monitor="loss",
    sample_view="written",
    recommend=recommend,
    example=N_("source,target\nPat. c/o HA since 2/7,The patient has had headaches for two days."),
    answer=Answer.REWRITE,
    headline="rouge_l",
)


def load(folder: Path, labels: Sequence[str], settings: TrainingSettings, *, trained: bool) -> Bundle:
    """Load an encoder-decoder as it is; it has no labels, and no layer that is new."""
    from ftstudio.engine.language.encoder_decoders import load_rewriter
    from ftstudio.engine.language.language_models import refuse_senseless
    from ftstudio.engine.language.text import load_tokenizer, set_dropout
    from ftstudio.engine.task import Bundle

    if not trained:
        refuse_senseless(settings, smooths=True)
    tokenizer = load_tokenizer(folder, settings.max_length, settings.long_text)
    model = load_rewriter(folder, tokenizer, settings)
    set_dropout(model, settings.dropout)
    return Bundle(model, tokenizer, [], "huggingface", folder, settings)


def encode(bundle: Bundle, table: pa.Table, folder: Path) -> PairedTexts:
    """Tokenize the texts of `table`, and those to be written in their place."""
    from ftstudio.engine.language.paired_texts import encode_pairs

    return encode_pairs(bundle.processor, table, bundle.settings)


def logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model; shape [rows, tokens to be written, 2] (`engine.language.encoder_decoders.surprise`)."""
    from ftstudio.engine.language.encoder_decoders import surprise

    return surprise(model, inputs)


def write(bundle: Bundle, table: pa.Table, manner: Manner, tick: Tick) -> list[str]:
    """Return what the model writes in place of each row (`engine.language.rewriting`)."""
    from ftstudio.engine.language import rewriting

    return rewriting.write(bundle, table, manner, tick)


def samples(bundle: Bundle, feeds: Mapping[Split, ModelFeed]) -> list[str]:
    """Return what the model writes in place of some validation rows."""
    from ftstudio.engine.language import rewriting

    return rewriting.samples(bundle, feeds)


def for_strangers(bundle: Bundle, table: pa.Table) -> list[dict[str, str]]:
    """Return texts with what is to be written in their place."""
    from ftstudio.engine.language import paired_texts

    return paired_texts.for_strangers(table, bundle.settings)


def save(bundle: Bundle, folder: Path) -> None:
    """Write a normal Hugging Face folder: weights, configuration, how to write, tokenizer."""
    from ftstudio.engine.language.text_classifiers import save_classifier

    save_classifier(bundle, folder)
