"""Tiny random models in the ordinary Hugging Face form, made once a session: they train in seconds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

_WORDS = (
    "the a an and or not is was are it this that of to in on for with very film movie plot actor scene music story "
    "good great fine lovely superb brilliant moving clever bad awful dull boring weak poor terrible silly "
    "red green blue apple river stone cloud train paper window garden summer winter"
)
WORDS = tuple(_WORDS.split())


@pytest.fixture(scope="session")
def tiny_text_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a random two-layer BERT with a word vocabulary of `WORDS`."""
    from ftstudio.engine import backend

    backend.prepare()
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("models") / "tiny-bert"
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *(f"##{letter}" for letter in "abcdeghilnorst")]
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    state = torch.random.get_rng_state()
    torch.manual_seed(7)
    BertModel(config).save_pretrained(folder)
    torch.random.set_rng_state(state)
    _write_tokenizer(folder, vocabulary)
    return folder


@pytest.fixture(scope="session")
def tiny_image_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a random two-stage ResNet for images of 32 x 32 pixels."""
    from ftstudio.engine import backend

    backend.prepare()
    import torch
    from transformers import ResNetConfig, ResNetForImageClassification

    folder = tmp_path_factory.mktemp("models") / "tiny-resnet"
    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", num_labels=2)
    state = torch.random.get_rng_state()
    torch.manual_seed(7)
    ResNetForImageClassification(config).save_pretrained(folder)
    torch.random.set_rng_state(state)
    processor = {
        "image_processor_type": "ConvNextImageProcessor",
        "crop_pct": 1.0,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.25, 0.25, 0.25],
        "resample": 2,
        "rescale_factor": 1 / 255,
        "size": {"shortest_edge": 32},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=2), encoding="utf-8")
    return folder


def _write_tokenizer(folder: Path, vocabulary: list[str]) -> None:
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece
    from transformers import PreTrainedTokenizerFast

    numbers = {word: number for number, word in enumerate(vocabulary)}
    tokenizer = Tokenizer(WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", numbers["[CLS]"]), ("[SEP]", numbers["[SEP]"])],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=64,
    ).save_pretrained(folder)
