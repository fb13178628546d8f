"""The tuning methods: which parts of a model learn, told once for the engine, the forms and the layer map. No torch.

A method chooses among the parts of an outline (`core.module_tree`), be it that of a file or of a loaded model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ftstudio.core.adapters import part_adapters, split_names
from ftstudio.core.module_tree import BLOCK, EMBEDDINGS, HEAD, TOP, Part
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.core.settings import TrainingSettings

Chooser = Callable[[Sequence[Part], "TrainingSettings"], frozenset[str]]

_BELOW = frozenset({"layer_decay", "head_learning_rate", "probe_first"})


@dataclass(frozen=True)
class TuningMethod:
    """One way to choose what learns.

    `learning(parts, settings)` returns the names of the parts that learn (at the end, where it changes meanwhile).
    With `adapts` an adapter learns in those parts instead of their own weights; the head learns as a whole anyway.
    `settings` are the keys of the settings that only some methods use, and this one does. Texts are English.
    """

    key: str
    title: str
    summary: str
    learning: Chooser
    adapts: bool = False
    settings: frozenset[str] = field(default_factory=frozenset)


def _head(parts: Sequence[Part], settings: TrainingSettings) -> frozenset[str]:
    return frozenset(part.name for part in parts if part.kind == HEAD)


def _top_layers(parts: Sequence[Part], settings: TrainingSettings) -> frozenset[str]:
    blocks = [part.name for part in parts if part.kind == BLOCK]
    above = [part.name for part in parts if part.kind in (TOP, HEAD)]
    return frozenset(blocks[-settings.top_layers :] + above)


def _full(parts: Sequence[Part], settings: TrainingSettings) -> frozenset[str]:
    return frozenset(part.name for part in parts)


def _lora(parts: Sequence[Part], settings: TrainingSettings) -> frozenset[str]:
    adapted = part_adapters(parts, settings.lora_targets, settings.lora_rank)
    return frozenset(adapted) | _head(parts, settings)


def _custom(parts: Sequence[Part], settings: TrainingSettings) -> frozenset[str]:
    named = split_names(settings.custom_layers)
    return frozenset(part.name for name in named for part in parts_named(parts, name))


def parts_named(parts: Sequence[Part], name: str) -> list[Part]:
    """Return the parts that a user means by `name`, an empty list if there is none.

    `embeddings`, `top` and `head` are what they say. The name of a block may be given as it is in the file or in the
    loaded model, in part (`layer.5`) or as what holds several blocks (`encoder.stages.1`). Where loading renames the
    blocks, the one with the same numbers is meant.
    """
    if name in (EMBEDDINGS, TOP, HEAD):
        return [part for part in parts if part.kind == name]
    blocks = [part for part in parts if part.kind == BLOCK]
    found = [part for part in blocks if f".{name}." in f".{part.name}." or name.endswith(f".{part.name}")]
    if not found:
        found = [part for part in blocks if _numbers(name) and _numbers(part.name) == _numbers(name)]
        found = found if len(found) == 1 else []
    return found


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", name))


def groups_from_top(parts: Sequence[Part]) -> list[frozenset[str]]:
    """Return the names of the parts in the order in which `gradual` lets them learn.

    First the head with what stands on top of the blocks, then block by block downwards, at last the embeddings.
    """
    above = frozenset(part.name for part in parts if part.kind in (TOP, HEAD))
    blocks = [frozenset({part.name}) for part in reversed(parts) if part.kind == BLOCK]
    below = frozenset(part.name for part in parts if part.kind == EMBEDDINGS)
    return [group for group in (above, *blocks, below) if group]


def matters(key: str, method: str) -> bool:
    """Whether the setting `key` changes anything with the tuning method `method`."""
    return key not in _SOMETIMES or method not in METHODS or key in METHODS[method].settings


METHODS: dict[str, TuningMethod] = {
    method.key: method
    for method in (
        TuningMethod(
            "head",
            N_("Head only: fastest, safest with very little data"),
            N_(
                "Only the new head learns, on features of your data that are computed once. It costs seconds and "
                "little memory and hardly overfits, but the model itself learns nothing new."
            ),
            _head,
            settings=frozenset({"cache_features"}),
        ),
        TuningMethod(
            "top_layers",
            N_("Top layers: a middle way"),
            N_(
                "The head and the topmost blocks learn; what lies below runs once and is stored. It costs a part of "
                "the time and memory of full tuning and suits data close to what the model knows."
            ),
            _top_layers,
            settings=_BELOW | {"top_layers", "cache_features"},
        ),
        TuningMethod(
            "gradual",
            N_("Gradual: from the top, one block after the other"),
            N_(
                "The head learns first, then one more block joins from the top at a time, so that the pretrained "
                "layers are disturbed less (Howard and Ruder 2018). It ends with the memory of full tuning and needs "
                "enough epochs to reach the lowest block."
            ),
            _full,
            settings=_BELOW | {"gradual_epochs"},
        ),
        TuningMethod(
            "full",
            N_("Full: every layer learns, usually the best score"),
            N_(
                "Every layer learns, which usually gives the best score from a few hundred rows on. It costs the most "
                "time and memory, and with very little data it is the first to learn it by heart."
            ),
            _full,
            settings=_BELOW,
        ),
        TuningMethod(
            "lora",
            N_("LoRA: small adapters beside the layers"),
            N_(
                "The pretrained layers rest, and thin matrices beside them learn with the head (Hu et al. 2021). It "
                "costs nearly the time of full tuning but less memory and disk, learns a little less and forgets less."
            ),
            _lora,
            adapts=True,
            settings=_BELOW | {"lora_rank", "lora_alpha", "lora_dropout", "lora_targets", "lora_base"},
        ),
        TuningMethod(
            "custom",
            N_("Custom: the layers chosen in the layer map"),
            N_(
                "The parts marked in the layer map learn, and all others rest. What it costs depends on the lowest "
                "part that learns: whatever rests below it runs once and is stored."
            ),
            _custom,
            settings=_BELOW | {"custom_layers", "cache_features"},
        ),
    )
}
_SOMETIMES = frozenset(key for method in METHODS.values() for key in method.settings)
