"""A linear probe for heads whose outputs are several labels or a number: fitted to the task's own loss.

As `engine.probes.probe`, but that loss is no logistic regression of one class among several. It is convex in the head's
weights all the same, so a few dozen steps of L-BFGS on stored features find its least value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from ftstudio.engine.answers.target_scale import scale_of
from ftstudio.engine.device import Hardware
from ftstudio.engine.layers.modules import final_linear
from ftstudio.engine.learning.evaluation import Tick
from ftstudio.engine.learning.feeds import Feed
from ftstudio.engine.probes.probe import MOST_ROWS, STRENGTHS, Probe, head_inputs

_STEPS = 100

Loss = Callable[[Tensor, Tensor], Tensor]


def fit_head(
    model: nn.Module,
    train: Feed,
    validation: Feed,
    outputs: int,
    hardware: Hardware,
    *,
    weights: Tensor | None,
    seed: int,
    tick: Tick,
    strengths: Sequence[float] = (),
) -> Probe | None:
    """Fit the last linear layer of `model` to what enters it and write the result into it.

    The strength of regularisation is the one of `strengths` (none given: the usual ones) with the lowest validation
    loss, or the first without validation rows. None means that the model has no such layer; then nothing was changed.
    """
    head = final_linear(model, outputs)
    bias: Tensor | None = head.bias if head is not None else None
    if head is None or bias is None:
        return None
    total = len(train.lengths) + len(validation.lengths)
    inner = head_inputs(head, train, hardware, lambda done, _: tick(done, total))
    outer = head_inputs(head, validation, hardware, lambda done, _: tick(len(train.lengths) + done, total))
    rows = np.flatnonzero(train.labels >= 0)
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))
    checked = np.flatnonzero(validation.labels >= 0)
    mean, spread = inner[rows].mean(axis=0), inner[rows].std(axis=0) + 1e-6
    learned, held = (torch.from_numpy((one - mean) / spread) for one in (inner[rows], outer[checked]))
    truth, held_truth = torch.from_numpy(train.truth[rows]), torch.from_numpy(validation.truth[checked])
    answers = _answers(head)
    weighed = None if weights is None else weights.cpu()

    def loss(logits: Tensor, wanted: Tensor) -> Tensor:
        return train.loss(answers(logits), wanted, weighed).mean()

    best, least = None, math.inf
    for strength in strengths or STRENGTHS:
        weight, offset = _fitted(learned, truth, outputs, loss, strength)
        with torch.no_grad():
            value = float(loss(held @ weight.T + offset, held_truth)) if len(checked) else 0.0
        if value < least:
            best, least = (weight, offset, strength), value
    if best is None:
        return None
    weight, offset, strength = best
    _write(head, bias, weight / torch.from_numpy(spread), offset, torch.from_numpy(mean))
    return Probe(math.nan, strength)


def _answers(head: nn.Linear) -> Callable[[Tensor], Tensor]:
    """Return what hooks on the head make of what its weights make: numbers in the user's unit (`target_scale`)."""
    scale = scale_of(head)
    return (lambda logits: logits) if scale is None else (lambda logits: logits * scale.spread + scale.mean)


def _fitted(rows: Tensor, truth: Tensor, outputs: int, loss: Loss, strength: float) -> tuple[Tensor, Tensor]:
    weight = torch.zeros(outputs, rows.shape[1], requires_grad=True)
    offset = torch.zeros(outputs, requires_grad=True)
    search = torch.optim.LBFGS([weight, offset], max_iter=_STEPS, history_size=10, line_search_fn="strong_wolfe")
    penalty = 1.0 / (2.0 * strength * len(rows) * outputs)  # as strong for each output as scikit-learn's C

    def closure() -> Tensor:
        search.zero_grad()
        value = loss(rows @ weight.T + offset, truth) + penalty * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    search.step(closure)  # type: ignore[no-untyped-call]
    return weight.detach(), offset.detach()


@torch.no_grad()
def _write(head: nn.Linear, bias: Tensor, weight: Tensor, offset: Tensor, mean: Tensor) -> None:
    """Write weights for rows that are not standardised."""
    head.weight.copy_(weight.to(head.weight))
    bias.copy_((offset - weight @ mean).to(bias))
