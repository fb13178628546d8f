"""Reads a model's config.json with care: it may come from anywhere and is believed only within reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftstudio.core.errors import InputError
from ftstudio.core.module_tree import BLOCK, Part
from ftstudio.core.text import text
from ftstudio.models.families import SHARED_LAYERS, TORCHVISION, kind_of
from ftstudio.models.json_files import read_object, read_optional
from ftstudio.models.records import ModelKind

CONFIG = "config.json"
_TOKENIZER_CONFIG = "tokenizer_config.json"
_LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
_WIDTHS = ("hidden_size", "n_embd", "d_model", "dim")
_LARGEST = {
    **dict.fromkeys(_LAYERS, 2000),
    **dict.fromkeys(_WIDTHS, 200_000),
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads"), 20_000),
    **dict.fromkeys(("intermediate_size", "d_ff", "n_inner", "hidden_dim"), 2_000_000),
    "vocab_size": 20_000_000,
    "num_labels": 1_000_000,
    "image_size": 20_000,
    "patch_size": 4096,
    "max_position_embeddings": 2**31,
    "num_channels": 1024,
    "num_classes": 1_000_000,
}


@dataclass(frozen=True)
class ModelConfig:
    """The parts of a config.json that matter. `source` says who can load the model."""

    values: Mapping[str, Any]
    source: str
    model_type: str
    architecture: str
    kind: ModelKind

    def number(self, *keys: str) -> int:
        """Return the first of these keys that holds a whole number above 0, else 0; text parts are looked into."""
        for values in (self.values, self.values.get("text_config"), self.values.get("vision_config")):
            for key in keys:
                value = values.get(key) if isinstance(values, Mapping) else None
                if type(value) is int and value > 0:
                    return value
        return 0

    @property
    def layers(self) -> int:
        """The number of layers it claims, 0 if it does not tell."""
        return self.number(*_LAYERS)

    @property
    def hidden_size(self) -> int:
        """The width it claims, 0 if it does not tell."""
        return self.number(*_WIDTHS, "num_features")


def read_config(folder: Path) -> ModelConfig:
    """Read the config.json of a model folder; raises `InputError` for custom code and impossible values."""
    path = folder / CONFIG
    if not path.is_file():
        raise InputError(
            text("The folder {name} is not a model: there is no config.json in it.", name=folder.name),
            text("Choose the folder that holds config.json together with model.safetensors."),
            file=str(folder),
        )
    values = read_object(path)
    _refuse_custom_code(folder, values)
    _refuse_absurd(path, values)
    return _describe(values)


def _describe(values: dict[str, Any]) -> ModelConfig:
    model_type = values.get("model_type")
    if not isinstance(model_type, str) or not model_type:
        model_type = "timm_wrapper" if _is_timm(values) else ""
    architectures = values.get("architectures")
    first = architectures[0] if isinstance(architectures, list) and architectures else ""
    named = values.get("architecture")
    architecture = named if isinstance(named, str) and named else first if isinstance(first, str) else ""
    source = "torchvision" if model_type in TORCHVISION else "timm" if model_type == "timm_wrapper" else "huggingface"
    return ModelConfig(values, source, model_type, architecture, kind_of(model_type))


def _is_timm(values: Mapping[str, Any]) -> bool:
    return isinstance(values.get("architecture"), str) and isinstance(values.get("pretrained_cfg"), dict)


def _refuse_custom_code(folder: Path, values: Mapping[str, Any]) -> None:
    for name, document in (
        (CONFIG, values),
        ("tokenizer_config.json", read_optional(folder / "tokenizer_config.json")),
    ):
        if document.get("auto_map"):
            raise InputError(
                text("The model {name} needs program code of its own, which is never run here.", name=folder.name),
                text("Choose a model that the transformers library knows without “trust_remote_code”."),
                file=str(folder / name),
                field="auto_map",
            )


def _refuse_absurd(path: Path, values: Mapping[str, Any]) -> None:
    for part in (values, values.get("text_config"), values.get("vision_config")):
        for key, value in part.items() if isinstance(part, Mapping) else ():
            largest = _LARGEST.get(key)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if largest and is_number and not (isinstance(value, int) and 0 <= value <= largest):
                raise _impossible(path, key, value)
            if key in (*_LAYERS, *_WIDTHS) and (value == 0 or isinstance(value, str | bool)):
                raise _impossible(path, key, value)


def refuse_mismatch(path: Path, config: ModelConfig, shapes: Mapping[str, tuple[int, ...]], parts: list[Part]) -> None:
    """Refuse a config that describes another model than the weights are: parts would stay random without a word."""
    if config.kind not in (ModelKind.TEXT_ENCODER, ModelKind.TEXT_DECODER):
        return
    blocks = sum(part.kind == BLOCK for part in parts)
    if blocks and config.layers > blocks and config.model_type not in SHARED_LAYERS:
        raise _disagrees(path, "num_hidden_layers", config.layers, blocks)
    sizes = {size for shape in shapes.values() for size in shape}
    if config.hidden_size and not any(size % config.hidden_size == 0 for size in sizes if size):
        raise _disagrees(path, "hidden_size", config.hidden_size, max(sizes, default=0))


def _impossible(path: Path, key: str, value: object) -> InputError:
    return InputError(
        text("The model's config.json claims an impossible value: {field} is {value}.", field=key, value=str(value)),
        text("The file is damaged or made up. Copy or download the model again."),
        file=str(path),
        field=key,
    )


def _disagrees(path: Path, key: str, claimed: int, found: int) -> InputError:
    return InputError(
        text(
            "The model's config.json does not belong to its weights: {field} is {claimed}, the weights have {found}.",
            field=key,
            claimed=claimed,
            found=found,
        ),
        text("Copy or download config.json and the weights of the same model together."),
        file=str(path),
        field=key,
    )
