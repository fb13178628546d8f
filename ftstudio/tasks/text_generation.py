"""Text generation: a model that writes learns from texts, or from questions and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.core.metrics import WRITING
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
    from ftstudio.core.token_lens import Lens
    from ftstudio.engine.language.written_texts import WrittenTexts
    from ftstudio.engine.learning.feeds import ModelFeed
    from ftstudio.engine.task import Bundle, Tick

ADAPTERS_FROM = 300_000_000
"""From so many parameters on, tuning all of them takes more memory than most computers have."""

__all__ = [
    "SPEC",
    "calibration_error",
    "decode",
    "encode",
    "for_strangers",
    "intervals",
    "lens",
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
    """Choose settings for a writer from the amount of data, the model and the preset."""
    large = facts.parameters > ADAPTERS_FROM
    method = facts.tuning_method or ("lora" if large else "full")
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
    values["epochs"] = {"quick": 1.0, "thorough": 5.0}.get(preset, 3.0)
    reasons["epochs"] = text("A model that writes learns texts by heart soon; few passes over them are enough.")
    values["batch_size"] = 4 if facts.rows < 500 else 8
    values["learning_rate"] = 5e-5
    reasons["learning_rate"] = text("Small, because a model that writes well already is easily spoiled.")
    follow_method(values, reasons, facts, method, head=1e-3)
    if method == "lora":
        values |= {"lora_rank": 16, "lora_targets": "all"}
    values["patience"] = 3
    limit = facts.model_max_length or 1024
    values["max_length"] = max(16, min(limit, 1024 if facts.long_length > 512 else 512))
    reasons["max_length"] = text("What lies beyond this length is not learned; longer texts need more memory.")
    return Recommendation(values, reasons)


SPEC = TaskSpec(
    key="text-generation",
    title=N_("Writing texts"),
    summary=N_("Teaches a language model to write as your texts do, or to answer as your examples do."),
    modality=Modality.TEXT,
    required=(ColumnRole.TEXT,),
    optional=(ColumnRole.LABEL, ColumnRole.TEXT_PAIR, ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.ID),
    model_kinds=frozenset({"text-decoder"}),
    metrics=WRITING,
    monitor="loss",
    sample_view="written",
    recommend=recommend,
    example=N_("prompt,answer\nWhat do I bring?,Please bring your card and a list of your medicines."),
    answer=Answer.TEXT,
)


def load(folder: Path, labels: Sequence[str], settings: TrainingSettings, *, trained: bool) -> Bundle:
    """Load a causal language model as it is; it has no labels, and no layer that is new."""
    from ftstudio.engine.language import packing
    from ftstudio.engine.language.language_models import load_writer, refuse_senseless
    from ftstudio.engine.language.text import load_tokenizer, set_dropout
    from ftstudio.engine.task import Bundle

    if not trained:
        refuse_senseless(settings)
    tokenizer = load_tokenizer(folder, settings.max_length, settings.long_text)
    model = load_writer(folder, tokenizer, rests=settings.tuning_method == "lora")
    setattr(model, packing.ABLE, settings.packing and packing.keeps_apart(model))
    set_dropout(model, settings.dropout)
    return Bundle(model, tokenizer, [], "huggingface", folder, settings)


def encode(bundle: Bundle, table: pa.Table, folder: Path) -> WrittenTexts:
    """Tokenize texts, conversations, or prompts with their answers, and mark what is learned.

    A model that learns from conversations is marked so: a prompt will be the beginning of one.
    """
    from ftstudio.engine.language import packing, writing, written_texts

    packs = bundle.settings.packing and getattr(bundle.model, packing.ABLE, False)
    found = written_texts.encode(bundle.processor, table, bundle.settings.long_text, folder, packs=packs)
    if found.has_chats:
        setattr(bundle.model.config, writing.AS_CHAT, True)
    return found


def lens(folder: Path, table: pa.Table, settings: TrainingSettings) -> Lens:
    """Return the first row of a table as a model in `folder` would read it, token by token."""
    from ftstudio.engine.language import pieces, token_lens, written_texts
    from ftstudio.engine.language.text import load_tokenizer

    tokenizer = load_tokenizer(folder, settings.max_length, settings.long_text)
    (row,) = written_texts.read_rows(table.slice(0, 1))
    ends = bool(pieces.of(table.slice(0, 1)).ends[0])
    return token_lens.look(tokenizer, row, settings.long_text, int(table["row"][0].as_py()), ends=ends)


def logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model; shape [rows, learned tokens, 2] (`engine.language.language_models.surprise`)."""
    from ftstudio.engine.language.language_models import surprise

    return surprise(model, inputs)


def save(bundle: Bundle, folder: Path) -> None:
    """Write a normal Hugging Face folder: weights, configuration, tokenizer with its chat template."""
    from ftstudio.engine.language.text_classifiers import save_classifier

    save_classifier(bundle, folder)


def write(bundle: Bundle, table: pa.Table, manner: Manner, tick: Tick) -> list[str]:
    """Return what the model writes to each row (`engine.language.writing`)."""
    from ftstudio.engine.language import writing

    return writing.answer(bundle, table, manner, tick)


def samples(bundle: Bundle, feeds: Mapping[Split, ModelFeed]) -> list[str]:
    """Return what the model writes to the beginnings of some validation rows."""
    from ftstudio.engine.language import writing

    return writing.samples(bundle, feeds)


def for_strangers(bundle: Bundle, table: pa.Table) -> list[dict[str, str]]:
    """Return whole texts, or conversations with the places of their answers."""
    from ftstudio.engine.language import written_texts

    return written_texts.for_strangers(bundle.processor, table, bundle.settings.long_text)
