"""The nearest settings that need less memory, from those that change the result least to those that change it most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ftstudio.core.settings import TrainingSettings, fields
from ftstudio.core.text import Text, text, text_plural
from ftstudio.engine.guards.rehearsal import Rehearsed

SHORTEST = 32
MOST_OF_A_KIND = 4


@dataclass(frozen=True)
class Smaller:
    """Settings to try instead: `values` over those asked for. Of each `kind` the first that fits is the nearest."""

    kind: str
    label: Text
    values: dict[str, Any]


def candidates(settings: TrainingSettings, asked: Rehearsed, modality: str) -> Iterator[Smaller]:
    """Yield settings that need less than those that were `asked` for, the nearest of each kind first."""
    yield from _fewer_rows(settings, asked)
    if modality == "text" and not settings.gradient_checkpointing and settings.tuning_method != "head":
        again = text("Layers are computed again instead of kept: slower, the result stays the same")
        yield Smaller("again", again, {"gradient_checkpointing": True})
    if modality == "text":
        yield from _shorter_texts(settings, asked)
    yield from _fewer_layers(settings)


def _fewer_rows(settings: TrainingSettings, asked: Rehearsed) -> Iterator[Smaller]:
    rows = asked.rows_at_once or settings.micro_batch_size or settings.batch_size
    for _ in range(MOST_OF_A_KIND):
        rows //= 2
        if rows < 1:
            return
        label = text_plural(
            "One row at once; the batch and the result stay the same",
            "{count} rows at once; the batch and the result stay the same",
            count=rows,
        )
        yield Smaller("rows", label, {"micro_batch_size": rows})


def _shorter_texts(settings: TrainingSettings, asked: Rehearsed) -> Iterator[Smaller]:
    length = min(settings.max_length, asked.longest or settings.max_length)
    for _ in range(MOST_OF_A_KIND - 1):
        length //= 2
        if length < SHORTEST:
            return
        label = text("Texts cut at {length} tokens", length=length)
        yield Smaller("length", label, {"max_length": length})


def _fewer_layers(settings: TrainingSettings) -> Iterator[Smaller]:
    now = settings.tuning_method
    if now not in ("head", "top_layers", "lora") and "lora" in _methods():
        yield Smaller("lora", text("A small adapter learns instead of the layers (LoRA)"), {"tuning_method": "lora"})
    if now not in ("head", "top_layers") or (now == "top_layers" and settings.top_layers > 2):
        uppermost: dict[str, Any] = {"tuning_method": "top_layers", "top_layers": 2}
        yield Smaller("layers", text("Only the two uppermost layers and the head learn"), uppermost)
    if now != "head":
        yield Smaller("layers", text("Only the head learns"), {"tuning_method": "head"})


def _methods() -> dict[str, str]:
    return next(field.choices for field in fields() if field.key == "tuning_method")
