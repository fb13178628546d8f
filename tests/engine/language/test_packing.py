"""Packed rows: what a model says of them, and what it learns from them, is what it says of each by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from ftstudio.core import catalog
from ftstudio.core.settings import build
from ftstudio.engine.language import packing
from ftstudio.engine.learning.batching import padded

TASK: Any = catalog.tasks().module("text-generation")
TEXTS = ["a stone", "b", "what lies there is a stone or a bird", "a bird", "two birds on a stone", "c"]


def loaded(folder: Path, *, packs: bool, kind: str = "texts") -> tuple[Any, Any]:
    settings = build({"max_length": 160, "monitor": "loss", "packing": packs, "dropout": 0.0, "precision": "fp32"})
    bundle = TASK.load(folder, [], settings, trained=False)
    columns = {"text": TEXTS} if kind == "texts" else {"text": TEXTS, "label": TEXTS[::-1]}
    return bundle, TASK.encode(bundle, pa.table(columns), Path())


@pytest.mark.parametrize("kind", ["texts", "chats"])
@pytest.mark.parametrize("model", ["tiny_writer", "tiny_chatter"])
def test_packed_rows_are_judged_and_learned_as_each_by_itself(
    request: pytest.FixtureRequest, model: str, kind: str
) -> None:
    every, grads, found = list(range(len(TEXTS))), [], []
    for packs in (True, False):
        bundle, examples = loaded(request.getfixturevalue(model), packs=packs, kind=kind)
        batch = examples.batch(every, None)
        assert ("position_ids" in batch.inputs) is packs
        said = TASK.logits(bundle.model, batch.inputs)
        TASK.loss(said, batch.labels, bundle.settings, None).sum().backward()
        found.append(said.detach())
        grads.append([one.grad for one in bundle.model.parameters()])

    torch.testing.assert_close(found[0], found[1], atol=1e-5, rtol=1e-5)
    for mine, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=1e-4)


def test_no_row_sees_another(tiny_writer: Path) -> None:
    bundle, examples = loaded(tiny_writer, packs=True)
    alone = TASK.logits(bundle.model, examples.batch([3], None).inputs)
    for others in ([2, 3, 0, 5], [2, 0, 3, 1], [2, 5, 4, 3]):
        batch = examples.batch(others, None)
        assert len(batch.inputs["input_ids"]) < len(others)
        among = TASK.logits(bundle.model, batch.inputs)[others.index(3), : examples.items[3]]
        torch.testing.assert_close(among, alone[0], atol=1e-5, rtol=1e-5)


def test_lines_are_full_and_never_longer_than_the_longest_row() -> None:
    chance = np.random.default_rng(3)
    rows = [chance.integers(1, 99, size=length) for length in chance.integers(1, 60, size=40)]
    laid = packing.lay(rows, 0)

    assert laid.ids.shape[1] == padded(max(map(len, rows)))
    assert laid.ids.size < 1.15 * sum(map(len, rows)), "40 rows of all lengths leave little room"
    flat, positions = laid.ids.ravel(), laid.positions.ravel()
    taken = np.zeros(flat.size, dtype=int)
    for row, start in zip(rows, laid.starts, strict=True):
        assert (flat[start : start + len(row)] == row).all()
        assert (positions[start : start + len(row)] == np.arange(len(row))).all()
        assert start // laid.ids.shape[1] == (start + len(row) - 1) // laid.ids.shape[1], "no row is broken"
        taken[start : start + len(row)] += 1
    assert taken.max() == 1
    assert (flat[taken == 0] == 0).all()


def test_a_model_that_cannot_keep_rows_apart_fills_them_up(tiny_writer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle, _ = loaded(tiny_writer, packs=True)
    assert getattr(bundle.model, packing.ABLE)
    plain = bundle.model.base_model.forward

    def without_positions(**inputs: Any) -> Any:
        return plain(**{key: value for key, value in inputs.items() if key != "position_ids"})

    monkeypatch.setattr(bundle.model.base_model, "forward", without_positions)
    assert not packing.keeps_apart(bundle.model)


def test_gpt2_keeps_rows_apart(tiny_gpt2: Path) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM

    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(tiny_gpt2))
    assert packing.keeps_apart(model.eval())
