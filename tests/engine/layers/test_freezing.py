"""What learns under each tuning method, and that what is frozen does not move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.settings import build
from ftstudio.core.tuning_methods import METHODS
from ftstudio.engine.layers.freezing import keep_statistics, plan_layers, set_training_mode, trainable_count
from ftstudio.engine.task import Bundle

LABELS = ["a", "b", "c"]


def load(folder: Path, kind: str, **values: Any) -> Bundle:
    settings = build({"max_length": 32, "dropout": 0.0, **values})
    bundle: Bundle = catalog.tasks().module(f"{kind}-classification").load(folder, LABELS, settings, trained=False)
    return bundle


def learning(model: nn.Module) -> set[str]:
    return {name for name, parameter in model.named_parameters() if parameter.requires_grad}


def test_every_method_of_the_settings_is_known() -> None:
    from ftstudio.core.settings import fields

    assert set(METHODS) == set(next(field for field in fields() if field.key == "tuning_method").choices)


def test_methods_on_a_text_model(tiny_text_model: Path) -> None:
    model = load(tiny_text_model, "text").model
    names = {name for name, _ in model.named_parameters()}

    plan_layers(model, build({"tuning_method": "head"}))
    assert learning(model) == {"classifier.weight", "classifier.bias"}
    plan_layers(model, build({"tuning_method": "top_layers", "top_layers": 1}))
    top = {name for name in names if name.startswith(("bert.encoder.layer.1.", "bert.pooler.", "classifier."))}
    assert learning(model) == top
    plan_layers(model, build({"tuning_method": "top_layers", "top_layers": 99}))
    assert learning(model) == {name for name in names if "embeddings" not in name}
    plan_layers(model, build({"tuning_method": "full"}))
    assert learning(model) == names


def test_layers_of_ones_own_choice(tiny_text_model: Path) -> None:
    model = load(tiny_text_model, "text").model
    plan_layers(model, build({"tuning_method": "custom", "custom_layers": "encoder.layer.0,head"}))

    names = {name for name, _ in model.named_parameters()}
    chosen = {name for name in names if name.startswith(("bert.encoder.layer.0.", "classifier."))}
    assert chosen and learning(model) == chosen


@pytest.mark.parametrize(("layers", "told"), [("", "nothing would learn"), ("head,encoder.layer.9", "encoder.layer.9")])
def test_a_choice_of_nothing_or_of_what_is_not_there_is_refused(tiny_text_model: Path, layers: str, told: str) -> None:
    model = load(tiny_text_model, "text").model
    with pytest.raises(InputError, match=told) as caught:
        plan_layers(model, build({"tuning_method": "custom", "custom_layers": layers}))
    assert caught.value.where.field == "custom_layers"


def test_methods_on_an_image_model(tiny_image_model: Path) -> None:
    model = load(tiny_image_model, "image").model

    plan_layers(model, build({"tuning_method": "head"}))
    assert {name.split(".")[0] for name in learning(model)} == {"classifier"}
    plan_layers(model, build({"tuning_method": "top_layers", "top_layers": 1}))
    assert {name.rsplit(".layers", 1)[0] for name in learning(model) if "stages" in name} == {"resnet.encoder.stages.1"}


def test_counts(tiny_text_model: Path) -> None:
    model = load(tiny_text_model, "text").model
    plan_layers(model, build({"tuning_method": "head"}))

    assert trainable_count(model) == (32 * 3 + 3, sum(parameter.numel() for parameter in model.parameters()))


def test_a_model_in_which_nothing_would_learn_is_refused() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3))

    with pytest.raises(InputError) as caught:
        plan_layers(model, build({"tuning_method": "head"}))

    assert caught.value.where.field == "tuning_method"


def test_depth_counts_from_the_head(tiny_text_model: Path) -> None:
    model = load(tiny_text_model, "text").model
    plan = plan_layers(model, build({"tuning_method": "full"}))

    depths = {
        "classifier.weight": 0,
        "bert.pooler.dense.weight": 0,
        "bert.encoder.layer.1.output.dense.weight": 1,
        "bert.encoder.layer.0.output.dense.weight": 2,
        "bert.embeddings.word_embeddings.weight": 3,
    }
    assert {name: plan.depth(name) for name in depths} == depths


def step(model: nn.Module, inputs: dict[str, torch.Tensor]) -> None:
    set_training_mode(model)
    weights = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.SGD(weights, lr=0.1)
    model(**inputs).logits.sum().backward()
    optimiser.step()


@pytest.mark.parametrize("method", ["head", "top_layers"])
def test_frozen_batch_norm_keeps_its_weights_and_statistics(tiny_image_model: Path, method: str) -> None:
    model = load(tiny_image_model, "image").model
    plan = plan_layers(model, build({"tuning_method": method, "top_layers": 1}))
    before = {name: value.clone() for name, value in model.state_dict().items()}

    step(model, {"pixel_values": torch.randn(4, 3, 32, 32)})

    after = model.state_dict()
    changed = {name for name, value in before.items() if not torch.equal(value, after[name])}
    frozen = {weight.rpartition(".")[0] for part in plan.frozen for weight in part.weights}
    assert not {name for name in changed if name.rpartition(".")[0] in frozen}
    assert {name for name in changed if name.startswith("classifier")}
    statistics = {name for name in changed if "running" in name}
    assert bool(statistics) is (method == "top_layers"), "learning layers renew their statistics, frozen ones do not"


def test_frozen_layers_have_no_dropout_and_learning_ones_have(tiny_text_model: Path) -> None:
    model: Any = load(tiny_text_model, "text", dropout=0.3).model
    plan_layers(model, build({"tuning_method": "top_layers", "top_layers": 1}))
    set_training_mode(model)

    assert not model.bert.embeddings.training
    assert not model.bert.encoder.layer[0].output.dropout.training
    assert model.bert.encoder.layer[1].output.dropout.training
    assert model.bert.encoder.layer[1].output.dropout.p == 0.3


def test_kept_statistics_of_batch_norm_stay_while_its_scales_learn() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5))
    keep_statistics(model)
    set_training_mode(model)
    before = model[1].running_mean.clone()
    model(torch.randn(8, 3, 6, 6) + 5).sum().backward()

    assert torch.equal(model[1].running_mean, before)
    assert model[1].weight.grad is not None
    assert model[0].training and model[2].training and not model[1].training


def test_without_that_wish_batch_norm_follows_the_batches() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    set_training_mode(model)
    before = model[1].running_mean.clone()
    model(torch.randn(8, 3, 6, 6) + 5)
    assert not torch.equal(model[1].running_mean, before)
