"""Quick dropout drops as many elements as it should, by chance that a seed decides, and leaves all else alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ftstudio.engine import quick_dropout


def dropping(share: float) -> nn.Module:
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(share))
    quick_dropout.install(model)
    return model[1]


@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_the_share_is_dropped_the_rest_is_scaled_and_gradients_follow(share: float, kind: torch.dtype) -> None:
    torch.manual_seed(3)
    values = torch.ones(37, 41, 43, dtype=kind, requires_grad=True)

    dropped = dropping(share)(values)
    dropped.sum().backward()

    gone = (dropped == 0).float()
    assert gone.mean().item() == pytest.approx(share, abs=0.006)
    assert gone.mean(dim=(0, 1)).std() < 0.02, "no place is dropped more often than others"
    assert dropped[dropped != 0].float().unique().tolist() == pytest.approx([1 / (1 - share)], rel=0.01)
    assert torch.equal(values.grad, dropped.detach())
    assert dropped.dtype == kind


def test_the_same_seed_drops_the_same_and_the_random_state_moves_on() -> None:
    values, module = torch.ones(1000), dropping(0.3)
    torch.manual_seed(5)
    first, second = module(values), module(values)
    torch.manual_seed(5)

    assert torch.equal(module(values), first)
    assert not torch.equal(first, second)


def test_nothing_is_dropped_when_not_training_nor_at_the_ends() -> None:
    values = torch.ones(100)

    assert torch.equal(dropping(0.5).eval()(values), values)
    assert torch.equal(dropping(0.0)(values), values)
    assert not dropping(1.0)(values).any()
    assert dropping(0.5)(torch.ones(0, 3)).shape == (0, 3)


def test_only_plain_dropouts_are_changed_and_keep_what_they_are() -> None:
    model = nn.Sequential(nn.Dropout(0.2), nn.Dropout2d(0.2), nn.AlphaDropout(0.2))

    quick_dropout.install(model)

    assert [type(one) for one in model] == [quick_dropout.QuickDropout, nn.Dropout2d, nn.AlphaDropout]
    assert isinstance(model[0], nn.Dropout) and model[0].p == 0.2
