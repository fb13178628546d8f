"""Frozen layers computed once: the same logits and the same training as with the whole model, family by family."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from ftstudio.core import catalog
from ftstudio.core.settings import build
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.engine.device import Hardware
from ftstudio.engine.layers import features, freezing
from ftstudio.engine.layers.features import FeatureFeed
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.learning.optim import build_optimisers
from ftstudio.project.layout import ProjectLayout

FP32 = Hardware(torch.device("cpu"), "fp32")
TEXT = ("tiny_text_model", "tiny_sentence_encoder", "tiny_distilbert", "tiny_roberta", "tiny_gpt2")
IMAGE = ("tiny_image_model", "tiny_vit", "resnet18")


def feed_of(request: pytest.FixtureRequest, model: str, **values: Any) -> ModelFeed:
    """Encode the training rows of a tiny project for a freshly loaded model."""
    kind = "text" if model in TEXT else "image"
    layout = ProjectLayout(request.getfixturevalue(f"{kind}_template"))
    dataset = Dataset.open(layout.data)
    task: Any = catalog.tasks().module(f"{kind}-classification")
    settings = build({"max_length": 32, "dropout": 0.0, "precision": "fp32", **values})
    torch.manual_seed(11)
    bundle = task.load(request.getfixturevalue(model), dataset.labels, settings, trained=False)
    bundle.model.eval()
    return ModelFeed(task, bundle, task.encode(bundle, dataset.table(Split.TRAIN), dataset.folder), settings)


def stored(feed: ModelFeed, plan: freezing.LayerPlan) -> FeatureFeed | None:
    built = features.build([feed], plan, FP32, lambda done, total: None)
    return built[0] if built else None


@pytest.mark.parametrize("method", ["head", "top_layers"])
@pytest.mark.parametrize("model", [*TEXT, *IMAGE])
def test_stored_features_give_the_logits_of_the_whole_model(
    request: pytest.FixtureRequest, model: str, method: str
) -> None:
    feed = feed_of(request, model, tuning_method=method, top_layers=1)
    expected = logits_of(feed, FP32)
    plan = freezing.plan_layers(feed.bundle.model, feed.settings)
    cached = stored(feed, plan)

    assert cached is not None, "the whole model would run in every step"
    np.testing.assert_allclose(logits_of(cached, FP32), expected, atol=1e-5)
    np.testing.assert_allclose(logits_of(feed, FP32), expected, atol=1e-6, err_msg="the model itself was changed")


@pytest.mark.parametrize("method", ["head", "top_layers"])
@pytest.mark.parametrize("model", ["tiny_text_model", "tiny_distilbert", "tiny_image_model", "resnet18"])
def test_training_from_stored_features_ends_at_the_same_weights(
    request: pytest.FixtureRequest, model: str, method: str
) -> None:
    ends = []
    for cache in (False, True):
        feed: Any = feed_of(request, model, tuning_method=method, top_layers=1, learning_rate=0.01, optimizer="sgd")
        plan = freezing.plan_layers(feed.bundle.model, feed.settings)
        network = feed.bundle.model
        if cache:
            feed = stored(feed, plan)
        freezing.set_training_mode(network)
        optimisers = build_optimisers(network, plan, build({"optimizer": "sgd"}), 4, sparse=False)
        for step in range(3):
            optimisers.set_rates(step)
            batch = feed.batch(np.arange(step * 8, step * 8 + 8))
            feed.loss(feed.logits(batch), batch.labels, None).mean().backward()
            optimisers.step()
        ends.append({name: value.detach().clone() for name, value in network.state_dict().items()})

    for name, value in ends[0].items():
        torch.testing.assert_close(
            ends[1][name], value, atol=1e-5, rtol=1e-4, msg=lambda text, at=name: f"{at}: {text}"
        )


def test_the_frozen_layers_do_not_run_again(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_text_model", tuning_method="top_layers", top_layers=1)
    plan = freezing.plan_layers(feed.bundle.model, feed.settings)
    cached = stored(feed, plan)
    assert cached is not None
    calls: list[str] = []
    network: Any = feed.bundle.model
    network.bert.encoder.layer[0].output.register_forward_hook(lambda *_: calls.append("frozen"))
    network.bert.encoder.layer[1].output.register_forward_hook(lambda *_: calls.append("learning"))

    cached.logits(cached.batch(np.arange(4)))

    assert calls == ["learning"]


@pytest.mark.parametrize("model", ["tiny_text_model", "tiny_sentence_encoder", "tiny_vit", "resnet18"])
def test_what_rests_above_the_lowest_learning_part_does_not_hinder(request: pytest.FixtureRequest, model: str) -> None:
    parts = freezing.parts_of(feed_of(request, model).bundle.model)
    block = [part.name for part in parts if part.kind == "block"][-1]
    for layers in (block, f"{block}, head"):
        feed = feed_of(request, model, tuning_method="custom", custom_layers=layers)
        expected = logits_of(feed, FP32)
        plan = freezing.plan_layers(feed.bundle.model, feed.settings)
        cached = stored(feed, plan)

        assert cached is not None
        np.testing.assert_allclose(logits_of(cached, FP32), expected, atol=1e-5)


def test_embeddings_alone_are_not_worth_storing(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_text_model", tuning_method="top_layers", top_layers=99)

    assert stored(feed, freezing.plan_layers(feed.bundle.model, feed.settings)) is None


def test_nothing_is_stored_when_everything_learns(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_text_model", tuning_method="full")
    plan = freezing.plan_layers(feed.bundle.model, feed.settings)

    assert stored(feed, plan) is None


def test_a_model_whose_upper_part_needs_more_runs_whole(request: pytest.FixtureRequest) -> None:
    """A bridge from below the boundary to above it cannot be seen in what enters the boundary."""
    feed = feed_of(request, "tiny_text_model", tuning_method="head")
    plan = freezing.plan_layers(feed.bundle.model, feed.settings)
    network: Any = feed.bundle.model
    inside: list[torch.Tensor] = []
    network.bert.encoder.register_forward_hook(lambda *found: inside.append(found[2][0]))
    plain = feed.task.logits

    class Bridged:
        SPEC = feed.task.SPEC

        @staticmethod
        def logits(model: Any, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
            return plain(model, inputs) + inside[-1][:, 0, :3]

    feed.task = feed.module.task = Bridged()  # type: ignore[assignment]

    assert stored(feed, plan) is None


def test_progress_counts_the_rows_of_all_feeds(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_text_model", tuning_method="head")
    plan = freezing.plan_layers(feed.bundle.model, feed.settings)
    told: list[tuple[int, int]] = []
    features.build([feed, feed], plan, FP32, lambda done, total: told.append((done, total)))

    rows = len(feed.lengths)
    assert told[-1] == (2 * rows, 2 * rows)
    assert told == sorted(told)


def test_an_empty_table_has_no_features(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    feed = feed_of(request, "tiny_text_model", tuning_method="head")
    plan = freezing.plan_layers(feed.bundle.model, feed.settings)
    nothing = feed.over(feed.task.encode(feed.bundle, pa.table({"text": [], "label": []}), tmp_path))

    built = features.build([feed, nothing], plan, FP32, lambda done, total: None)

    assert built is not None
    assert logits_of(built[1], FP32).shape[0] == 0
