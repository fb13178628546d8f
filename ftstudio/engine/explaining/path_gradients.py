"""Integrated gradients: gradients summed along a straight line from an input without content to the input itself.

Sundararajan, Taly and Yan 2017 (1703.01365). What the weights promise is completeness: their sum is the difference of
the score between both ends. It is checked, and the line is cut finer until it holds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

Score = Callable[[Tensor], Tensor]

LARGEST_GAP = 0.05
FEWEST_STEPS, MOST_STEPS = 16, 128
AT_ONCE, NUMBERS_AT_ONCE = 16, 800_000  # of a base-sized model, so many points keep about 2 GB for their gradients


def integrate(
    score: Score, start: Tensor, end: Tensor, steps: int = FEWEST_STEPS, most: int = MOST_STEPS
) -> tuple[Tensor, float]:
    """Return the share of each number of `end` in `score(end) - score(start)`, and how much of that is unexplained.

    Args:
        score: from inputs [rows, ...] to scores [rows], differentiable.
        start: an input without content, shape [1, ...].
        end: the input, shape [1, ...].
        steps: at how many points of the line gradients are taken at first (Gauss-Legendre).
        most: at how many at last; a gap that is still there is told.

    Returns:
        The shares, shape [...], and the gap: the unexplained part as a share of the difference, at least of 0.1.
    """
    with torch.no_grad():
        whole = float(score(end).sum() - score(start).sum())
    while True:
        shares = _along(score, start, end, steps)
        gap = abs(float(shares.sum()) - whole) / max(abs(whole), 0.1)
        if gap <= LARGEST_GAP or steps >= most:
            return shares, gap
        steps *= 2


def _along(score: Score, start: Tensor, end: Tensor, steps: int) -> Tensor:
    points, weights = np.polynomial.legendre.leggauss(steps)
    places = torch.as_tensor((points + 1) / 2, dtype=end.dtype, device=end.device)
    shares = torch.as_tensor(weights / 2, dtype=end.dtype, device=end.device)
    total = torch.zeros_like(end[0])
    shape = (-1, *(1 for _ in end.shape[1:]))
    rows = max(1, min(AT_ONCE, NUMBERS_AT_ONCE // max(1, end[0].numel())))
    for some, weight in zip(torch.split(places, rows), torch.split(shares, rows), strict=True):
        line = (start + some.reshape(shape) * (end - start)).detach().requires_grad_()
        with torch.enable_grad():
            (gradient,) = torch.autograd.grad(score(line).sum(), line)
        total += (gradient * weight.reshape(shape)).sum(dim=0)
    return total * (end - start)[0]
