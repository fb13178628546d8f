"""How someone without ftstudio asks a model of transformers, whatever it answers with; the loaders of exports run this
file.
"""

from __future__ import annotations

import math
import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOSSES = runpy.run_path(str(Path(__file__).with_name("_token_losses.py")))
WORDS = runpy.run_path(str(Path(__file__).with_name("_predict_places.py")))
PASSAGES = runpy.run_path(str(Path(__file__).with_name("_read_passages.py")))


@dataclass(frozen=True)
class Kind:
    """Which classes of transformers load a folder, and how its model is asked: `ask(model, preparer, row)`."""

    model: str
    preparer: str
    ask: Callable[[Any, Any, dict[str, str]], list[Any]]
    writes: bool = False


def kind_of(config: Any, folder: Path) -> Kind:
    """Return what a folder with this configuration holds."""
    names = tuple(config.architectures or ())
    if any(name.endswith(("ForConditionalGeneration", "MTModel")) for name in names):
        return Kind("AutoModelForSeq2SeqLM", "AutoTokenizer", _losses, writes=True)
    if any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in names):
        return Kind("AutoModelForCausalLM", "AutoTokenizer", _losses, writes=True)
    if any(name.endswith("ForQuestionAnswering") for name in names):
        return Kind("AutoModelForQuestionAnswering", "AutoTokenizer", _of_passage)
    if any(name.endswith("ForTokenClassification") for name in names):
        return Kind("AutoModelForTokenClassification", "AutoTokenizer", _of_words)
    if (folder / "preprocessor_config.json").is_file() or not (folder / "tokenizer_config.json").is_file():
        return Kind("AutoModelForImageClassification", "AutoImageProcessor", _of_picture)
    return Kind("AutoModelForSequenceClassification", "AutoTokenizer", _of_text)


def labels_of(config: Any, kind: Kind) -> list[str]:
    """Return the names of the answers by number; a model that writes has none."""
    return [] if kind.writes else [config.id2label[number] for number in range(config.num_labels)]


def _losses(model: Any, tokenizer: Any, row: dict[str, str]) -> list[Any]:
    return list(LOSSES["losses"](model, tokenizer, row))


def _of_passage(model: Any, tokenizer: Any, row: dict[str, str]) -> list[Any]:
    return list(PASSAGES["logits"](model, tokenizer, row["text"], row["text_pair"]))


def _of_picture(model: Any, processor: Any, row: dict[str, str]) -> list[Any]:
    from PIL import Image, ImageOps

    picture = ImageOps.exif_transpose(Image.open(row["image"])).convert("RGB")
    return _first(model, processor(picture, return_tensors="pt"))


def _of_text(model: Any, tokenizer: Any, row: dict[str, str]) -> list[Any]:
    return _first(model, tokenizer(row["text"], row.get("text_pair"), truncation=True, return_tensors="pt"))


def _first(model: Any, inputs: Any) -> list[Any]:
    import torch

    with torch.no_grad():
        values: list[Any] = model(**inputs).logits[0].float().tolist()
    return values


def _of_words(model: Any, tokenizer: Any, row: dict[str, str]) -> list[Any]:
    """Return what is said of each word by the token that its first letter is in; unread words are outside."""
    inputs = tokenizer(row["text"], truncation=True, return_offsets_mapping=True, return_tensors="pt")
    offsets = inputs.pop("offset_mapping")[0].tolist()
    values = _first(model, inputs)
    outside = [0.0] + [-1e4] * (len(values[0]) - 1)
    found, before = [], None
    for start, _ in WORDS["words"](row["text"]).tolist():
        at = next((number for number, (a, b) in enumerate(offsets) if a <= start < b), None)
        said = values[at] if at is not None else outside
        found.append(_going_on(said) if at is not None and at == before else said)
        before = at
    return found


def _going_on(said: list[float]) -> list[float]:
    """Return what is said of a word whose token speaks for the word before, too: it goes on with what that began."""
    pairs = zip(said[1::2], said[2::2], strict=True)
    joined = [(min(pair), max(pair) + math.log1p(math.exp(min(pair) - max(pair)))) for pair in pairs]
    return [said[0], *(value for pair in joined for value in pair)]
