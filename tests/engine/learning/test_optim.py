"""Rates by depth and head, decay where it belongs, sparse embeddings that learn like dense ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from ftstudio.core.settings import build
from ftstudio.engine.layers.freezing import LayerPlan, plan_layers
from ftstudio.engine.learning import optim
from ftstudio.engine.learning.optim import Optimisers, build_optimisers, clip
from tests.engine.layers.test_freezing import load


def optimisers_of(model: nn.Module, **values: Any) -> Optimisers:
    settings = build({"tuning_method": "full", "learning_rate": 1e-3, **values})
    return build_optimisers(model, plan_layers(model, settings), settings, 10, sparse=False)


def groups_of(model: nn.Module, optimisers: Optimisers) -> dict[str, dict[str, Any]]:
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = [group for member in optimisers.members for group in member.param_groups]
    return {names[id(parameter)]: group for group in groups for parameter in group["params"]}


def test_every_weight_that_learns_is_in_one_group(tiny_text_model: Path) -> None:
    model = load(tiny_text_model, "text").model
    optimisers = optimisers_of(model, tuning_method="top_layers", top_layers=1)
    weights = optimisers.parameters()

    assert len({id(weight) for weight in weights}) == len(weights)
    assert {id(weight) for weight in weights} == {id(one) for one in model.parameters() if one.requires_grad}


def test_layers_below_learn_slower(tiny_text_model: Path) -> None:
    model = load(tiny_text_model, "text").model
    groups = groups_of(model, optimisers_of(model, layer_decay=0.5))

    rates = {
        "classifier.weight": 1e-3,
        "bert.pooler.dense.weight": 1e-3,
        "bert.encoder.layer.1.output.dense.weight": 5e-4,
        "bert.encoder.layer.0.output.dense.bias": 2.5e-4,
        "bert.embeddings.word_embeddings.weight": 1.25e-4,
    }
    assert {name: groups[name]["full_rate"] for name in rates} == pytest.approx(rates)


@pytest.mark.parametrize("method", ["top_layers", "gradual", "lora", "custom"])
def test_every_method_keeps_the_rates_of_head_and_depth(tiny_text_model: Path, method: str) -> None:
    model = load(tiny_text_model, "text").model
    values = {"custom_layers": "head, top, embeddings, encoder.layer"} if method == "custom" else {"top_layers": 2}
    groups = groups_of(
        model, optimisers_of(model, tuning_method=method, layer_decay=0.5, head_learning_rate=0.1, **values)
    )

    for name, group in groups.items():
        depth = next((2 - at for at in (0, 1) if f"encoder.layer.{at}." in name), 3 if "embeddings" in name else 0)
        expected = 0.1 if name.startswith("classifier.") else 1e-3 * 0.5**depth
        assert group["full_rate"] == pytest.approx(expected), name
    assert any(".lora_A." in name for name in groups) is (method == "lora")
    assert any("encoder.layer.0." in name for name in groups)


def test_the_head_can_have_a_rate_of_its_own(tiny_text_model: Path) -> None:
    model = load(tiny_text_model, "text").model
    optimisers = optimisers_of(model, head_learning_rate=0.1)
    groups = groups_of(model, optimisers)

    assert groups["classifier.weight"]["full_rate"] == groups["classifier.bias"]["full_rate"] == 0.1
    assert groups["bert.pooler.dense.weight"]["full_rate"] == 1e-3
    assert optimisers.set_rates(9) < optimisers.set_rates(1) <= 0.1


def test_biases_and_norms_do_not_decay(tiny_text_model: Path) -> None:
    model = load(tiny_text_model, "text").model
    groups = groups_of(model, optimisers_of(model, weight_decay=0.2))

    for name, group in groups.items():
        plain = name.endswith("bias") or "LayerNorm" in name
        assert group["weight_decay"] == (0.0 if plain else 0.2), name


def test_rates_follow_the_schedule(tiny_text_model: Path) -> None:
    model = load(tiny_text_model, "text").model
    optimisers = optimisers_of(model, layer_decay=0.5, warmup=0.0)
    groups = groups_of(model, optimisers)

    assert optimisers.set_rates(0) == pytest.approx(1e-3)
    assert optimisers.set_rates(5) == pytest.approx(5e-4)
    assert groups["bert.encoder.layer.0.output.dense.bias"]["lr"] == pytest.approx(1.25e-4)


class Words(nn.Module):
    """Embeddings large enough to be worth sparse gradients, tied to the output or not."""

    def __init__(self, *, tied: bool) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(optim.SPARSE_FROM, 4)
        self.small = nn.Embedding(16, 4)
        self.classifier = nn.Linear(4, optim.SPARSE_FROM, bias=False)
        if tied:
            self.classifier.weight = self.embeddings.weight

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.embeddings(ids).mean(1) + self.small(ids % 16).mean(1))
        return logits


def words(*, tied: bool, sparse: bool) -> tuple[Words, Optimisers]:
    torch.manual_seed(1)
    model = Words(tied=tied)
    plan = LayerPlan((), frozenset())
    settings = build({"learning_rate": 0.01, "weight_decay": 0.0, "warmup": 0.0})
    return model, build_optimisers(model, plan, settings, 10, sparse=sparse)


def test_only_large_untied_embeddings_are_sparse() -> None:
    untied, _ = words(tied=False, sparse=True)
    tied, _ = words(tied=True, sparse=True)
    dense, _ = words(tied=False, sparse=False)

    assert (untied.embeddings.sparse, untied.small.sparse) == (True, False)
    assert not tied.embeddings.sparse
    assert not dense.embeddings.sparse


def test_frozen_embeddings_are_left_alone(tiny_text_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optim, "SPARSE_FROM", 10)
    model: Any = load(tiny_text_model, "text").model
    settings = build({"tuning_method": "head"})
    build_optimisers(model, plan_layers(model, settings), settings, 10, sparse=True)

    assert not model.bert.embeddings.word_embeddings.sparse


def gradients(model: Words, ids: torch.Tensor) -> None:
    model(ids).logsumexp(1).sum().backward()


def test_sparse_and_dense_steps_are_alike_for_the_rows_that_occur() -> None:
    ids = torch.tensor([[1, 2, 2], [700, 1, 4000]])
    ends = []
    for sparse in (True, False):
        model, optimisers = words(tied=False, sparse=sparse)
        optimisers.set_rates(0)
        gradients(model, ids)
        assert model.embeddings.weight.grad is not None
        assert model.embeddings.weight.grad.is_sparse is sparse
        optimisers.step()
        ends.append(model.embeddings.weight.detach())

    torch.testing.assert_close(ends[0], ends[1], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("limit", [0.0, 0.01, 1e6])
def test_clipping_sparse_gradients_is_clipping_dense_ones(limit: float) -> None:
    ids = torch.tensor([[1, 2, 2], [700, 1, 4000]])
    norms, ends = [], []
    for sparse in (True, False):
        model, optimisers = words(tied=False, sparse=sparse)
        gradients(model, ids)
        norms.append(clip(optimisers.parameters(), limit))
        ends.append([weight.grad.to_dense() for weight in model.parameters() if weight.grad is not None])
    reference, _ = words(tied=False, sparse=False)
    gradients(reference, ids)
    expected = torch.nn.utils.clip_grad_norm_(reference.parameters(), limit or 1e9)

    assert norms == pytest.approx([float(expected)] * 2, rel=1e-5)
    for one, other, known in zip(*ends, reference.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-7, rtol=1e-5)
        torch.testing.assert_close(one, known.grad, atol=1e-6, rtol=1e-4)


def test_clipping_nothing() -> None:
    assert clip([nn.Parameter(torch.ones(2))], 1.0) == 0.0


def test_sgd_has_momentum(tiny_text_model: Path) -> None:
    model = load(tiny_text_model, "text").model
    member = optimisers_of(model, optimizer="sgd").members[0]

    assert isinstance(member, torch.optim.SGD)
    assert member.param_groups[0]["momentum"] == 0.9
