"""Pieces of a document are learned as if it had never been cut, for every way to cut texts into tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from ftstudio.core import catalog
from ftstudio.core.settings import build
from ftstudio.engine.language import pieces, written_texts
from tests.support import tiny_writers

TASK: Any = catalog.tasks().module("text-generation")
CUTS = ("gpt-2", "smollm", "llama-bpe", "sentences", "tekken", "qwen2", "letters")
WORDS = (
    "The old man takes 12 pills.\n\nHe waits",
    ", and it's worse at night:\n",
    "\n\n“Café”, he said.\n\n",
    "  Two  blanks 345 days ",
    "ago",
)


def table(texts: list[str], document: list[int], row: list[int], ends: list[bool]) -> pa.Table:
    return pa.table({"text": texts, "document": document, "row": row, "ends": ends})


def of_one_document(*texts: str) -> pa.Table:
    count = len(texts)
    return table(list(texts), [0] * count, list(range(1, count + 1)), [False] * (count - 1) + [True])


def encoded(tokenizer: Any, rows: pa.Table) -> Any:
    return written_texts.encode(tokenizer, rows, "head", Path())


@pytest.mark.parametrize("cut", CUTS)
def test_the_tokens_of_all_pieces_are_those_of_the_document(cut: str) -> None:
    tokenizer = tiny_writers._tokenizer(cut)
    found, whole = encoded(tokenizer, of_one_document(*WORDS)), encoded(tokenizer, pa.table({"text": ["".join(WORDS)]}))

    assert found.ids.tolist() == whole.ids.tolist()
    assert found.ids.tolist().count(tokenizer.eos_token_id) == 1
    assert all(found.lengths > 0)
    assert found.goes_on.tolist() == [False, True, True, True, True]


def test_many_pieces_are_cut_a_few_at_a_time_and_lose_nothing() -> None:
    tokenizer = tiny_writers._tokenizer("smollm")
    rows = of_one_document(*WORDS * 300)
    found = encoded(tokenizer, rows)

    assert tokenizer.decode(found.ids[:-1]) == "".join(WORDS * 300)
    assert found.ids[-1] == tokenizer.eos_token_id
    assert found.ids.tolist().count(tokenizer.eos_token_id) == 1
    assert int(found.goes_on.sum()) == len(rows) - 1


def test_blocks_read_on_across_pieces_and_never_into_another_document(tiny_writer: Path) -> None:
    bundle = TASK.load(tiny_writer, [], build({"max_length": 16, "monitor": "loss", "packing": False}), trained=False)
    bundle.processor.model_max_length = 8
    texts = ["abc", "defghi", "jklmn", "op", "qrstu", "vxyz"]
    rows = table(texts, [0, 0, 0, 0, 1, 1], [1, 2, 3, 5, 1, 2], [False, False, False, True, False, True])
    blocks = TASK.encode(bundle, rows, Path()).in_blocks()
    read = [bundle.processor.decode(blocks.tokens(row)) for row in range(len(blocks))]

    assert read == ["abcdefgh", "ijklmn", "op<eos>", "qrstuvxy", "z<eos>"]
    assert blocks.source_rows == 6
    assert [bundle.processor.decode(blocks.truth[row]) for row in (0, 1)] == ["bcdefgh", "jklmn"]


def test_a_piece_without_the_one_before_it_begins_anew(tiny_writer: Path) -> None:
    bundle = TASK.load(tiny_writer, [], build({"max_length": 16, "monitor": "loss", "packing": False}), trained=False)
    examples = TASK.encode(bundle, of_one_document("abc", "def", "ghi", "jkl"), Path())
    kept = examples.only(np.array([True, False, True, True])).in_blocks()

    assert [bundle.processor.decode(kept.tokens(row)) for row in range(2)] == ["abc", "ghijkl<eos>"]
    assert bundle.processor.decode(kept.truth[1]) == "hijkl<eos>"


@pytest.mark.parametrize("packing", [True, False])
def test_a_piece_that_is_scored_has_an_end_only_where_its_document_has(tiny_writer: Path, packing: bool) -> None:
    bundle = TASK.load(tiny_writer, [], build({"max_length": 16, "monitor": "loss", "packing": packing}), trained=False)
    examples = TASK.encode(bundle, of_one_document("once upon", " a time"), Path())

    assert [bundle.processor.decode(examples.truth[row]) for row in (0, 1)] == ["nce upon", "a time<eos>"]
    with torch.inference_mode():
        both = TASK.logits(bundle.model, examples.batch([0, 1], None).inputs)
        alone = TASK.logits(bundle.model, examples.batch([1], None).inputs)
    torch.testing.assert_close(both[1, : examples.items[1]], alone[0], atol=1e-5, rtol=1e-5)


def test_rows_that_are_no_pieces_are_whole(tiny_writer: Path) -> None:
    tokenizer = tiny_writers._tokenizer("smollm")
    rows = of_one_document("abc", "def")

    assert pieces.of(rows).goes_on.tolist() == [False, True]
    assert encoded(tokenizer, pieces.as_wholes(rows)).ids.tolist().count(tokenizer.eos_token_id) == 2


def test_the_lens_shows_no_end_where_a_document_goes_on(tiny_writer: Path) -> None:
    settings = build({"max_length": 160, "monitor": "loss"})
    rows = of_one_document("A stone.", "It lies.")

    shown = ["".join(one.text for one in TASK.lens(tiny_writer, rows.slice(at, 1), settings).tokens) for at in (0, 1)]
    assert shown == ["A stone.", "It lies.<eos>"]
