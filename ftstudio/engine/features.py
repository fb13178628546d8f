"""Frozen layers run once: their outputs are stored and the loop learns from the stored features.

Works for any model whose frozen parts form a prefix. The boundary is the first module that learns; what enters it is
captured in one pass, and later fed back in its place. Whether that gives the same logits is checked on real rows
before it is used; where it does not, `build` says None and the whole model runs as usual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ftstudio.engine.batching import evaluation_batches, padded
from ftstudio.engine.device import Hardware
from ftstudio.engine.feeds import ModelFeed
from ftstudio.engine.freezing import LayerPlan
from ftstudio.engine.modules import module_of
from ftstudio.engine.store import FeatureStore
from ftstudio.engine.task import Batch

Tick = Callable[[int, int], None]
TOLERANCE = 0.02  # largest logit difference, relative to their spread, that bf16 rounding explains


class _Captured(Exception):  # noqa: N818  (control flow: ends a forward pass early)
    pass


class Prefix:
    """How to capture what enters the first learning module, and how to run the model from there."""

    def __init__(self, model: nn.Module, boundary: nn.Module, frozen: list[nn.Module], *, direct: bool) -> None:
        self.model, self.boundary, self.frozen, self.direct = model, boundary, frozen, direct

    def capture(self, run: Callable[[], Any]) -> Tensor:
        """Call `run` (a forward pass) until the boundary; return what entered it, shape [rows, ...]."""
        caught: list[Tensor] = []

        def stop(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            caught.append(args[0] if args else kwargs["hidden_states"])
            raise _Captured

        handle = self.boundary.register_forward_pre_hook(stop, with_kwargs=True)
        try:
            run()
        except _Captured:
            pass
        finally:
            handle.remove()
        return caught[0]

    @contextmanager
    def replaced(self, features: Tensor) -> Iterator[None]:
        """Let the frozen modules hand `features` through instead of computing."""
        originals = [(module, module.__dict__.get("forward")) for module in self.frozen]
        for at, module in enumerate(self.frozen):
            module.forward = _giver(features) if at == 0 else _passer
        try:
            yield
        finally:
            for module, own in originals:
                if own is None:
                    del module.forward
                else:
                    module.forward = own


def _giver(features: Tensor) -> Callable[..., Tensor]:
    return lambda *args, **kwargs: features


def _passer(first: Any = None, *args: Any, **kwargs: Any) -> Any:
    return first if first is not None else kwargs.get("hidden_states")


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
        self.module = module if module is not None else Rest(feed, prefix)

    def batch(self, rows: Sequence[int] | NDArray[np.int64], seed: int | None = None) -> Batch:
        """Collate stored features; the other inputs go along where the model needs them."""
        features = self.store.rows(rows)
        if self.prefix.direct:
            labels = torch.from_numpy(self.labels[np.asarray(rows)])
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
    prefix = find_prefix(feeds[0], plan)
    if prefix is None or not len(feeds[0].lengths) or not _gives_the_same(feeds[0], prefix, hardware):
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


def find_prefix(feed: ModelFeed, plan: LayerPlan) -> Prefix | None:
    """Return the frozen prefix of the model, or None when frozen and learning parts are mixed."""
    if not plan.frozen_is_prefix or not plan.learning:
        return None
    model = feed.bundle.model
    boundary = module_of(model, plan.learning[0])
    if boundary is None:
        return None
    if plan.learning[0].kind == "head":
        return Prefix(model, boundary, [], direct=True)
    frozen = [module_of(model, part) for part in plan.frozen]
    modules = [module for module in frozen if module is not None]
    return Prefix(model, boundary, modules, direct=False) if len(modules) == len(frozen) else None


def _gives_the_same(feed: ModelFeed, prefix: Prefix, hardware: Hardware) -> bool:
    rows = np.arange(min(4, len(feed.lengths)))
    modes = [(module, module.training) for module in feed.bundle.model.modules()]
    feed.bundle.model.eval()
    try:
        with torch.inference_mode():
            whole = feed.batch(rows).to(hardware.device)
            with hardware.autocast():
                expected = feed.logits(whole).float()
                features = _capture(feed, prefix, whole)
                inputs = {**whole.inputs, "features": features}
                found = Rest(feed, prefix)(inputs).float()
        spread = float(expected.abs().max()) + 1e-3
        return found.shape == expected.shape and float((found - expected).abs().max()) <= TOLERANCE * spread
    except (RuntimeError, TypeError, KeyError, IndexError, AttributeError, ValueError):
        return False  # the model's upper part needs more than its stored input: it runs whole
    finally:
        for module, mode in modes:
            module.training = mode


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
