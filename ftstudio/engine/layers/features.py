"""Frozen layers run once: their outputs are stored and the loop learns from the stored features.

Works for any model whose frozen parts form a prefix (`engine.layers.prefix`). Whether running from stored features
gives the
same logits is checked on real rows before it is done; where it does not, `build` says None and the whole model runs
as usual.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ftstudio.engine.device import Hardware
from ftstudio.engine.layers.freezing import LayerPlan
from ftstudio.engine.layers.prefix import Prefix, candidates
from ftstudio.engine.layers.store import FeatureStore
from ftstudio.engine.learning.batching import evaluation_batches, padded
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.task import Batch

Tick = Callable[[int, int], None]
TOLERANCE = 0.02  # largest logit difference, relative to their spread, that bf16 rounding explains


class Rest(nn.Module):
    """The learning part of a model, from stored features to logits."""

    def __init__(self, feed: ModelFeed, prefix: Prefix) -> None:
        super().__init__()
        self.model = feed.bundle.model
        self._feed, self._prefix = feed, prefix

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return logits, shape [rows, classes]; `inputs["features"]` are the stored features."""
        features = inputs["features"]
        if self._prefix.direct:
            logits: Tensor = self._prefix.boundary(features)
            return logits
        others = {key: value for key, value in inputs.items() if key != "features"}
        with self._prefix.replaced(features):
            return self._feed.task.logits(self.model, others)


class FeatureFeed:
    """Rows as stored features, learned from by the upper part of the model."""

    def __init__(self, feed: ModelFeed, prefix: Prefix, store: FeatureStore, module: nn.Module | None = None) -> None:
        self.source, self.prefix, self.store = feed, prefix, store
        self.lengths, self.labels = feed.lengths, feed.labels
        self.truth, self.items, self.losses = feed.truth, feed.items, feed.losses
        self.module = module if module is not None else Rest(feed, prefix)

    @property
    def held_bytes(self) -> int:
        """The stored features."""
        return self.store.held_bytes

    def readable(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ask the feed whose features these are; it read all rows for them."""
        return self.source.readable(rows)

    def batch(self, rows: Sequence[int] | NDArray[np.int64], seed: int | None = None) -> Batch:
        """Collate stored features; the other inputs go along where the model needs them."""
        features = self.store.rows(rows)
        if self.prefix.direct:
            known = self.labels if self.truth.dtype == object else self.truth
            labels = torch.from_numpy(known[np.asarray(rows)])
            return Batch({"features": features}, labels)
        plain = self.source.batch(rows)
        return Batch({**plain.inputs, "features": features}, plain.labels)

    def logits(self, batch: Batch) -> Tensor:
        """Run the learning part."""
        result: Tensor = self.module(batch.inputs)
        return result

    def loss(self, logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
        """Ask the task."""
        return self.source.loss(logits, labels, weights)


def build(feeds: Sequence[ModelFeed], plan: LayerPlan, hardware: Hardware, tick: Tick) -> list[FeatureFeed] | None:
    """Store the features of all rows of `feeds` (training first) and return feeds over them.

    Args:
        feeds: over one bundle; the first is learned from.
        plan: tells what is frozen.
        hardware: where the one pass runs.
        tick: told (done, total) rows; may raise to cancel.

    Returns:
        None when nothing is frozen below what learns, or when the stored features would not give the same logits.
    """
    if not len(feeds[0].lengths) or not all(feed.row_by_row for feed in feeds):
        return None
    prefix = _find(feeds[0], plan, hardware)
    if prefix is None:
        return None
    total, before = sum(len(feed.lengths) for feed in feeds), 0
    result: list[FeatureFeed] = []
    module: nn.Module | None = None
    for feed in feeds:
        store = _store(feed, prefix, hardware, tick, (before, total))
        before += len(feed.lengths)
        result.append(FeatureFeed(feed, prefix, store, module))
        module = result[0].module
    return result


def _find(feed: ModelFeed, plan: LayerPlan, hardware: Hardware) -> Prefix | None:
    """Return the cheapest way to leave out the frozen parts that gives the same logits; None where none does."""
    modes = [(module, module.training) for module in feed.bundle.model.modules()]
    feed.bundle.model.eval()
    try:
        with torch.inference_mode(), hardware.autocast():
            rows = feed.batch(np.arange(min(4, len(feed.lengths)))).to(hardware.device)
            expected = feed.logits(rows).float()
            ways = candidates(feed.bundle.model, plan, lambda: feed.logits(rows))
            return next((prefix for prefix in ways if _gives(expected, feed, prefix, rows)), None)
    finally:
        for module, mode in modes:
            module.training = mode


def _gives(expected: Tensor, feed: ModelFeed, prefix: Prefix, rows: Batch) -> bool:
    try:
        features = _capture(feed, prefix, rows)
        found = Rest(feed, prefix)({**rows.inputs, "features": features}).float()
    except (RuntimeError, TypeError, KeyError, IndexError, AttributeError, ValueError):
        return False  # the model's upper part needs more than its stored input
    spread = float(expected.abs().max()) + 1e-3
    return found.shape == expected.shape and float((found - expected).abs().max()) <= TOLERANCE * spread


def _capture(feed: ModelFeed, prefix: Prefix, batch: Batch) -> Tensor:
    return prefix.capture(lambda: feed.task.logits(feed.bundle.model, batch.inputs))


def _store(feed: ModelFeed, prefix: Prefix, hardware: Hardware, tick: Tick, progress: tuple[int, int]) -> FeatureStore:
    store: FeatureStore | None = None
    before, total = progress
    feed.bundle.model.eval()
    with torch.inference_mode():
        for rows in evaluation_batches(feed.lengths):
            batch = feed.batch(rows).to(hardware.device)
            with hardware.autocast():
                features = _capture(feed, prefix, batch).cpu()
            if store is None:
                follows_length = features.ndim == 3 and features.shape[1] == padded(int(feed.lengths[rows].max()))
                store = FeatureStore.allocate(features, feed.lengths, ragged=follows_length)
            store.write(rows, features)
            before += len(rows)
            tick(before, total)
    return store if store is not None else FeatureStore.empty()
