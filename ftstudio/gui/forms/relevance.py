"""Which settings matter for what the user is doing: a form shows only those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ftstudio.core.settings import SettingField

# A setting is shown only while another one has one of these values.
SHOWN_WHILE: dict[str, tuple[str, frozenset[Any]]] = {
    "top_layers": ("tuning_method", frozenset({"top_layers"})),
    "layer_decay": ("tuning_method", frozenset({"top_layers", "full"})),
    "head_learning_rate": ("tuning_method", frozenset({"top_layers", "full"})),
    "probe_first": ("tuning_method", frozenset({"top_layers", "full"})),
    "cache_features": ("tuning_method", frozenset({"head", "top_layers"})),
    "patience": ("early_stopping", frozenset({True})),
    "minimum_gain": ("early_stopping", frozenset({True})),
    "warmup_checks": ("early_stopping", frozenset({True})),
}


def is_relevant(field: SettingField, values: Mapping[str, Any], modality: str) -> bool:
    """Whether `field` changes anything for a task of this modality (`text`, `image`) with these effective values."""
    if field.modality and modality and field.modality != modality:
        return False
    other, wanted = SHOWN_WHILE.get(field.key, ("", frozenset()))
    return not other or values.get(other) in wanted
