"""Tiny random models of other families than those all tests share."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any


def distilbert(folder: Path, tokenizer_of: Path) -> Path:
    from transformers import DistilBertConfig, DistilBertModel

    size = _vocabulary(tokenizer_of)
    config = DistilBertConfig(vocab_size=size, dim=32, n_layers=2, n_heads=2, hidden_dim=64, max_position_embeddings=64)
    return _save(lambda: DistilBertModel(config), folder, tokenizer_of)


def roberta(folder: Path, tokenizer_of: Path) -> Path:
    from transformers import RobertaConfig, RobertaModel

    config = RobertaConfig(
        **_bert_sizes(tokenizer_of), type_vocab_size=1, pad_token_id=0, bos_token_id=2, eos_token_id=3
    )
    config.max_position_embeddings = 70
    return _save(lambda: RobertaModel(config), folder, tokenizer_of)


def sentence_encoder(folder: Path, tokenizer_of: Path) -> Path:
    """A BERT whose folder says, as sentence-transformers does, that it is used with the mean over its tokens."""
    from transformers import BertConfig, BertModel

    config = BertConfig(**_bert_sizes(tokenizer_of))
    _save(lambda: BertModel(config), folder, tokenizer_of)
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 32, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    return folder


def gpt2(folder: Path, tokenizer_of: Path) -> Path:
    from transformers import GPT2Config, GPT2Model

    config = GPT2Config(vocab_size=_vocabulary(tokenizer_of), n_embd=32, n_layer=2, n_head=2, n_positions=64)
    return _save(lambda: GPT2Model(config), folder, tokenizer_of)


def writer(folder: Path, *, tied: bool = True, chats: bool = False) -> Path:
    """Write a random two-layer Llama that reads letters; with `chats` its tokenizer has a template of its own."""
    from ftstudio.engine import backend

    backend.prepare()
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    numbers = {"<eos>": 0, "<turn>": 1, **{letter: at + 2 for at, letter in enumerate(letters)}}
    inner = Tokenizer(BPE(vocab=numbers, merges=[]))
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<eos>", model_max_length=160)
    if chats:
        tokenizer.add_special_tokens({"additional_special_tokens": ["<turn>"]})
        tokenizer.chat_template = (
            "{% for one in messages %}{{ '<turn>' + one['role'] + ':' }}{{ one['content'] | trim + eos_token }}"
            "{% endfor %}"
            "{% if add_generation_prompt %}{{ '<turn>assistant:' }}{% endif %}"
        )
    config = LlamaConfig(
        vocab_size=len(numbers),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=160,
        tie_word_embeddings=tied,
        bos_token_id=None,
        eos_token_id=0,
    )
    made = _save(lambda: LlamaForCausalLM(config), folder, None)
    tokenizer.save_pretrained(made)
    return made


def vit(folder: Path) -> Path:
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        image_size=32,
        patch_size=8,
    )
    _save(lambda: ViTForImageClassification(config), folder, None)
    processor = {
        "image_processor_type": "ViTImageProcessor",
        "size": {"height": 32, "width": 32},
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(processor), encoding="utf-8")
    return folder


def resnet18(folder: Path) -> Path:
    """A prepared torchvision ResNet-18 for small pictures, with random weights and ten labels."""
    import torch
    from safetensors.torch import save_file
    from torchvision.models import get_model

    folder.mkdir()
    with torch.random.fork_rng():
        torch.manual_seed(7)
        model = get_model("resnet18", num_classes=10)
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    labels = {str(at): f"label {at}" for at in range(10)}
    config = {"model_type": "torchvision", "architecture": "resnet18", "num_labels": 10, "id2label": labels}
    recipe = {"size": 36, "crop": 32, "interpolation": "bilinear", "mean": [0.5] * 3, "std": [0.25] * 3}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "preprocessor_config.json").write_text(json.dumps(recipe), encoding="utf-8")
    return folder


def _bert_sizes(tokenizer_of: Path) -> dict[str, Any]:
    return {
        "vocab_size": _vocabulary(tokenizer_of),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
    }


def _vocabulary(folder: Path) -> int:
    return int(json.loads((folder / "config.json").read_text(encoding="utf-8"))["vocab_size"])


def _save(make: Callable[[], Any], folder: Path, tokenizer_of: Path | None) -> Path:
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(7)
        make().save_pretrained(folder)
    for file in tokenizer_of.glob("*token*") if tokenizer_of else ():
        shutil.copy(file, folder)
    return folder
