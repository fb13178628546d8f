"""Token classification: places marked in a text, each of a kind (named entities, terms, amounts)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.core.metrics import SPANS
from ftstudio.core.presets import Facts, Recommendation, follow_method
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer, ColumnRole, Modality, TaskSpec
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.engine.answers.tagging import counts, decode, intervals, loss, rates, report, score
from ftstudio.engine.answers.uncalibrated import calibration_error

if TYPE_CHECKING:
    import pyarrow as pa
    from torch import Tensor, nn

    from ftstudio.engine.language.tagged_texts import TaggedTexts
    from ftstudio.engine.task import Bundle

CUT_OFF = -1e4  # the logit of every kind of place for a word that the model did not read

__all__ = [
    "SPEC",
    "calibration_error",
    "counts",
    "decode",
    "encode",
    "intervals",
    "load",
    "logits",
    "loss",
    "rates",
    "report",
    "save",
    "score",
    "token_logits",
]


def recommend(preset: str, facts: Facts) -> Recommendation:
    """Choose settings for a tagger from the amount of data, the model and the preset."""
    values: dict[str, Any] = {"monitor": "f1", "tuning_method": "full", "dropout": 0.1, "layer_decay": 1.0}
    reasons: dict[str, Text] = {
        "tuning_method": text("Which words belong together is learned in all layers; a new head alone finds little.")
    }
    small = facts.rows < 1_000
    values["epochs"] = {"quick": 5.0, "thorough": 20.0}.get(preset, 10.0) * (1.0 if small else 0.6)
    reasons["epochs"] = text(
        "{rows} training rows need about this many passes; early stopping ends the run sooner if it can.",
        rows=facts.rows,
    )
    values["batch_size"] = 8 if small else 16
    values["learning_rate"] = 2e-4 if facts.parameters < 60_000_000 else 5e-5
    reasons["learning_rate"] = text("Larger than for whole texts, because every word teaches; large models need less.")
    follow_method(values, reasons, facts, facts.tuning_method or "full", head=3e-3)
    values["patience"] = 6 if preset == "thorough" else 4
    limit = facts.model_max_length or 512
    values["max_length"] = max(16, min(limit, 512 if facts.long_length > 256 else 256))
    reasons["max_length"] = text("What lies beyond this length is not read, and nothing is found there.")
    return Recommendation(values, reasons)


SPEC = TaskSpec(
    key="token-classification",
    title=N_("Marking places in texts"),
    summary=N_("Finds names, amounts, drugs or clauses in running text and says what each of them is."),
    modality=Modality.TEXT,
    required=(ColumnRole.TEXT, ColumnRole.LABEL),
    optional=(ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.ID),
    model_kinds=frozenset({"text-encoder"}),
    metrics=SPANS,
    monitor="f1",
    sample_view="spans",
    recommend=recommend,
    example=N_("Ana\tB-person\nlives\tO\nin\tO\nLisbon\tB-city"),
    answer=Answer.SPANS,
)


def load(folder: Path, labels: Sequence[str], settings: TrainingSettings, *, trained: bool) -> Bundle:
    """Load a text model with a head for tags; `labels` are kinds of places, or the tags of a trained model."""
    from ftstudio.core import units
    from ftstudio.engine.language.text import load_tokenizer, set_dropout
    from ftstudio.engine.language.token_models import load_tagger
    from ftstudio.engine.task import Bundle

    tags = list(labels) if trained else units.tags_for(labels)
    tokenizer = load_tokenizer(folder, settings.max_length, settings.long_text)
    model = load_tagger(folder, tags, trained=trained)
    set_dropout(model, settings.dropout)
    return Bundle(model, tokenizer, tags, "huggingface", folder, settings)


def encode(bundle: Bundle, table: pa.Table, folder: Path) -> TaggedTexts:
    """Tokenize the texts of `table`, and find the token that speaks for each of their words."""
    from ftstudio.engine.language.tagged_texts import encode_tagged

    texts = [value or "" for value in table["text"].to_pylist()]
    cells = table["label"].to_pylist() if "label" in table.column_names else [None] * len(texts)
    return encode_tagged(bundle.processor, texts, cells, bundle.labels, bundle.settings.long_text)


def logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model; shape [rows, units, tags]. A unit that was cut off is outside every place."""
    from ftstudio.engine.language.token_models import go_on_where_shared

    output = token_logits(model, {key: value for key, value in inputs.items() if key != "units"})
    at = inputs["units"]
    chosen = output.gather(1, at.clamp(min=0).unsqueeze(-1).expand(-1, -1, output.shape[-1]))
    gone = (at < 0).unsqueeze(-1)
    outside = chosen.new_full((output.shape[-1],), CUT_OFF)
    outside[0] = 0.0
    return go_on_where_shared(chosen, at).where(~gone, outside)


def token_logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model; shape [rows, tokens, tags]."""
    from ftstudio.engine.layers import attention

    attention.fit(model, inputs["attention_mask"])
    output: Tensor = model(**inputs).logits
    return output


def save(bundle: Bundle, folder: Path) -> None:
    """Write a normal Hugging Face folder: weights, configuration with tag names, tokenizer."""
    from ftstudio.engine.language.text_classifiers import save_classifier

    save_classifier(bundle, folder)
