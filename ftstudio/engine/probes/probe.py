"""A linear probe: logistic regression on the features of the unchanged model, written into the new head.

Tuning that starts from it keeps more of what the model knows than tuning from a random head (Kumar et al. 2022,
arXiv:2202.10054), and on little data the probe alone is often hard to beat.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ftstudio.engine.device import Hardware
from ftstudio.engine.layers.modules import final_linear
from ftstudio.engine.learning.batching import evaluation_batches
from ftstudio.engine.learning.evaluation import Tick
from ftstudio.engine.learning.feeds import Feed

STRENGTHS = (0.001, 0.01, 0.1, 1.0)
MOST_ROWS = 20_000
SOFTNESS = 0.3


@dataclass(frozen=True)
class Probe:
    """A fitted probe: its validation accuracy (NaN without validation rows) and its inverse regularisation."""

    accuracy: float
    strength: float


def fit_head(
    model: nn.Module,
    train: Feed,
    validation: Feed,
    classes: int,
    hardware: Hardware,
    *,
    balanced: bool,
    seed: int,
    tick: Tick,
    strengths: Sequence[float] = (),
) -> Probe | None:
    """Fit the last linear layer of `model` on what enters it and write the result into it.

    The strength of regularisation is the one of `strengths` (none given: of `STRENGTHS`) that validates best, or the
    first where there are no validation rows. None means that the model has no such layer, or that the rows hold fewer
    than two classes; then nothing was changed.
    """
    head = final_linear(model, classes)
    if head is None or len(np.unique(train.labels[train.labels >= 0])) < 2:
        return None
    total = len(train.lengths) + len(validation.lengths)
    inner = head_inputs(head, train, hardware, lambda done, _: tick(done, total))
    outer = head_inputs(head, validation, hardware, lambda done, _: tick(len(train.lengths) + done, total))
    rows = _some_rows(train.labels, seed)
    mean, spread = inner[rows].mean(axis=0), inner[rows].std(axis=0) + 1e-6
    scaled = (inner[rows] - mean) / spread
    tried = strengths or STRENGTHS
    fitted = best_line(scaled, train.labels[rows], (outer - mean) / spread, validation.labels, balanced, tried)
    _write(head, fitted.model, mean, spread)
    return Probe(fitted.accuracy, float(fitted.model.C))


@torch.no_grad()
def soften(model: nn.Module, classes: int) -> None:
    """Make the fitted head less sure of itself: the same answers, with logits scaled down.

    On little data a probe fits its training rows almost perfectly, and then the layers below get hardly any gradient
    to learn from. Softened, tuning was measured to reach the same or a better accuracy at about half the loss.
    """
    head = final_linear(model, classes)
    if head is not None:
        head.weight.mul_(SOFTNESS)
        head.bias.mul_(SOFTNESS)


class Line:
    """A fitted logistic regression with its accuracy and loss on the validation rows."""

    def __init__(self, model: Any, accuracy: float, loss: float) -> None:
        self.model, self.accuracy, self.loss = model, accuracy, loss


def best_line(
    inner: NDArray[np.float32],
    truth: NDArray[np.int64],
    outer: NDArray[np.float32],
    outer_truth: NDArray[np.int64],
    balanced: bool,
    strengths: Sequence[float],
) -> Line:
    """Fit standardised rows `inner` with the strength of lowest loss on `outer`; without such rows, the first.

    Rows of `outer` whose class is not in `truth` do not count.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    known = np.isin(outer_truth, np.unique(truth))
    tried: list[Line] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for strength in strengths:
            model = LogisticRegression(C=strength, max_iter=300, class_weight="balanced" if balanced else None)
            model.fit(inner.astype(np.float64), truth)
            if not known.any():
                return Line(model, float("nan"), float("nan"))
            answers = model.predict_proba(outer[known].astype(np.float64))
            accuracy = float((model.classes_[answers.argmax(axis=1)] == outer_truth[known]).mean())
            loss = float(log_loss(outer_truth[known], answers, labels=model.classes_))
            tried.append(Line(model, accuracy, loss))
    return min(tried, key=lambda one: one.loss)


@torch.no_grad()
def _write(head: nn.Linear, model: Any, mean: NDArray[np.float32], spread: NDArray[np.float32]) -> None:
    """Fold the standardisation into the weights; classes that never occur get a very low score."""
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2 and coefficients.shape[0] == 1:
        coefficients = np.concatenate((-coefficients / 2, coefficients / 2))
        intercepts = np.concatenate((-intercepts / 2, intercepts / 2))
    weights = coefficients / spread
    offsets = intercepts - weights @ mean
    head.weight.zero_()
    head.bias.fill_(float(offsets.min()) - 10.0)
    at = torch.from_numpy(model.classes_.astype(np.int64)).to(head.weight.device)
    head.weight[at] = torch.from_numpy(weights).to(head.weight)
    head.bias[at] = torch.from_numpy(offsets).to(head.bias)


def _some_rows(labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    known = np.flatnonzero(labels >= 0)
    if len(known) <= MOST_ROWS:
        return known
    return np.sort(np.random.default_rng(seed).choice(known, MOST_ROWS, replace=False))


def head_inputs(head: nn.Linear, feed: Feed, hardware: Hardware, tick: Tick) -> NDArray[np.float32]:
    """Return what enters the head for every row, shape [rows, head inputs]."""
    caught: list[torch.Tensor] = []
    handle = head.register_forward_pre_hook(lambda _, args: caught.append(args[0]))
    result = np.empty((len(feed.lengths), head.in_features), dtype=np.float32)
    feed.module.eval()
    done = 0
    try:
        with torch.inference_mode():
            for rows in evaluation_batches(feed.lengths):
                batch = feed.batch(rows).to(hardware.device)
                with hardware.autocast():
                    feed.logits(batch)
                result[rows] = caught.pop().float().cpu().numpy().reshape(len(rows), -1)
                done += len(rows)
                tick(done, len(feed.lengths))
    finally:
        handle.remove()
    return result
