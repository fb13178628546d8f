"""Describes a GGUF file, as chat programs have them: what it is, and what was lost when it was made small."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NoReturn

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text
from ftstudio.models.gguf_header import GgufHeader, read_gguf_header
from ftstudio.models.records import ModelKind, ModelRecord

FAMILIES = ("llama", "qwen2", "qwen3", "gemma", "gemma2", "gemma3")
"""What the files call the families that can be turned into a folder; a test holds them against the engine's."""
WHOLE = frozenset({"F32", "F16", "BF16"})


def read_gguf(path: Path) -> ModelRecord:
    """Describe a GGUF file without opening its weights.

    Raises `InputError` for a damaged file, one that is not a whole model, and a family that is not known here.
    """
    header = read_gguf_header(path)
    architecture = str(header.said.get("general.architecture", ""))
    _refuse_others(path, header, architecture)
    numbers = {
        key: header.said.get(f"{architecture}.{key}") for key in ("block_count", "embedding_length", "context_length")
    }
    for key, value in numbers.items():
        if type(value) is not int or not 0 < value < 2**31:
            _refuse(path, text("it claims an impossible value: {field} is {value}", field=key, value=str(value)))
    layers, width, length = numbers.values()
    return ModelRecord(
        name=path.stem,
        path=path,
        source="gguf",
        kind=ModelKind.TEXT_DECODER,
        family=architecture,
        architecture="GGUF",
        parameters=sum(stored.numbers for stored in header.tensors.values()),
        bytes=path.stat().st_size,
        layers=layers or 0,
        hidden_size=width or 0,
        vocabulary=int(header.said.get("tokenizer.ggml.tokens", 0)),
        max_length=length or 0,
        licence=str(header.said.get("general.license", "")),
        has_tokenizer=True,
        needs_preparing=True,
        notes=tuple(_notes(header)),
    )


def _refuse_others(path: Path, header: GgufHeader, architecture: str) -> None:
    if header.said.get("general.type", "model") != "model":
        _refuse(path, text("it holds a part of a model ({kind})", kind=str(header.said["general.type"])))
    if int(header.said.get("split.count", 1)) > 1:
        _refuse(path, text("it is one of several parts of a model"))
    if architecture not in FAMILIES:
        _refuse(path, text("its family “{family}” is not one that can be read here", family=architecture or "?"))
    if "tokenizer.ggml.tokens" not in header.said:
        _refuse(path, text("it holds no tokenizer"))


def _refuse(path: Path, reason: Text) -> NoReturn:
    raise InputError(
        text("The GGUF file {name} cannot be used: {reason}.", name=path.name, reason=reason),
        text("Get the model as a folder with config.json and model.safetensors, or choose another one."),
        file=str(path),
    )


def _notes(header: GgufHeader) -> list[Text]:
    matrices = [stored for stored in header.tensors.values() if len(stored.shape) > 1]
    sizes: Counter[str] = Counter()
    for stored in matrices:
        sizes[stored.kind] += stored.numbers
    kind, numbers = sizes.most_common(1)[0][0] if sizes else "F32", sum(sizes.values())
    bits = 8 * sum(stored.bytes for stored in matrices) / max(numbers, 1)
    template = (
        text("It brings a template for chats.")
        if header.said.get("tokenizer.chat_template")
        else text("It brings no template for chats.")
    )
    return [loss_in_words(kind, bits), template]


def loss_in_words(kind: str, bits: float) -> Text:
    """Say what was lost when weights were stored as `kind`, with so many bits each on average."""
    if kind in WHOLE:
        return text("Its weights are whole ({kind}): nothing was lost.", kind=kind)
    if bits > 7.5:
        typical = text("With 8 bits hardly anything is lost as a rule.")
    elif bits > 3.9:
        typical = text("With 4 to 6 bits a large model loses little as a rule, and a small one clearly writes worse.")
    else:
        typical = text("With so few bits every model clearly writes worse.")
    return text(
        "Its weights were made smaller ({kind}, {bits} bits each instead of 16). What that lost does not come back "
        "and cannot be measured without the original. {typical} A file of the same model in F16 is the better start.",
        kind=kind,
        bits=round(bits, 1),
        typical=typical,
    )
