"""Stored rows: what is written comes back, in memory and on disk, ragged or not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from ftstudio.core.errors import StudioError
from ftstudio.engine.layers import store
from ftstudio.engine.layers.store import FeatureStore
from ftstudio.engine.learning.batching import padded

TYPES = [torch.float32, torch.bfloat16, torch.float16, torch.uint8]


@pytest.fixture(params=["memory", "disk"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "disk":
        monkeypatch.setattr(store, "MEMORY_SHARE", 0.0)
    return str(request.param)


def random(shape: tuple[int, ...], kind: torch.dtype) -> torch.Tensor:
    return (torch.rand(shape, generator=torch.Generator().manual_seed(1)) * 200).to(kind)


@pytest.mark.parametrize("kind", TYPES)
def test_rows_of_one_shape_come_back(place: str, kind: torch.dtype) -> None:
    values = random((10, 3, 4, 5), kind)
    rows = FeatureStore.allocate(values[:2], np.full(10, 7, dtype=np.int64), ragged=False)
    rows.write(np.arange(5, 10), values[5:])
    rows.write(np.arange(5), values[:5])

    assert isinstance(rows._flat, np.memmap) is (place == "disk")
    assert torch.equal(rows.rows([7, 0, 7, 9]), values[[7, 0, 7, 9]])
    assert rows.rows(np.array([3])).dtype == kind


@pytest.mark.parametrize("kind", TYPES[:3])
def test_ragged_rows_come_back_padded_with_zeros(place: str, kind: torch.dtype) -> None:
    lengths = np.array([3, 8, 1, 11], dtype=np.int64)
    values = random((4, 16, 6), kind)
    rows = FeatureStore.allocate(values, lengths, ragged=True)
    rows.write(np.arange(4), values)

    found = rows.rows([2, 0])
    assert found.shape == (2, padded(3), 6)
    assert torch.equal(found[0, :1], values[2, :1])
    assert torch.equal(found[1, :3], values[0, :3])
    assert not found[0, 1:].any()
    assert not found[1, 3:].any()
    assert rows.rows([3]).shape == (1, padded(11), 6)
    assert torch.equal(rows.rows([3])[0, :11], values[3, :11])


def test_ragged_rows_take_only_their_own_room() -> None:
    lengths = np.array([1, 2, 100], dtype=np.int64)
    rows = FeatureStore.allocate(torch.zeros(1, 104, 8), lengths, ragged=True)

    assert rows._flat.shape == (103, 8)


def test_what_is_on_disk_leaves_no_file_behind(monkeypatch: pytest.MonkeyPatch, isolated_home: Path) -> None:
    monkeypatch.setattr(store, "MEMORY_SHARE", 0.0)
    rows = FeatureStore.allocate(torch.zeros(1, 8), np.ones(4, dtype=np.int64), ragged=False)
    rows.write(np.arange(4), torch.ones(4, 8))

    assert not [path for path in isolated_home.rglob("*") if path.is_file()]
    assert rows.rows([2]).sum() == 8


def test_too_little_room_is_told_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MEMORY_SHARE", 0.0)
    monkeypatch.setattr(store.psutil, "disk_usage", lambda folder: SimpleNamespace(free=100))

    with pytest.raises(StudioError, match="too little room") as caught:
        FeatureStore.allocate(torch.zeros(1, 800), np.ones(4, dtype=np.int64), ragged=False)

    assert caught.value.where.field == "cache_features"


def test_a_store_of_nothing() -> None:
    assert FeatureStore.empty()._offsets.tolist() == [0]
