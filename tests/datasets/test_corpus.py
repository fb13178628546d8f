"""Whole texts to be learned: a large table stays where it lies, and a text that is read on in blocks is not cut."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ftstudio.core import catalog
from ftstudio.core.states import Split
from ftstudio.datasets import view, writing
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.store import Dataset
from ftstudio.datasets.view import View


def _view(path: Path, rows: int) -> View:
    writing.write_unsynced(path, pa.table({"text": [f"{row} {'word ' * 50}" for row in range(rows)]}))
    numbers = np.arange(rows, dtype=np.int64)
    return View(writing.open_table(path), np.zeros(rows, np.int8), numbers, numbers, numbers)


@pytest.mark.parametrize("kept", [0.001, 0.5, 0.99])
def test_rows_of_a_large_table_are_chosen_without_a_copy(
    kept: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _view(tmp_path / "table.arrow", 5_000)
    mask = np.random.default_rng(1).random(5_000) < kept
    copied = whole.keep(mask)
    monkeypatch.setattr(view, "LARGE", 100_000)
    before = pa.total_allocated_bytes()
    chosen = whole.keep(mask)

    assert pa.total_allocated_bytes() - before < 100_000
    assert chosen.table.equals(copied.table)
    assert chosen.index.tolist() == copied.index.tolist()


def test_of_whole_texts_only_conversations_are_cut(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"word": 0, "[UNK]": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    (tmp_path / "model").mkdir()
    tokenizer.save(str(tmp_path / "model" / "tokenizer.json"))
    said = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "word " * 99}]
    rows = [f"{row} word" for row in range(30)] + ["word " * 99, json.dumps(said)]
    source = tmp_path / "rows.jsonl"
    source.write_text("\n".join(json.dumps({"text": one}) for one in rows), encoding="utf-8")
    task = catalog.tasks().spec("text-generation")
    import_data(tmp_path / "data", task, ImportPlan(sources=(source,)))
    dataset = Dataset.open(tmp_path / "data")

    class Model:
        path = tmp_path / "model"

    found = {one.code: one for one in run_checks(dataset, task, Model(), 50)}
    assert dataset.count(Split.TRAIN) > 0
    assert found["long_texts"].rows == (32,)
    assert "long_texts" not in {one.code for one in run_checks(dataset, task, Model(), 5_000)}, "nothing is that long"
