"""Our loop learns what a loop written by hand learns, and what transformers' Trainer learns, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from ftstudio.core.settings import TrainingSettings, build
from ftstudio.core.states import Split
from ftstudio.engine.control import Control
from ftstudio.engine.layers.freezing import plan_layers, set_training_mode
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.runs.preparation import Prepared
from ftstudio.engine.runs.training import batch_plan, make_accelerator, run_training
from tests.engine.layers.test_features import FP32, feed_of
from tests.engine.trainer_curves import trainer_curve

STEPS = 12
VALUES = {
    "learning_rate": 2e-3,
    "weight_decay": 0.05,
    "max_grad_norm": 0.5,
    "warmup": 0.0,
    "batch_size": 12,
    "max_steps": STEPS,
    "epochs": 10.0,
    "early_stopping": False,
    "device": "cpu",
}


def prepared(feed: ModelFeed, settings: TrainingSettings) -> Prepared:
    plan = plan_layers(feed.bundle.model, settings)
    set_training_mode(feed.bundle.model)
    feeds = {Split.TRAIN: feed, Split.VALIDATION: feed.over(feed.examples.only(np.zeros(len(feed.labels), dtype=bool)))}
    return Prepared(feed.task, feed.bundle, plan, FP32, dict(feeds), {Split.TRAIN: feed}, None, False)


def our_curve(feed: ModelFeed, settings: TrainingSettings, folder: Path) -> tuple[list[float], list[np.ndarray]]:
    """Train with the engine; return the losses and the batches that were drawn."""
    events: list[Any] = []
    ready = prepared(feed, settings)
    run_training(ready, settings, make_accelerator(FP32), events.append, Control(), folder)
    losses = [event.values["loss"] for event in events if event.kind == "measured"]
    plan = batch_plan(ready, settings, make_accelerator(FP32))
    batches = [batch for epoch in range(20) for batch in plan.epoch(epoch)][:STEPS]
    return losses, batches


def decayed(model: torch.nn.Module) -> list[dict[str, Any]]:
    weights = list(model.parameters())
    return [
        {"params": [one for one in weights if one.ndim > 1], "weight_decay": 0.05},
        {"params": [one for one in weights if one.ndim <= 1], "weight_decay": 0.0},
    ]


@pytest.mark.parametrize("model", ["tiny_text_model", "tiny_image_model"])
def test_the_loss_curve_is_that_of_a_loop_written_by_hand(
    request: pytest.FixtureRequest, model: str, tmp_path: Path
) -> None:
    settings = build(VALUES)
    losses, batches = our_curve(feed_of(request, model, **VALUES), settings, tmp_path)

    feed = feed_of(request, model, **VALUES)
    network = feed.bundle.model.train()
    optimiser = torch.optim.AdamW(decayed(network), lr=2e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / STEPS)
    expected = []
    for rows in batches:
        batch = feed.examples.batch(rows.tolist(), None)
        loss = functional.cross_entropy(feed.task.logits(network, batch.inputs), batch.labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 0.5)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        expected.append(float(loss.detach()))

    assert len(losses) == STEPS
    assert losses[-1] != losses[0]
    np.testing.assert_allclose(losses, expected, atol=1e-5)


def test_the_loss_curve_is_that_of_transformers_trainer(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Its order is forced to ours, its dropout is off, its decay leaves biases and norms alone as ours does."""
    settings = build(VALUES)
    losses, batches = our_curve(feed_of(request, "tiny_text_model", **VALUES), settings, tmp_path / "ours")

    feed = feed_of(request, "tiny_text_model", **VALUES)
    collated = [feed.examples.batch(rows.tolist(), None) for rows in batches]
    rows = [{**batch.inputs, "labels": batch.labels} for batch in collated]
    told = trainer_curve(feed.bundle.model, rows, tmp_path / "theirs", per_device_train_batch_size=12)

    np.testing.assert_allclose(losses, told, atol=1e-4)  # Trainer rounds what it logs


def test_a_pass_without_learning_gives_the_logits_row_by_row(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_text_model", **VALUES)
    together = logits_of(feed, FP32)

    with torch.inference_mode():
        for row in (0, 5, len(feed.labels) - 1):
            alone = feed.logits(feed.batch([row])).numpy()[0]
            np.testing.assert_allclose(together[row], alone, atol=1e-5)


def test_a_pass_without_learning_leaves_the_modes_as_they_were(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_text_model", **VALUES)
    feed.bundle.model.train()
    feed.bundle.model.bert.encoder.layer[0].eval()  # type: ignore[union-attr]
    before = [module.training for module in feed.bundle.model.modules()]
    told: list[tuple[int, int]] = []
    logits_of(feed, FP32, lambda done, total: told.append((done, total)))

    assert [module.training for module in feed.bundle.model.modules()] == before
    assert told[-1] == (len(feed.labels), len(feed.labels))
