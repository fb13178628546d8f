"""Question answering: the answer to a question, found where it stands in a given text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.core.metrics import EXTRACTS
from ftstudio.core.presets import Facts, Recommendation, follow_method
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer, ColumnRole, Modality, TaskSpec
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.engine.answers.extracting import counts, decode, intervals, loss, rates, report, score
from ftstudio.engine.answers.uncalibrated import calibration_error

if TYPE_CHECKING:
    import pyarrow as pa
    from torch import Tensor, nn

    from ftstudio.engine.language.passages import Passages
    from ftstudio.engine.task import Bundle

NO_ITEM = -1e4  # the logit of an item that a shorter row of a batch does not have

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
    """Choose settings for a reader of passages from the amount of data, the model and the preset."""
    values: dict[str, Any] = {"monitor": "f1", "tuning_method": "full", "dropout": 0.1, "layer_decay": 1.0}
    reasons: dict[str, Text] = {
        "tuning_method": text("Which words answer a question is learned in all layers; a new head alone finds little.")
    }
    small = facts.rows < 2_000
    usual = 10.0 if small else 4.0 if facts.rows < 20_000 else 2.0
    values["epochs"] = usual * {"quick": 0.5, "thorough": 2.0}.get(preset, 1.0)
    reasons["epochs"] = text(
        "{rows} training rows need about this many passes; early stopping ends the run sooner if it can.",
        rows=facts.rows,
    )
    values["batch_size"] = 8 if small else 16
    values["learning_rate"] = 2e-4 if facts.parameters < 60_000_000 else 3e-5
    reasons["learning_rate"] = text("What is usual for questions; small models learn better with a larger rate.")
    follow_method(values, reasons, facts, facts.tuning_method or "full", head=3e-3)
    values["patience"] = 6 if preset == "thorough" else 4
    limit = facts.model_max_length or 512
    values["max_length"] = max(16, min(limit, 384 if facts.long_length > 256 else 256))
    reasons["max_length"] = text("Longer texts are read in windows of this length that overlap; nothing is left out.")
    return Recommendation(values, reasons)


SPEC = TaskSpec(
    key="question-answering",
    title=N_("Answering questions from texts"),
    summary=N_("Finds the answer to a question where it stands in a text: in contracts, letters or reports."),
    modality=Modality.TEXT,
    required=(ColumnRole.TEXT, ColumnRole.TEXT_PAIR, ColumnRole.LABEL),
    optional=(ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.ID),
    model_kinds=frozenset({"text-encoder"}),
    metrics=EXTRACTS,
    monitor="f1",
    sample_view="extract",
    recommend=recommend,
    example=N_("question,context,answer\nWho pays?,The tenant pays the rent.,The tenant"),
    answer=Answer.EXTRACT,
)


def load(folder: Path, labels: Sequence[str], settings: TrainingSettings, *, trained: bool) -> Bundle:
    """Load a text model that says of each token whether an answer begins or ends there."""
    from ftstudio.core.answers import ANSWER
    from ftstudio.engine.language.text import load_tokenizer, set_dropout
    from ftstudio.engine.language.token_models import load_reader
    from ftstudio.engine.task import Bundle

    tokenizer = load_tokenizer(folder, settings.max_length, "head")  # windows follow each other from the left
    model = load_reader(folder, trained=trained)
    set_dropout(model, settings.dropout)
    return Bundle(model, tokenizer, [ANSWER], "huggingface", folder, settings)


def encode(bundle: Bundle, table: pa.Table, folder: Path) -> Passages:
    """Tokenize the questions and passages of `table`, and find the tokens that speak for each word."""
    from ftstudio.engine.language.passages import encode_passages

    questions, passages = ([value or "" for value in table[name].to_pylist()] for name in ("text", "text_pair"))
    cells = table["label"].to_pylist() if "label" in table.column_names else [None] * len(questions)
    return encode_passages(bundle.processor, questions, passages, cells)


def logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model on all windows; shape [rows, items, 2]: how well an answer begins and ends at each item.

    No answer is as likely as it is in the window where it is least likely, as in BERT's `run_squad`.
    """
    import torch

    picked = ("starts", "ends", "rows")
    output = token_logits(model, {key: value for key, value in inputs.items() if key not in picked})
    sides = []
    for said, at in zip(output.unbind(dim=-1), (inputs["starts"], inputs["ends"]), strict=True):
        items = said.flatten()[at.clamp(min=0)].masked_fill(at < 0, NO_ITEM)
        none = said.new_full((len(at),), torch.inf).scatter_reduce(0, inputs["rows"], said[:, 0], "amin")
        sides.append(torch.cat([none[:, None], items[:, 1:]], dim=1))
    return torch.stack(sides, dim=-1)


def token_logits(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Run the model; shape [windows, tokens, 2]: how well an answer begins and ends at each token."""
    import torch

    from ftstudio.engine.layers import attention

    attention.fit(model, inputs["attention_mask"])
    output = model(**inputs)
    return torch.stack([output.start_logits, output.end_logits], dim=-1)


def save(bundle: Bundle, folder: Path) -> None:
    """Write a normal Hugging Face folder: weights, configuration, tokenizer."""
    from ftstudio.engine.language.text_classifiers import save_classifier

    save_classifier(bundle, folder)
