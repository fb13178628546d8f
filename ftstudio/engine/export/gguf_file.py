"""Writes a model that writes texts as one GGUF file, the form that llama.cpp and the programs built on it read.

One weight is held at a time. Norms and other vectors stay in 32 bits, as in the files of llama.cpp; in the smallest
form the tables of tokens, on which most depends, are kept in 8 bits, as llama.cpp's own tool does for such widths.

Blocks of 4 bits are those of llama.cpp bit by bit. What they cost lies in them and not in their reading: of 14 texts
SmolLM2-135M in Q4_0 goes on with the token of the trained model in 8, read here or by llama.cpp, which says what is
read here in 13 (its loss on a play rises from 4.47 to 4.71; in F16 and Q8_0 all 14 are the same).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text
from ftstudio.engine import backend
from ftstudio.engine.conversion import gguf_network as forms
from ftstudio.engine.export.gguf_vocabulary import write_vocabulary
from ftstudio.models.weights import read_weights

FILE_TYPES = {"F16": 1, "BF16": 32, "Q8_0": 7, "Q4_0": 2}
"""What a form of weights is called in the file's header."""
_OF_TYPE = {
    "llama": "llama",
    "mistral": "llama",
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "gemma": "gemma",
    "gemma2": "gemma2",
    "gemma3_text": "gemma3",
}
_TABLES = frozenset({"token_embd.weight", "output.weight"})
_HEAD = "lm_head.weight"


def write_gguf(folder: Path, target: Path, kind: str, story: Mapping[str, str]) -> None:
    """Write the model in the Hugging Face `folder` to the file `target`.

    Args:
        folder: a causal language model with its tokenizer.
        target: the file to make.
        kind: one of `FILE_TYPES`.
        story: values of `general.…` by key (`name`, `license`), empty ones are left out.

    Raises:
        InputError: the network or the tokenizer has no form in GGUF.
        OSError: the file cannot be written.
    """
    backend.prepare()
    import gguf
    from transformers import AutoConfig, AutoTokenizer

    config = AutoConfig.from_pretrained(folder)
    architecture, values = _architecture(config), config.to_dict()
    values["head_dim"] = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    _refuse_unknown(architecture, values)
    writer = gguf.GGUFWriter(target, architecture)
    try:
        _write_story(writer, kind, story)
        _write_numbers(writer, architecture, values)
        write_vocabulary(writer, AutoTokenizer.from_pretrained(folder), config.vocab_size)
        weights = _Weights(folder, architecture, values)
        types = {name: _type(name, shape, kind) for name, shape in weights.shapes.items()}
        for name, shape in weights.shapes.items():
            stored = gguf.quants.quant_shape_to_byte_shape(shape, types[name])
            writer.add_tensor_info(name, shape, np.dtype(np.float32), int(np.prod(stored)), types[name])
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for name, weight in weights.all():
            writer.write_tensor_data(gguf.quants.quantize(weight, types[name]))
    finally:
        with suppress(OSError):
            writer.close()


def _architecture(config: Any) -> str:
    known = _OF_TYPE.get(config.model_type)
    if known is None:
        names = "Llama, Mistral, Qwen 2, Qwen 3, Gemma"
        raise _no_form(text("only these families have one here: {names}", names=names))
    return known


def _no_form(reason: Text) -> InputError:
    return InputError(
        text("This model has no form in GGUF: {reason}.", reason=reason),
        text("Export it as a Hugging Face folder."),
        field="format",
    )


def _refuse_unknown(architecture: str, values: Mapping[str, Any]) -> None:
    """Refuse a network that programs which read GGUF would compute in another way."""
    family = forms.FAMILIES[architecture]
    layers = values["num_hidden_layers"]
    wanted: dict[str, Any] = {"hidden_activation" if family.raised else "hidden_act": family.activation}
    if family.raised and architecture != "gemma":
        wanted["query_pre_attn_scalar"] = forms.attention_scalar(architecture, values)
    if family.every:
        kinds = ("sliding_attention", "full_attention")
        wanted["layer_types"] = [kinds[(at + 1) % family.every == 0] for at in range(layers)]
    if architecture.startswith("qwen"):
        wanted["use_sliding_window"] = False
    for key, value in wanted.items():
        if key in values and values[key] != value:
            raise _no_form(text("“{key}” of its config.json is {value}", key=key, value=str(values[key])[:60]))
    local = _rotation(values, "sliding_attention")
    if family.local_theta and local["rope_theta"] != family.local_theta:
        raise _no_form(text("“{key}” of its config.json is {value}", key="rope_theta", value=str(local["rope_theta"])))
    if (kind := _rotation(values)["rope_type"]) not in ("default", "linear", "llama3"):
        raise _no_form(text("“{key}” of its config.json is {value}", key="rope_type", value=kind))


def _rotation(values: Mapping[str, Any], layers: str = "full_attention") -> dict[str, Any]:
    """Return how a network turns what it compares by its place."""
    said = values.get("rope_parameters") or {}
    return {"rope_type": "default", "rope_theta": 10_000.0, **said.get(layers, said)}


def _write_story(writer: Any, kind: str, story: Mapping[str, str]) -> None:
    import gguf

    writer.add_type(gguf.GGUFType.MODEL)
    for key, value in story.items():
        if value:
            writer.add_string(f"general.{key}", value)
    writer.add_file_type(FILE_TYPES[kind])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def _write_numbers(writer: Any, architecture: str, values: Mapping[str, Any]) -> None:
    family, width = forms.FAMILIES[architecture], values["head_dim"]
    for key, stored in family.numbers.items():
        value = values.get(key)
        if key == "max_position_embeddings" and values["model_type"] == "mistral" and values.get("sliding_window"):
            value = min(value, values["sliding_window"])  # readers know no window for Mistral
        if value is not None:
            add = writer.add_float32 if isinstance(value, float) else writer.add_uint32
            add(f"{architecture}.{stored}", value)
    for key in ("attention.key_length", "attention.value_length", "rope.dimension_count"):
        writer.add_uint32(f"{architecture}.{key}", width)
    writer.add_vocab_size(values["vocab_size"])
    rotation = _rotation(values)
    writer.add_rope_freq_base(float(rotation["rope_theta"]))
    if rotation["rope_type"] == "linear":
        writer.add_string(f"{architecture}.rope.scaling.type", "linear")
        writer.add_rope_scaling_factor(float(rotation["factor"]))


class _Weights:
    """The weights of a folder as a file stores them: shapes by name at once, contents one after the other."""

    def __init__(self, folder: Path, architecture: str, values: Mapping[str, Any]) -> None:
        held = read_weights(folder)
        self._files, self._values = held.files, values
        self._family = forms.FAMILIES[architecture]
        own = [name for name in held.shapes if name != _HEAD or not values.get("tie_word_embeddings")]
        try:
            self._names = forms.stored_names(architecture, values["num_hidden_layers"], own)
        except ValueError as error:
            raise _no_form(text("it has a weight more than others of its family ({name})", name=str(error))) from error
        self._extra: dict[str, NDArray[np.float32]] = {}
        rotation = _rotation(values)
        if rotation["rope_type"] == "llama3":
            self._extra[forms.FREQUENCIES] = forms.stretch_factors(rotation, rotation["rope_theta"], values["head_dim"])
        self.shapes = {
            **{stored: held.shapes[name] for name, stored in self._names.items()},
            **{name: value.shape for name, value in self._extra.items()},
        }

    def all(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Yield name and content of each tensor, in the order of `shapes`."""
        places = {name: file for file in self._files for name in _names_in(file)}
        for name, stored in self._names.items():
            with safe_open(places[name], framework="pt") as file:
                weight = file.get_tensor(name).to(torch.float32).numpy()
            yield stored, forms.stored_weight(weight, stored, self._family, self._values)
        yield from self._extra.items()


def _names_in(path: Path) -> list[str]:
    with safe_open(path, framework="pt") as file:
        return list(file.keys())


def _type(name: str, shape: tuple[int, ...], kind: str) -> Any:
    """Return the type that a tensor is stored in; rows that do not divide into blocks cannot be quantised."""
    import gguf

    types = gguf.GGMLQuantizationType
    if len(shape) < 2:
        return types.F32
    wanted = types[kind]
    if name in _TABLES and kind == "Q4_0":
        wanted = types.Q8_0
    block, _ = gguf.GGML_QUANT_SIZES[wanted]
    return wanted if shape[-1] % block == 0 else types.F16
