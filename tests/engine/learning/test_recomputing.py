"""Computing layers again instead of keeping what they worked out: the same run, in less memory."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from ftstudio.core.errors import InputError
from ftstudio.core.messages import Measured
from ftstudio.engine.learning import recomputing
from tests.engine.projects import Tiny
from tests.support import tiny_writers

LEARNING: dict[str, Any] = {"monitor": "loss", "max_steps": 8, "batch_size": 6, "learning_rate": 1e-2, "dropout": 0.1}


def _curve(project: Tiny, **settings: Any) -> list[float]:
    project.events.clear()
    project.train(**LEARNING, **settings)
    return [event.values["loss"] for event in project.of(Measured) if event.split == "train"]


@pytest.mark.parametrize("method", ["full", "lora", "top_layers"])
def test_the_curve_of_a_writer_stays_the_same(method: str, asked_project: Tiny) -> None:
    kept = _curve(asked_project, tuning_method=method)

    assert _curve(asked_project, tuning_method=method, gradient_checkpointing=True) == kept
    assert len(set(kept)) > 1


def test_the_curve_of_an_encoder_stays_the_same(text_project: Tiny) -> None:
    settings = {**LEARNING, "monitor": "macro_f1", "learning_rate": 1e-3}
    curves = []
    for again in (False, True):
        text_project.events.clear()
        text_project.train(**settings, gradient_checkpointing=again)
        curves.append([event.values["loss"] for event in text_project.of(Measured) if event.split == "train"])

    assert curves[0] == curves[1]


def test_less_is_kept_for_the_way_back(tmp_path: Any) -> None:
    from transformers import AutoModelForCausalLM

    folder = tiny_writers.writer(tmp_path / "model", "llama", num_hidden_layers=6)
    kept = []
    for again in (False, True):
        model = AutoModelForCausalLM.from_pretrained(folder).train()
        if again:
            recomputing.switch_on(model)
        kept.append(_bytes_kept(model))

    assert kept[1] < kept[0] / 3


def _bytes_kept(model: nn.Module) -> int:
    """Return the bytes of what a forward pass keeps for the way back, its weights left out."""
    weights = {weight.data_ptr() for weight in model.parameters()}
    held: dict[int, int] = {}

    def keep(value: torch.Tensor) -> torch.Tensor:
        if value.data_ptr() not in weights:
            held[value.data_ptr()] = value.untyped_storage().nbytes()
        return value

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value):
        ids = torch.arange(4, 68)[None]
        hidden = model.base_model(input_ids=ids, use_cache=False)[0]  # type: ignore[operator]
    assert hidden.requires_grad
    return sum(held.values())


def test_a_network_that_cannot_is_refused() -> None:
    with pytest.raises(InputError, match="cannot compute its layers again"):
        recomputing.switch_on(nn.Linear(2, 2))
