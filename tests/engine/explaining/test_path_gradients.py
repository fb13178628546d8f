"""Integrated gradients explain all of the difference between two inputs, and say so where they do not."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ftstudio.engine.explaining.path_gradients import LARGEST_GAP, integrate


def test_a_linear_score_is_divided_by_its_weights() -> None:
    weights = torch.tensor([2.0, -1.0, 0.0])
    shares, gap = integrate(lambda x: x @ weights, torch.zeros(1, 3), torch.tensor([[1.0, 3.0, 5.0]]))
    assert shares.tolist() == pytest.approx([2.0, -3.0, 0.0], abs=1e-5)
    assert gap < 1e-5


def test_the_shares_of_a_network_add_up_to_the_difference_of_its_scores() -> None:
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(6, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1))
    start, end = torch.randn(1, 6), 3 * torch.randn(1, 6)

    def score(x: Tensor) -> Tensor:
        return 5 * model(x)[:, 0]

    shares, gap = integrate(score, start, end)
    with torch.no_grad():
        difference = float(score(end) - score(start))
    assert float(shares.sum()) == pytest.approx(difference, rel=LARGEST_GAP)
    assert gap <= LARGEST_GAP


def test_a_product_is_shared_between_its_factors() -> None:
    """Gradient times input would count the product once for each factor."""
    shares, _ = integrate(lambda x: x[:, 0] * x[:, 1], torch.zeros(1, 2), torch.tensor([[2.0, 3.0]]))
    assert shares.tolist() == pytest.approx([3.0, 3.0])


def test_what_gradients_cannot_see_is_said_to_be_unexplained() -> None:
    """A step has no gradient anywhere, so nothing explains it."""
    _, gap = integrate(lambda x: torch.floor(x).sum(1) + 0 * x.sum(1), torch.zeros(1, 2), torch.tensor([[1.5, 0.2]]))
    assert gap == pytest.approx(1.0)


def test_large_inputs_are_taken_few_at_once() -> None:
    most: list[int] = []

    def score(x: Tensor) -> Tensor:
        most.append(len(x))
        return x.sum(1)

    shares, gap = integrate(score, torch.zeros(1, 300_000), torch.ones(1, 300_000))
    assert max(most) == 2 and gap < 1e-3
    assert float(shares.sum()) == pytest.approx(300_000, rel=1e-3)


def test_the_line_is_cut_finer_where_the_score_bends_sharply() -> None:
    points: list[int] = []

    def score(x: Tensor) -> Tensor:
        points.append(len(x))
        return torch.sigmoid(400 * (x[:, 0] - 0.37))

    _, gap = integrate(score, torch.zeros(1, 1), torch.ones(1, 1))
    assert gap <= LARGEST_GAP
    assert sum(points) > 2 + 16
