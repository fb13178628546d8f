"""Builds a plain transformers network from what a GGUF file holds, and knows how such files store each family.

The format is llama.cpp's (`docs/gguf.md` there); which numbers, names and changes of weights belong to which family
follows its `convert_hf_to_gguf.py`. Also run by path, by those who have only the file and not this program: it imports
nothing of it. Everything that a file says otherwise than is known here raises `ValueError`: a network that is nearly
right would write nearly sense.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FREQUENCIES = "rope_freqs.weight"
_SHARED = {
    "max_position_embeddings": "context_length",
    "num_hidden_layers": "block_count",
    "hidden_size": "embedding_length",
    "intermediate_size": "feed_forward_length",
    "num_attention_heads": "attention.head_count",
    "num_key_value_heads": "attention.head_count_kv",
    "rms_norm_eps": "attention.layer_norm_rms_epsilon",
}
_WINDOW = {"sliding_window": "attention.sliding_window"}
_CAPS = {
    "attn_logit_softcapping": "attn_logit_softcapping",
    "final_logit_softcapping": "final_logit_softcapping",
}
_LLAMA_3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}


class Family(NamedTuple):
    """How GGUF stores one family of networks.

    `numbers` are keys of config.json by what they are called in the file, `interleaved` tells that pairs of rotated
    dimensions lie beside each other there, `raised` that norms are stored with 1 added, `every` which layer reads
    without a window (0: all), and `local_theta` what the others turn by (0: the same).
    """

    model_type: str
    activation: str
    numbers: Mapping[str, str]
    interleaved: bool = False
    raised: bool = False
    every: int = 0
    local_theta: float = 0.0


_GEMMA = "gelu_pytorch_tanh"
FAMILIES = {
    "llama": Family("llama", "silu", _SHARED, interleaved=True),
    "qwen2": Family("qwen2", "silu", _SHARED),
    "qwen3": Family("qwen3", "silu", _SHARED),
    "gemma": Family("gemma", _GEMMA, _SHARED, raised=True),
    "gemma2": Family("gemma2", _GEMMA, {**_SHARED, **_WINDOW, **_CAPS}, raised=True, every=2),
    "gemma3": Family("gemma3_text", _GEMMA, {**_SHARED, **_WINDOW}, raised=True, every=6, local_theta=10_000.0),
}


def read_file(path: Any) -> tuple[dict[str, Any], dict[str, Callable[[], NDArray[np.float32]]]]:
    """Return what a file says by key, and by name what gives each of its tensors as float32; the `gguf` library reads.

    Raises `ValueError` and its like for a file that is none, or damaged.
    """
    import gguf

    class Careful(gguf.GGUFReader):
        """Does not read on behind the end of a file: lists that claim to be endless would be read for ever."""

        def _get(self, offset: int, dtype: Any, count: int = 1, override_order: Any = None) -> Any:
            if offset + np.dtype(dtype).itemsize * int(count) > len(self.data):
                raise ValueError("it ends before it should")
            return super()._get(offset, dtype, count, override_order)

    reader = Careful(path)
    tensors: dict[str, Callable[[], NDArray[np.float32]]] = {
        one.name: partial(_plain, one.data, one.tensor_type) for one in reader.tensors
    }
    return {key: field.contents() for key, field in reader.fields.items()}, tensors


def _plain(data: Any, kind: Any) -> NDArray[np.float32]:
    import gguf

    plain: NDArray[np.float32] = gguf.quants.dequantize(data, kind).astype(np.float32, copy=False)
    return plain


def network(said: Mapping[str, Any], tensors: Mapping[str, Callable[[], NDArray[np.float32]]]) -> Any:
    """Return the causal language model of transformers, in float32, that a file describes.

    Args:
        said: the file's metadata by key.
        tensors: what gives each tensor, in the shape that numpy gives it (rows first), by its name in the file.

    Raises:
        ValueError: a family or kind of rotation that is not known, or weights that are missing, of another shape or
            too many.
    """
    import torch
    import transformers
    from transformers import AutoConfig
    from transformers.initialization import no_init_weights

    values = config_values(said, tensors)
    family = family_of(said)
    maker: Any = transformers.AutoModelForCausalLM
    with no_init_weights():
        model = maker.from_config(AutoConfig.for_model(**values), dtype=torch.float32)
    model.tie_weights()
    stored = stored_names(said["general.architecture"], values["num_hidden_layers"], model.state_dict())
    if values["tie_word_embeddings"]:
        stored.pop("lm_head.weight", None)
    _refuse_others(tensors, stored.values())
    with torch.no_grad():
        for name, weight in model.state_dict().items():
            if name in stored:
                weight.copy_(torch.from_numpy(plain_weight(_read(tensors, stored[name]), stored[name], family, values)))
    return model


def family_of(said: Mapping[str, Any]) -> Family:
    """Return how the family of a file is stored; raises `ValueError` naming one that is not known."""
    architecture = said.get("general.architecture")
    if architecture not in FAMILIES:
        raise ValueError(f"unknown architecture: {architecture}")
    return FAMILIES[architecture]


def config_values(said: Mapping[str, Any], tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Return what config.json holds of the network of a file, `model_type` included; raises `ValueError`."""
    family, architecture = family_of(said), said["general.architecture"]
    values: dict[str, Any] = {"model_type": family.model_type, "tie_word_embeddings": "output.weight" not in tensors}
    for key, stored in family.numbers.items():
        value = said.get(f"{architecture}.{stored}")
        if value is None and key == "num_key_value_heads":
            value = values["num_attention_heads"]
        if value is None and key not in (*_WINDOW, *_CAPS):
            raise ValueError(f"it does not say {architecture}.{stored}")
        if isinstance(value, list):
            raise ValueError(f"its layers differ in {stored}")
        values[key] = _exact(value)
    heads = values["num_attention_heads"]
    width = said.get(f"{architecture}.attention.key_length") or said.get(f"{architecture}.rope.dimension_count")
    values["head_dim"] = int(width or values["hidden_size"] // heads)
    values["vocab_size"] = len(said["tokenizer.ggml.tokens"])
    values |= {"hidden_act": family.activation, "hidden_activation": family.activation}
    values["rope_parameters"] = _rotation(said, tensors, family, values["head_dim"])
    if family.raised:
        values["query_pre_attn_scalar"] = attention_scalar(architecture, values)
    if architecture == "llama":
        values["attention_bias"] = "blk.0.attn_q.bias" in tensors
        values["mlp_bias"] = "blk.0.ffn_up.bias" in tensors
    return values


def _exact(value: Any) -> Any:
    """Undo what a number lost when it was stored in 32 bits: 1e-5 comes back as 9.999999747378752e-06."""
    return float(f"{value:.7g}") if isinstance(value, float) else value


def attention_scalar(architecture: str, values: Mapping[str, Any]) -> int:
    """Return by what Gemma's scores are scaled; the file does not say, and readers know it by the number of layers."""
    largest = {"gemma2": 46, "gemma3": 62}.get(architecture)
    if values["num_hidden_layers"] == largest:
        return int(values["hidden_size"] // values["num_attention_heads"])
    return int(values["head_dim"])


def _rotation(said: Mapping[str, Any], tensors: Mapping[str, Any], family: Family, width: int) -> dict[str, Any]:
    architecture = said["general.architecture"]
    theta = float(f"{said.get(f'{architecture}.rope.freq_base', 10_000.0):.7g}")
    whole: dict[str, Any] = {"rope_type": "default", "rope_theta": theta}
    kind = said.get(f"{architecture}.rope.scaling.type", "none")
    if kind == "linear":
        whole |= {"rope_type": "linear", "factor": float(said[f"{architecture}.rope.scaling.factor"])}
    elif kind != "none":
        raise ValueError(f"unknown rope scaling: {kind}")
    if FREQUENCIES in tensors:
        whole |= _stretched(_read(tensors, FREQUENCIES), theta, width)
    if not family.local_theta:
        return whole
    local = {"rope_type": "default", "rope_theta": family.local_theta}
    return {"full_attention": whole, "sliding_attention": local}


def _stretched(stored: NDArray[np.float32], theta: float, width: int) -> dict[str, Any]:
    """Return the rotation of Llama 3 whose factors a file holds; raises `ValueError` if it is another one."""
    wanted = {"rope_type": "llama3", "factor": float(round(stored.max())), **_LLAMA_3}
    if not np.allclose(stretch_factors(wanted, theta, width), stored, rtol=1e-4):
        raise ValueError(f"unknown factors in {FREQUENCIES}")
    return wanted


def stretch_factors(rotation: Mapping[str, Any], theta: float, width: int) -> NDArray[np.float32]:
    """Return by what each frequency of a Llama 3 is divided, shape [width / 2]."""
    low, high = (rotation["original_max_position_embeddings"] / rotation[key]
                 for key in ("low_freq_factor", "high_freq_factor"))  # fmt: skip
    factor, found = rotation["factor"], []
    for at in range(0, width, 2):
        wavelength = 2 * math.pi * theta ** (at / width)
        if wavelength < high:
            found.append(1.0)
        elif wavelength > low:
            found.append(factor)
        else:
            smooth = (low / wavelength - 1) / (low / high - 1)
            found.append(1 / ((1 - smooth) / factor + smooth))
    return np.array(found, dtype=np.float32)


def stored_names(architecture: str, layers: int, names: Iterable[str]) -> dict[str, str]:
    """Return what the weights of a network of transformers are called in a file; raises `ValueError` for unknown ones.

    `lm_head` has its own name only where it is a matrix of its own.
    """
    import gguf

    kinds = {name: kind for kind, name in gguf.MODEL_ARCH_NAMES.items()}
    known = gguf.get_tensor_name_map(kinds[architecture], layers)
    found = {}
    for name in names:
        stem, _, leaf = name.rpartition(".")
        stored = "output" if stem == "lm_head" else known.get_name(stem)
        if stored is None:
            raise ValueError(f"no place for the weight {name}")
        found[name] = f"{stored}.{leaf}"
    return found


def plain_weight(
    stored: NDArray[np.float32], name: str, family: Family, values: Mapping[str, Any]
) -> NDArray[np.float32]:
    """Return the weight as transformers has it, of the tensor called `name` in a file."""
    if heads := _rotated_heads(name, family, values):
        pairs = stored.reshape(heads, stored.shape[0] // heads // 2, 2, *stored.shape[1:])
        return np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(stored.shape)
    return stored - 1 if family.raised and name.endswith("norm.weight") else stored


def stored_weight(
    weight: NDArray[np.float32], name: str, family: Family, values: Mapping[str, Any]
) -> NDArray[np.float32]:
    """Return what is stored under `name` for a weight of transformers: the reverse of `plain_weight`."""
    if heads := _rotated_heads(name, family, values):
        halves = weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:])
        return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(weight.shape)
    return weight + 1 if family.raised and name.endswith("norm.weight") else weight


def _rotated_heads(name: str, family: Family, values: Mapping[str, Any]) -> int:
    """Return the heads of a matrix whose rows are stored in another order, else 0."""
    part = name.split(".")[-2] if family.interleaved else ""
    key = {"attn_q": "num_attention_heads", "attn_k": "num_key_value_heads"}.get(part, "")
    return int(values[key]) if key else 0


def _read(tensors: Mapping[str, Callable[[], NDArray[np.float32]]], name: str) -> NDArray[np.float32]:
    if name not in tensors:
        raise ValueError(f"the tensor {name} is missing")
    return np.array(tensors[name](), dtype=np.float32)


def _refuse_others(tensors: Iterable[str], stored: Iterable[str]) -> None:
    if others := sorted(set(tensors) - set(stored) - {FREQUENCIES}):
        raise ValueError(f"unknown tensors: {', '.join(others[:3])}")
