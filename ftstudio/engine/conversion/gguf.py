"""Turns a GGUF file into a normal Hugging Face folder: the weights as the file has them, tokenizer, chat template."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.core.translation import english
from ftstudio.engine import backend
from ftstudio.engine.conversion import gguf_network, gguf_tokenizer
from ftstudio.models.gguf_files import read_gguf
from ftstudio.project import atomic

_STORED_AS = {"F32": torch.float32, "BF16": torch.bfloat16}
"""What a file's matrices are written as; all others take half precision, whose rounding is far below theirs."""


def convert(source: Path, folder: Path) -> None:
    """Write the model of a GGUF file into the empty `folder`.

    Raises `InputError` if the file says something of its network or tokenizer that is not known here, or is damaged.
    """
    backend.prepare()
    record = read_gguf(source)
    try:
        said, tensors = gguf_network.read_file(source)
        model = gguf_network.network(said, tensors)
        tokenizer = gguf_tokenizer.tokenizer(said, record.max_length)
    except (ValueError, KeyError, IndexError, TypeError, RuntimeError) as error:
        raise InputError(
            text("The GGUF file {name} cannot be turned into a model: {reason}.", name=source.name, reason=str(error)),
            text("Get the model as a folder with config.json and model.safetensors, or choose another one."),
            file=str(source),
        ) from error
    _refuse_not_finite(source, model)
    for ours, key in (("bos", "bos"), ("eos", "eos"), ("pad", "padding")):
        setattr(model.config, f"{ours}_token_id", said.get(f"tokenizer.ggml.{key}_token_id"))
    stored_as = _STORED_AS.get(_kind(source), torch.float16)
    for weight in model.parameters():
        if weight.dim() > 1:  # vectors are whole in every file
            weight.data = weight.data.to(stored_as)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    atomic.write_text(folder / "README.md", _card(source, record.licence))


def _kind(source: Path) -> str:
    from ftstudio.models.gguf_header import read_gguf_header

    kinds = {stored.kind for stored in read_gguf_header(source).tensors.values() if len(stored.shape) > 1}
    return kinds.pop() if len(kinds) == 1 else ""


def _refuse_not_finite(source: Path, model: torch.nn.Module) -> None:
    for name, weight in model.named_parameters():
        if not torch.isfinite(weight).all():
            raise InputError(
                text(
                    "The weight “{weight}” in {name} holds values that are not numbers.", weight=name, name=source.name
                ),
                text("The file is damaged. Copy or download it again."),
                file=str(source),
            )


def _card(source: Path, licence: str) -> str:
    with english():
        notes = "\n\n".join(str(note) for note in read_gguf(source).notes)
    front = f"---\nlicense: {json.dumps(licence, ensure_ascii=False)}\n---\n" if licence else ""
    return f"{front}# {source.stem}\n\nMade from the GGUF file {source.name}.\n\n{notes}\n"
