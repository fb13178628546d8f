"""Which settings matter for what the user is doing: a form shows only those."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from ftstudio.core.settings import SettingField
from ftstudio.core.tuning_methods import matters

# A setting is shown only while another one has one of these values; what a tuning method uses, it says itself.
SHOWN_WHILE: dict[str, tuple[str, frozenset[Any]]] = {
    "patience": ("early_stopping", frozenset({True})),
    "minimum_gain": ("early_stopping", frozenset({True})),
    "warmup_checks": ("early_stopping", frozenset({True})),
    "mirroring": ("augmentation", frozenset({"light", "strong", "randaugment"})),
    "colour_changes": ("augmentation", frozenset({"strong", "randaugment"})),
}


def is_relevant(field: SettingField, values: Mapping[str, Any], modality: str, answer: str = "") -> bool:
    """Whether `field` changes anything for a task of this modality (`text`, `image`) and answer with these values.

    What needs a package that is not installed can only be put back to what needs none.
    """
    if not field.concerns(modality, answer):
        return False
    if field.needs and values.get(field.key) == field.default and find_spec(field.needs) is None:
        return False
    if not matters(field.key, str(values.get("tuning_method", ""))):
        return False
    other, wanted = SHOWN_WHILE.get(field.key, ("", frozenset()))
    return not other or values.get(other) in wanted
