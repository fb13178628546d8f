"""One optimiser step: portions, loss that is no number, memory that runs out. On a model one can see through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from ftstudio.core.errors import StudioError
from ftstudio.core.settings import TrainingSettings, build
from ftstudio.engine.device import Hardware
from ftstudio.engine.learning.batching import BatchPlan
from ftstudio.engine.learning.optim import Optimisers
from ftstudio.engine.learning.steps import MOST_HALVINGS, Stepper
from ftstudio.engine.runs.training import make_accelerator
from ftstudio.engine.task import Batch

ROWS = 24


class Toy:
    """A feed of made-up rows and one linear layer; `most_rows` is what fits into memory."""

    def __init__(self, most_rows: int = 10_000) -> None:
        chance = np.random.default_rng(2)
        self.inputs = torch.from_numpy(chance.normal(size=(ROWS, 5)).astype(np.float32))
        self.labels = chance.integers(0, 3, size=ROWS)
        self.lengths = chance.integers(1, 60, size=ROWS)
        self.items = self.losses = np.ones(ROWS, dtype=np.int64)
        self.module = nn.Linear(5, 3)
        nn.init.constant_(self.module.weight, 0.1)
        nn.init.zeros_(self.module.bias)
        self.most_rows = most_rows
        self.broken: list[int] = []
        self.asked: list[tuple[int, int | None]] = []

    def readable(self, rows: np.ndarray) -> np.ndarray:
        return rows[~np.isin(rows, self.broken)]

    def batch(self, rows: Sequence[int], seed: int | None = None) -> Batch:
        self.asked.append((len(rows), seed))
        return Batch({"x": self.inputs[list(rows)]}, torch.from_numpy(self.labels[list(rows)]))

    def logits(self, batch: Batch) -> Tensor:
        if len(batch.labels) > self.most_rows:
            raise torch.OutOfMemoryError("simulated")
        return self.module(batch.inputs["x"])

    def loss(self, logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
        return functional.cross_entropy(logits, labels, weight=weights, reduction="none")


def stepper(toy: Any, settings: TrainingSettings | None = None, **plan: Any) -> Stepper:
    settings = settings or build({"max_grad_norm": 0.0})
    optimiser = torch.optim.SGD([{"params": list(toy.module.parameters()), "lr": 0.5, "full_rate": 0.5}])
    optimisers = Optimisers([optimiser], total_steps=10, schedule="constant", warmup=0.0)
    batches = BatchPlan(toy.lengths, ROWS, 1, **plan)
    return Stepper(toy, optimisers, make_accelerator(Hardware(torch.device("cpu"), "fp32")), batches, settings, None)


def weights_after_a_step(toy: Toy, **plan: Any) -> tuple[Tensor, float]:
    result = stepper(toy, **plan).step(np.arange(ROWS), 0, seed=100)
    return toy.module.weight.detach().clone(), result.loss


def test_a_step_is_plain_gradient_descent_on_the_mean_loss() -> None:
    toy, reference = Toy(), Toy()
    after, loss = weights_after_a_step(toy)

    expected = functional.cross_entropy(reference.module(reference.inputs), torch.from_numpy(reference.labels))
    expected.backward()
    assert loss == pytest.approx(float(expected.detach()), abs=1e-6)
    torch.testing.assert_close(after, reference.module.weight.detach() - 0.5 * reference.module.weight.grad)


@pytest.mark.parametrize("plan", [{"micro_rows": 1}, {"micro_rows": 5}, {"token_budget": 130}])
def test_portions_of_a_batch_give_the_gradients_of_the_whole(plan: dict[str, int]) -> None:
    toy = Toy()
    whole, loss = weights_after_a_step(Toy())
    parts, same_loss = weights_after_a_step(toy, **plan)

    assert len(toy.asked) > 1
    torch.testing.assert_close(parts, whole, atol=1e-6, rtol=1e-6)
    assert same_loss == pytest.approx(loss, abs=1e-6)
    assert len({seed for _, seed in toy.asked}) == len(toy.asked), "two portions were augmented alike"


def test_shares_of_several_processes_average_to_the_gradient_of_the_batch() -> None:
    gradients = []
    for rank in range(3):
        toy = Toy()
        one = stepper(toy, rank=rank, world=3)
        one._over_all_processes = lambda loss: loss  # type: ignore[method-assign]  # there is only this process
        one._gradients(np.arange(ROWS), 0, seed=1)
        gradients.append(toy.module.weight.grad)
    alone = Toy()
    stepper(alone)._gradients(np.arange(ROWS), 0, seed=1)

    torch.testing.assert_close(sum(gradients) / 3, alone.module.weight.grad, atol=1e-6, rtol=1e-5)


def test_gradients_are_clipped_to_the_norm_asked_for() -> None:
    toy, free = Toy(), Toy()
    norm = stepper(free).step(np.arange(ROWS), 0, seed=1).gradient_norm
    before = toy.module.weight.detach().clone()
    result = stepper(toy, build({"max_grad_norm": norm / 4})).step(np.arange(ROWS), 0, seed=1)

    assert result.gradient_norm == pytest.approx(norm, rel=1e-6), "the norm told is the one before clipping"
    moved, moved_free = toy.module.weight.detach() - before, free.module.weight.detach() - before
    torch.testing.assert_close(moved, moved_free / 4, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_the_run_and_changes_nothing(bad: float) -> None:
    toy = Toy()
    before = toy.module.weight.detach().clone()
    toy.inputs[3, 2] = bad

    with pytest.raises(StudioError, match="stopped at step 8: the loss is no longer a number") as caught:
        stepper(toy).step(np.arange(ROWS), 7, seed=1)

    assert caught.value.where.field == "learning_rate"
    assert "smaller" in str(caught.value.hint)
    assert torch.equal(toy.module.weight, before)
    assert toy.module.weight.grad is None


def test_when_memory_runs_out_the_portions_are_halved_and_stay_so() -> None:
    toy = Toy(most_rows=7)
    whole, _ = weights_after_a_step(Toy())
    one = stepper(toy)
    one.step(np.arange(ROWS), 0, seed=1)

    assert one.plan.micro_rows == 6
    torch.testing.assert_close(toy.module.weight.detach(), whole, atol=1e-6, rtol=1e-6)
    toy.asked.clear()
    one.step(np.arange(ROWS), 1, seed=1)
    assert [rows for rows, _ in toy.asked] == [6, 6, 6, 6]


def test_when_memory_never_suffices_the_run_gives_up_with_advice() -> None:
    toy = Toy(most_rows=0)
    before = toy.module.weight.detach().clone()

    with pytest.raises(StudioError, match="too little memory") as caught:
        stepper(toy).step(np.arange(ROWS), 0, seed=1)

    assert len(toy.asked) == MOST_HALVINGS + 1
    assert "smaller model" in str(caught.value.hint)
    assert "rehearse" in str(caught.value.hint)
    assert torch.equal(toy.module.weight, before)
    assert toy.module.weight.grad is None


def test_the_last_try_is_the_one_named() -> None:
    with pytest.raises(StudioError, match="even for 3 rows at once"):
        stepper(Toy(most_rows=0)).step(np.arange(ROWS), 0, seed=1)


def test_a_row_that_broke_is_as_if_it_had_never_been_in_the_batch() -> None:
    whole, broken = Toy(), Toy()
    broken.broken = [3, 7]

    first = stepper(whole).step(np.array([1, 2, 4, 5]), 0, seed=1)
    second = stepper(broken).step(np.array([1, 2, 3, 4, 5, 7]), 0, seed=1)

    assert (second.loss, second.rows) == (pytest.approx(first.loss), 4)
    assert torch.equal(whole.module.weight, broken.module.weight)


def test_a_batch_of_nothing_but_a_broken_row_changes_nothing() -> None:
    toy = Toy()
    toy.broken = [3]
    one = stepper(toy)
    before = one.step(np.array([1, 2]), 0, seed=1)
    kept = toy.module.weight.clone()

    skipped = one.step(np.array([3]), 1, seed=1)

    assert (skipped.loss, skipped.rows) == (before.loss, 0)
    assert torch.equal(kept, toy.module.weight)


def test_a_batch_of_which_all_rows_broke_ends_the_run_in_words() -> None:
    toy = Toy()
    toy.broken = [3, 4, 5]
    one = stepper(toy)
    one.step(np.array([1, 2]), 0, seed=1)

    with pytest.raises(StudioError, match="None of the 3 pictures of a batch"):
        one.step(np.array([3, 4, 5]), 1, seed=1)
