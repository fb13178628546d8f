"""What the small files of a model folder tell about it: labels, sizes, lengths, licence, card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftstudio.models.families import unused_positions
from ftstudio.models.json_files import read_optional
from ftstudio.models.model_config import ModelConfig
from ftstudio.models.records import ModelKind

_LONGEST_CARD = 100_000
_UNLIMITED = 1_000_000
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json")
_SENTENCEPIECE_FILES = ("spiece.model", "sentencepiece.bpe.model", "spm.model", "source.spm")
_POSITIONS = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length")
_POSITION_WEIGHT = re.compile(r"(?:position_embeddings|embed_positions|\bwpe)\.weight$")
_WORD_WEIGHT = re.compile(r"(?:word_embeddings|tok_embeddings|embed_tokens|\bwte|\bshared)\.weight$")
_PLACEHOLDER = re.compile(r"^LABEL_\d+$")
_LICENCES = (
    ("Apache License", "apache-2.0"),
    ("MIT License", "mit"),
    ("BSD 3-Clause", "bsd-3-clause"),
    ("GNU GENERAL PUBLIC LICENSE", "gpl"),
)

Shapes = Mapping[str, tuple[int, ...]]


def labels(config: ModelConfig) -> tuple[str, ...]:
    """Return the names of the classes the model already knows, in order; none for placeholders."""
    names = stated_labels(config)
    return () if all(_PLACEHOLDER.match(name) for name in names) else names


def stated_labels(config: ModelConfig) -> tuple[str, ...]:
    """Return the names of the model's outputs exactly as its config.json states them, in order."""
    by_number = config.values.get("id2label")
    if isinstance(by_number, dict) and by_number and all(key.isdecimal() for key in by_number):
        return tuple(str(by_number[key]) for key in sorted(by_number, key=int))
    named = config.values.get("label_names")
    return tuple(str(name) for name in named) if isinstance(named, list) else ()


def max_length(folder: Path, config: ModelConfig, shapes: Shapes) -> int:
    """Return how many tokens (special ones included) the model can read at most, 0 if it has no limit or no tokens.

    Positions decide: what a tokenizer file happens to cut at is a habit of its maker, not a limit.
    """
    if config.kind not in (ModelKind.TEXT_ENCODER, ModelKind.TEXT_DECODER, ModelKind.TEXT_TO_TEXT):
        return 0
    rows = [shape[0] for name, shape in shapes.items() if _POSITION_WEIGHT.search(name) and len(shape) == 2]
    positions = min([rows for rows in (config.number(*_POSITIONS), *rows) if rows], default=0)
    if positions:
        return max(positions - unused_positions(config.model_type, _padding(config)), 0)
    claimed = read_optional(folder / "tokenizer_config.json").get("model_max_length")
    return claimed if type(claimed) is int and 0 < claimed <= _UNLIMITED else 0


def _padding(config: ModelConfig) -> int:
    value = config.values.get("pad_token_id")
    return value if type(value) is int and value >= 0 else 1


def vocabulary(config: ModelConfig, shapes: Shapes) -> int:
    """Return how many different tokens the model knows, 0 for models that read no text."""
    if config.kind in (ModelKind.IMAGE_CLASSIFIER, ModelKind.OBJECT_DETECTOR):
        return 0
    rows = [shape[0] for name, shape in shapes.items() if _WORD_WEIGHT.search(name) and len(shape) == 2]
    return rows[0] if rows else config.number("vocab_size")


def input_size(folder: Path, config: ModelConfig) -> int:
    """Return the side in pixels of the pictures the model was trained on, 0 if it reads no pictures."""
    if config.kind not in (ModelKind.IMAGE_CLASSIFIER, ModelKind.OBJECT_DETECTOR):
        return 0
    pretrained = config.values.get("pretrained_cfg")
    sizes = pretrained.get("input_size") if isinstance(pretrained, dict) else None
    if isinstance(sizes, list) and len(sizes) == 3:
        return _side(sizes[2])
    preprocessing = read_optional(folder / "preprocessor_config.json")
    cropped = preprocessing.get("crop") or preprocessing.get("crop_size")
    crop = _side(cropped) if preprocessing.get("do_center_crop", True) else 0
    return crop or _side(preprocessing.get("size")) or config.number("image_size")


def _side(size: Any) -> int:
    if isinstance(size, dict):
        size = size.get("height") or size.get("shortest_edge")
    return size if type(size) is int and size > 0 else 0


def pooling(folder: Path) -> str:
    """Return how a sentence model makes one vector of many: `mean`, `cls`, or empty if it does not say."""
    settings = read_optional(folder / "1_Pooling" / "config.json")
    if settings.get("pooling_mode_mean_tokens") is True:
        return "mean"
    return "cls" if settings.get("pooling_mode_cls_token") is True else ""


def has_tokenizer(folder: Path) -> bool:
    """Tell whether the folder brings a tokenizer."""
    return any((folder / name).is_file() for name in _TOKENIZER_FILES + _SENTENCEPIECE_FILES)


def card(folder: Path) -> tuple[str, str]:
    """Return the model card's text and the licence it names (else that of a licence file); empty if there is none."""
    source = _read_start(folder / "README.md")
    front, body = _split_front_matter(source)
    licence = re.search(r"^licen[sc]e:[ \t]*(.+)$", front, re.MULTILINE | re.IGNORECASE)
    named = licence[1].strip().strip("\"'") if licence else ""
    return body.strip(), named or _licence_file(folder)


def _split_front_matter(source: str) -> tuple[str, str]:
    match = re.match(r"^\ufeff?---[ \t]*\r?\n(.*?\n)---[ \t]*\r?\n", source, re.DOTALL)
    return (match[1], source[match.end() :]) if match else ("", source)


def _licence_file(folder: Path) -> str:
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE"):
        start = _read_start(folder / name)[:400]
        for words, licence in _LICENCES:
            if words in start:
                return licence
    return ""


def _read_start(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST_CARD)
    except OSError:
        return ""


def disk_size(folder: Path) -> int:
    """Return the bytes of the files of a model folder and the folders right below it."""
    paths = [*folder.glob("*"), *folder.glob("*/*")]
    return sum(path.stat().st_size for path in paths if path.is_file())
