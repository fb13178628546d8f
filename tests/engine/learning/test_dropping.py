"""Cheaply drawn dropout drops as PyTorch's own does: by the share that was asked for, each number by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from ftstudio.engine.language import text
from ftstudio.engine.language.token_models import load_tagger
from ftstudio.engine.layers import attention
from ftstudio.engine.learning import dropping

PROCESSOR = torch.device("cpu")


@pytest.mark.parametrize("share", [0.03, 0.1, 0.5])
@pytest.mark.parametrize(("kind", "near"), [(torch.float32, 1e-4), (torch.bfloat16, 4e-3)])
def test_the_share_is_kept_and_the_mean_stays(share: float, kind: torch.dtype, near: float) -> None:
    torch.manual_seed(0)
    with dropping.cheaply(PROCESSOR):
        found = functional.dropout(torch.ones(1_000_003, dtype=kind), share)

    assert found.dtype == kind
    assert float((found == 0).float().mean()) == pytest.approx(share, abs=2e-3)
    assert len(found.unique()) == 2
    assert float(found.max()) == pytest.approx(1 / (1 - share), rel=near)


def test_numbers_are_dropped_independently_of_their_neighbours() -> None:
    torch.manual_seed(0)
    gone = (dropping.dropped(torch.ones(400_000), 0.3) == 0).float()

    for apart in range(1, 9):
        assert float((gone[apart:] * gone[:-apart]).mean()) == pytest.approx(0.09, abs=2e-3)


def test_the_way_back_drops_the_same() -> None:
    given = torch.randn(7, 33, requires_grad=True)
    with dropping.cheaply(PROCESSOR):
        found = nn.Dropout(0.4)(given)
    found.sum().backward()

    torch.testing.assert_close(found.detach(), given.detach() * given.grad)


@pytest.mark.parametrize("inplace", [False, True])
def test_the_seed_decides(inplace: bool) -> None:
    with dropping.cheaply(PROCESSOR):
        found = [_seeded(seed, inplace) for seed in (1, 1, 2)]

    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def _seeded(seed: int, inplace: bool) -> Tensor:
    torch.manual_seed(seed)
    return functional.dropout(torch.ones(1000, dtype=torch.bfloat16), 0.2, inplace=inplace)


@pytest.mark.parametrize(("share", "training"), [(0.0, True), (1.0, True), (0.5, False)])
def test_nothing_and_everything_and_rest_are_pytorchs(share: float, training: bool) -> None:
    given = torch.randn(50)
    expected = functional.dropout(given, share, training)
    with dropping.cheaply(PROCESSOR):
        assert torch.equal(functional.dropout(given, share, training), expected)


def test_no_numbers_are_dropped_from_nothing() -> None:
    assert dropping.dropped(torch.ones(0, 3), 0.5).shape == (0, 3)


def test_layers_computed_again_drop_what_they_dropped_before() -> None:
    layer = nn.Sequential(nn.Linear(16, 16), nn.Dropout(0.5), nn.Linear(16, 16))
    gradients = []
    for again in (False, True):
        torch.manual_seed(3)
        given = torch.ones(4, 16, requires_grad=True)
        with dropping.cheaply(PROCESSOR):
            out = checkpoint(layer, given, use_reentrant=False) if again else layer(given)
            out.square().sum().backward()
        gradients.append(given.grad)

    torch.testing.assert_close(gradients[0], gradients[1])


def test_attention_written_out_in_a_model_drops_so_too(tiny_text_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[float] = []
    real = dropping.dropped

    def noting(given: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
        shares.append(p)
        return real(given, p, training, inplace)

    monkeypatch.setattr(dropping, "dropped", noting)
    model = load_tagger(tiny_text_model, ["O"], trained=False).train()
    text.set_dropout(model, 0.25)
    attention.fit(model, torch.ones(2, 5))
    with dropping.cheaply(PROCESSOR):
        model(torch.full((2, 5), 3))

    layers = model.config.num_hidden_layers  # type: ignore[union-attr]
    assert shares == [0.25] * (1 + 3 * layers + 1)  # embeddings; weights of attention and two outputs; the head


def test_outside_of_a_step_dropout_is_pytorchs_own() -> None:
    own = functional.dropout
    with pytest.raises(RuntimeError), dropping.cheaply(PROCESSOR):
        assert functional.dropout is not own
        raise RuntimeError

    assert functional.dropout is own


def test_graphics_cards_draw_by_themselves() -> None:
    own = functional.dropout
    with dropping.cheaply(torch.device("cuda")):
        assert functional.dropout is own
