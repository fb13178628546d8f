"""Marking places is learned as transformers' Trainer learns it, step by step, with frozen layers computed once, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ftstudio.core import catalog
from ftstudio.core.settings import build
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.engine.layers.freezing import plan_layers
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.project.layout import ProjectLayout
from tests.engine.layers.test_features import FP32, stored
from tests.engine.runs.test_parity import STEPS, VALUES, our_curve
from tests.engine.trainer_curves import trainer_curve


def feed_of(request: pytest.FixtureRequest, model: str = "tiny_text_model", **values: Any) -> ModelFeed:
    """Encode the training rows of the tiny project of marked places for a freshly loaded model."""
    dataset = Dataset.open(ProjectLayout(request.getfixturevalue("tagged_template")).data)
    task: Any = catalog.tasks().module("token-classification")
    settings = build({"max_length": 32, "dropout": 0.0, "precision": "fp32", **values})
    torch.manual_seed(11)
    bundle = task.load(request.getfixturevalue(model), dataset.labels, settings, trained=False)
    bundle.model.eval()
    return ModelFeed(task, bundle, task.encode(bundle, dataset.table(Split.TRAIN), dataset.folder), settings)


def per_token(feed: ModelFeed, rows: list[int]) -> dict[str, torch.Tensor]:
    """A batch as everybody trains token classifiers: the tag at the first token of a word, -100 at all others."""
    batch = feed.examples.batch(rows, None)
    labels = torch.full_like(batch.inputs["input_ids"], -100)
    for row, (tokens, tags) in enumerate(zip(batch.inputs["units"], batch.labels, strict=True)):
        for token, tag in zip(tokens.tolist(), tags.tolist(), strict=True):
            if token >= 0:
                labels[row, token] = tag
    inputs = {name: value for name, value in batch.inputs.items() if name != "units"}
    return {**inputs, "labels": labels}


def test_the_loss_curve_is_that_of_transformers_trainer(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Its order is forced to ours, dropout is off, its decay leaves biases and norms alone as ours does."""
    settings = build({**VALUES, "monitor": "f1"})
    losses, batches = our_curve(feed_of(request, **VALUES), settings, tmp_path / "ours")

    feed = feed_of(request, **VALUES)
    rows = [per_token(feed, batch.tolist()) for batch in batches]
    told = trainer_curve(feed.bundle.model, rows, tmp_path / "theirs")

    assert len(losses) == STEPS
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(losses, told, atol=1e-4)  # Trainer rounds what it logs


@pytest.mark.parametrize("method", ["head", "top_layers"])
@pytest.mark.parametrize("model", ["tiny_text_model", "tiny_distilbert", "tiny_roberta", "tiny_gpt2"])
def test_stored_features_give_the_logits_of_the_whole_model(
    request: pytest.FixtureRequest, model: str, method: str
) -> None:
    feed = feed_of(request, model, tuning_method=method, top_layers=1)
    expected = logits_of(feed, FP32)
    cached = stored(feed, plan_layers(feed.bundle.model, feed.settings))

    assert cached is not None, "the whole model would run in every step"
    for mine, theirs in zip(logits_of(cached, FP32), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)


@pytest.mark.parametrize("model", ["tiny_text_model", "tiny_distilbert", "tiny_roberta", "tiny_gpt2"])
def test_each_row_together_is_what_it_is_alone(request: pytest.FixtureRequest, model: str) -> None:
    feed = feed_of(request, model)
    together = logits_of(feed, FP32)

    with torch.inference_mode():
        for row in (0, 5, len(feed.labels) - 1):
            alone = feed.logits(feed.batch([row])).numpy()[0]
            assert together[row].shape == (feed.items[row], len(feed.bundle.labels))
            np.testing.assert_allclose(together[row], alone, atol=1e-5)


@pytest.mark.parametrize("values", [{"r_drop": 1.0}, {"embedding_noise": 5.0}, {"balanced_sampling": True}])
def test_ways_against_overfitting_work_here_too(
    request: pytest.FixtureRequest, values: dict[str, Any], tmp_path: Path
) -> None:
    chosen = {**VALUES, "dropout": 0.1, "monitor": "f1"}
    plain, changed = (
        our_curve(feed_of(request, **one), build(one), tmp_path / str(at))[0]
        for at, one in enumerate((chosen, {**chosen, **values}))
    )

    assert changed[-1] < changed[0]
    assert (plain != changed) or "balanced_sampling" in values
