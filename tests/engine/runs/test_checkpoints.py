"""Checkpoints: bit for bit, whole or not at all, and damage becomes a sentence."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from ftstudio.core.errors import StudioError
from ftstudio.core.settings import build
from ftstudio.engine.layers.freezing import LayerPlan
from ftstudio.engine.learning.memory import TooLittleMemoryError
from ftstudio.engine.learning.optim import SPARSE_FROM, Optimisers, build_optimisers
from ftstudio.engine.learning.state import Best, TrainingState
from ftstudio.engine.runs import checkpoints


class Network(nn.Module):
    """Has all that a checkpoint must hold: sparse and dense weights, statistics, dropout, and a frozen part."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(SPARSE_FROM, 4)
        self.frozen = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1d(4)
        self.dropout = nn.Dropout(0.4)
        self.head = nn.Linear(4, 2)
        for parameter in self.frozen.parameters():
            parameter.requires_grad_(False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        states = self.norm(self.frozen(self.words(ids).mean(1)))
        logits: torch.Tensor = self.head(self.dropout(states))
        return logits


def made(seed: int) -> tuple[Network, Optimisers]:
    torch.manual_seed(seed)
    model = Network()
    settings = build({"learning_rate": 0.01, "warmup": 0.0, "schedule": "constant"})
    return model, build_optimisers(model, LayerPlan((), frozenset()), settings, 20, sparse=True)


def learn(model: Network, optimisers: Optimisers, steps: range) -> None:
    model.train()
    for step in steps:
        optimisers.set_rates(step)
        ids = (torch.arange(24).reshape(8, 3) * 7 + step) % SPARSE_FROM
        model(ids).square().sum().backward()
        optimisers.step()


STATE = TrainingState(
    step=3,
    epoch=1,
    batch=2,
    rows=24,
    seconds=0.1 + 0.2,
    total_steps=20,
    steps_per_epoch=5,
    best=Best(step=2, metric="macro_f1", value=1 / 3, loss=0.7),
    checks=2,
    checks_without_gain=1,
)


@pytest.fixture
def saved(tmp_path: Path) -> Iterator[Path]:
    model, optimisers = made(1)
    learn(model, optimisers, range(3))
    checkpoints.save(tmp_path / "last", model, STATE, optimisers)
    yield tmp_path / "last"
    assert not [path for path in tmp_path.iterdir() if path.name not in ("last", "model")], "scraps were left"


def test_training_goes_on_from_a_checkpoint_bit_for_bit(tmp_path: Path) -> None:
    unbroken, optimisers = made(1)
    learn(unbroken, optimisers, range(3))
    checkpoints.save(tmp_path / "last", unbroken, STATE, optimisers)
    learn(unbroken, optimisers, range(3, 8))
    chance = torch.rand(4)

    other, others = made(1)  # the frozen part comes from the base model
    torch.manual_seed(99)
    assert checkpoints.restore(tmp_path / "last", other, others) == STATE
    learn(other, others, range(3, 8))

    for name, value in unbroken.state_dict().items():
        if "num_batches" not in name:
            assert torch.equal(other.state_dict()[name], value), name
    assert torch.equal(torch.rand(4), chance)


def test_the_state_of_the_optimisers_comes_back_whole(saved: Path) -> None:
    model, optimisers = made(1)
    learn(model, optimisers, range(3))
    other, others = made(2)
    checkpoints.restore(saved, other, others)

    assert len(others.members) == 2, "one for dense, one for sparse gradients"
    for one, two in zip(optimisers.members, others.members, strict=True):
        known, found = one.state_dict()["state"], two.state_dict()["state"]
        assert known.keys() == found.keys()
        for index, values in known.items():
            assert values.keys() == found[index].keys()
            for name, value in values.items():
                assert value == found[index][name] if not isinstance(value, torch.Tensor) else True
                assert not isinstance(value, torch.Tensor) or torch.equal(value, found[index][name])


def test_only_what_learns_is_stored(saved: Path) -> None:
    model, _ = made(1)
    names = set(checkpoints.learned_weights(model))

    assert not any("frozen" in name for name in names)
    assert {"words.weight", "head.bias", "norm.running_mean"} <= names
    before = model.frozen.weight.clone()
    checkpoints.restore(saved, model, None)
    assert torch.equal(model.frozen.weight, before)


def test_a_best_checkpoint_holds_weights_only(tmp_path: Path) -> None:
    model, _ = made(1)
    checkpoints.save(tmp_path / "best", model, STATE, None)

    assert {path.name for path in (tmp_path / "best").iterdir()} == {"weights.safetensors", "state.json"}
    assert checkpoints.restore(tmp_path / "best", model, None) == STATE
    assert checkpoints.exists(tmp_path / "best")
    assert not checkpoints.exists(tmp_path / "nothing")


def test_a_whole_checkpoint_is_not_called_damaged_when_memory_lacks(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_file(path: Path) -> dict[str, torch.Tensor]:
        raise RuntimeError(f"unable to mmap 9 bytes from file <{path}>: Cannot allocate memory (12)")

    monkeypatch.setattr(checkpoints, "load_file", load_file)
    model, optimisers = made(1)
    with pytest.raises(TooLittleMemoryError, match="too little memory to read the checkpoint"):
        checkpoints.restore(saved, model, optimisers)


FILES = ("weights.safetensors", "optimisers.safetensors", "chance.safetensors", "state.json")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "truncated", "empty", "noise"])
def test_a_damaged_checkpoint_becomes_a_sentence(saved: Path, name: str, damage: str) -> None:
    file = saved / name
    content = file.read_bytes()
    broken = {"truncated": content[: len(content) // 2], "empty": b"", "noise": b"\xff" * len(content)}
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(broken[damage])
    model, optimisers = made(2)

    with pytest.raises(StudioError, match="damaged") as caught:
        checkpoints.restore(saved, model, optimisers)

    assert caught.value.exit_code == 1
    assert caught.value.where.file == str(saved)


@pytest.mark.parametrize(
    "document", [[], {}, {"state": {}}, {"state": {"step": "x"}}, {"state": None}, {"state": STATE.model_dump()}]
)
def test_a_state_of_another_shape_becomes_a_sentence(saved: Path, document: Any) -> None:
    (saved / "state.json").write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(StudioError, match="damaged"):
        checkpoints.restore(saved, *made(2))


def test_weights_of_another_model_are_refused_and_nothing_is_loaded(saved: Path) -> None:
    model, optimisers = made(2)
    model.head = nn.Linear(4, 3)
    before = {name: value.clone() for name, value in model.state_dict().items()}

    with pytest.raises(StudioError, match=r"head\.\w+ does not fit"):
        checkpoints.restore(saved, model, optimisers)

    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_full_disk_leaves_the_checkpoint_before(saved: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    written = 0

    def full(tensors: Any, path: Path) -> None:
        nonlocal written
        if written == after:
            path.write_bytes(b"torn")
            raise OSError(errno.ENOSPC, "No space left on device")
        written += 1
        real(tensors, path)

    real = checkpoints.save_file
    monkeypatch.setattr(checkpoints, "save_file", full)
    model, optimisers = made(3)
    learn(model, optimisers, range(2))

    with pytest.raises(StudioError) as caught:
        checkpoints.save(saved, model, STATE, optimisers)

    assert caught.value.hint is not None
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert checkpoints.restore(saved, *made(2)) == STATE


def test_saving_does_not_touch_the_chance_or_the_weights(tmp_path: Path) -> None:
    model, optimisers = made(1)
    learn(model, optimisers, range(2))
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    before = model.head.weight.clone()
    checkpoints.save(tmp_path / "last", model, STATE, optimisers)

    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(model.head.weight, before)
