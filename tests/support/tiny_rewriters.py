"""Tiny T5 and BART models with random weights and a real tokenizer, and a real task that they learn in a minute.

Weights of such models cannot be had here, so that these show that the machinery learns: dates are written in words,
`05.10.1916` becomes `5 October 1916`.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
LENGTH = 24


def dates(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """Return different dates in figures, each with the same date in words."""
    chance = random.Random(seed)
    found: dict[str, str] = {}
    while len(found) < count:
        day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1900, 2029)
        found[f"{day:02}.{month:02}.{year}"] = f"{day} {MONTHS[month - 1]} {year}"
    return list(found.items())


def write_dates(path: Path, count: int, seed: int = 1) -> Path:
    """Write such dates as a CSV file with the columns `source` and `target`; returns `path`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("source", "target"), *dates(count, seed)])
    return path


def t5(folder: Path, *, tied: bool = True) -> Path:
    """Write a random two-layer T5."""
    from ftstudio.engine import backend

    backend.prepare()
    from transformers import T5Config, T5ForConditionalGeneration

    tokenizer = _tokenizer(("<pad>", "</s>", "<unk>"), "$A </s>", pad="<pad>", eos="</s>")
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=64,
        d_kv=16,
        d_ff=128,
        num_layers=2,
        num_heads=4,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
        tie_word_embeddings=tied,
    )
    return _save(lambda: T5ForConditionalGeneration(config), tokenizer, folder)


def bart(folder: Path) -> Path:
    """Write a random two-layer BART."""
    from ftstudio.engine import backend

    backend.prepare()
    from transformers import BartConfig, BartForConditionalGeneration

    tokenizer = _tokenizer(("<s>", "<pad>", "</s>", "<unk>"), "<s> $A </s>", pad="<pad>", eos="</s>", bos="<s>")
    config = BartConfig(
        vocab_size=len(tokenizer),
        d_model=64,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=128,
        decoder_ffn_dim=128,
        max_position_embeddings=64,
    )
    return _save(lambda: BartForConditionalGeneration(config), tokenizer, folder)


def _tokenizer(special: Sequence[str], template: str, **named: str) -> Any:
    """Train a tokenizer on dates: pieces of words, and every digit by itself."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE(unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(), pre_tokenizers.Digits(True)])
    inner.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=160, special_tokens=list(special), show_progress=False)
    inner.train_from_iterator([words for pair in dates(300, seed=3) for words in pair], trainer)
    numbers = [(one, inner.token_to_id(one)) for one in special]
    inner.post_processor = processors.TemplateProcessing(single=template, special_tokens=numbers)
    roles = {f"{role}_token": one for role, one in named.items()}
    return PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="<unk>", model_max_length=64, **roles)


def _save(make: Any, tokenizer: Any, folder: Path) -> Path:
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(7)
        make().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return t5(tmp_path_factory.mktemp("models") / "tiny-t5")


@pytest.fixture(scope="session")
def tiny_bart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bart(tmp_path_factory.mktemp("models") / "tiny-bart")
