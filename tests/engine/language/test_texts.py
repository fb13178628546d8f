"""Texts become token ids: nothing is cut unseen, and what is cut is cut where the user said."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.settings import build
from ftstudio.core.states import Split
from ftstudio.engine.language import text as texts
from ftstudio.engine.language.text import TextExamples, encode, load_tokenizer, set_dropout, shortened
from ftstudio.engine.learning.batching import padded
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.runs.preparation import usable
from tests.engine.layers.test_features import feed_of
from tests.support.tiny_models import WORDS

LONG = "red green blue apple river stone cloud train paper window garden summer"


def encoded(folder: Path, texts: list[str], long_text: str, limit: int, pairs: list[str] | None = None) -> TextExamples:
    tokenizer = load_tokenizer(folder, limit, long_text)
    return encode(tokenizer, texts, pairs, np.zeros(len(texts), dtype=np.int64), long_text)


def words(folder: Path, examples: TextExamples, row: int) -> str:
    tokenizer = load_tokenizer(folder, 64, "head")
    ids = examples.ids[examples.offsets[row] : examples.offsets[row + 1]]
    return str(tokenizer.decode(ids.tolist()))


@pytest.mark.parametrize(
    ("long_text", "kept"),
    [
        ("head", "[CLS] red green blue apple river stone [SEP]"),
        ("tail", "[CLS] train paper window garden summer [SEP]"),
        ("both", "[CLS] red green blue window garden summer [SEP]"),
    ],
)
def test_long_texts_are_cut_where_the_user_said(tiny_text_model: Path, long_text: str, kept: str) -> None:
    examples = encoded(tiny_text_model, [LONG, "a good film"], long_text, 8)

    assert examples.truncated.tolist() == [True, False]
    assert examples.lengths.tolist() == [8, 5]
    found = words(tiny_text_model, examples, 0)
    assert found.startswith("[CLS]")
    assert found.endswith("[SEP]")
    if long_text != "tail":
        assert found == kept
    else:
        assert found.endswith(kept.removeprefix("[CLS] "))
    assert words(tiny_text_model, examples, 1) == "[CLS] a good film [SEP]"


@pytest.mark.parametrize("long_text", ["head", "tail", "both"])
@pytest.mark.parametrize("between", [" ", "\n", " " * 3_000, "", "x"])
def test_of_an_endless_text_the_same_is_read_though_the_tokenizer_sees_little_of_it(
    between: str, long_text: str, tiny_text_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = between.join(WORDS[number * number % len(WORDS)] for number in range(40_000 if len(between) < 9 else 400))
    tokenizer = load_tokenizer(tiny_text_model, 32, long_text)
    seen = shortened(tokenizer, book, 32, long_text)
    pair = ["a good film"]
    quick, with_pair = (encoded(tiny_text_model, [book], long_text, 32, pairs) for pairs in (None, pair))
    monkeypatch.setattr(texts, "_ENDLESS", 10**9)
    whole, whole_with_pair = (encoded(tiny_text_model, [book], long_text, 32, pairs) for pairs in (None, pair))

    assert quick.ids.tolist() == whole.ids.tolist() and quick.truncated.tolist() == whole.truncated.tolist()
    assert with_pair.ids.tolist() == whole_with_pair.ids.tolist()
    if between in (" ", "\n"):
        assert len(seen) < len(book) / 4


def test_a_limit_in_the_tokenizer_file_does_not_count(tiny_text_model: Path, tmp_path: Path) -> None:
    """MiniLM's file says to cut at 128 tokens, silently."""
    from tokenizers import Tokenizer

    folder = shutil.copytree(tiny_text_model, tmp_path / "model")
    inner = Tokenizer.from_file(str(folder / "tokenizer.json"))
    inner.enable_truncation(4)
    inner.enable_padding(length=50)
    inner.save(str(folder / "tokenizer.json"))

    assert encoded(folder, [LONG, "a film"], "head", 32).lengths.tolist() == [14, 4]


@pytest.mark.parametrize("content", ["", "[]", '{"model": 3}'])
def test_a_broken_tokenizer_is_named(tiny_text_model: Path, tmp_path: Path, content: str) -> None:
    folder = shutil.copytree(tiny_text_model, tmp_path / "model")
    (folder / "tokenizer.json").write_text(content, encoding="utf-8")

    with pytest.raises(StudioError, match="tokenizer") as caught:
        load_tokenizer(folder, 64, "head")

    assert caught.value.where.file == str(folder)


def test_pairs_share_the_room_and_are_told_apart(tiny_text_model: Path) -> None:
    examples = encoded(tiny_text_model, [LONG, "good"], "head", 12, [LONG, "bad film"])

    assert examples.lengths.tolist() == [12, 6]
    assert words(tiny_text_model, examples, 1) == "[CLS] good [SEP] bad film [SEP]"
    assert words(tiny_text_model, examples, 0).count("[SEP]") == 2
    if examples.segments is not None:
        start = examples.offsets[1]
        assert examples.segments[start : start + 6].tolist() == [0, 0, 0, 1, 1, 1]


def test_rows_are_padded_to_the_longest_of_the_batch_only(tiny_text_model: Path) -> None:
    examples = encoded(tiny_text_model, ["good", LONG, "a bad film"], "head", 32)
    batch = examples.batch([0, 2], None)

    assert batch.inputs["input_ids"].shape == (2, padded(5))
    assert batch.inputs["attention_mask"].sum(1).tolist() == [3, 5]
    assert (batch.inputs["input_ids"][0, 3:] == examples.pad_id).all()
    assert examples.batch([1], None).inputs["input_ids"].shape == (1, padded(int(examples.lengths[1])))


def test_some_rows_only(tiny_text_model: Path) -> None:
    examples = encoded(tiny_text_model, ["good", LONG, "a bad film"], "head", 8)
    some = examples.only(np.array([False, True, True]))

    assert some.lengths.tolist() == [8, 5]
    assert some.truncated.tolist() == [True, False]
    whole, part = examples.batch([1, 2], None), some.batch([0, 1], None)
    assert all(torch.equal(part.inputs[name], value) for name, value in whole.inputs.items())


def test_no_texts(tiny_text_model: Path) -> None:
    assert len(encoded(tiny_text_model, [], "head", 8)) == 0


@pytest.mark.parametrize("text", ["", "   ", "\x00\ufffd", "😀" * 50, "x" * 5000])
def test_any_text_can_be_encoded(tiny_text_model: Path, text: str) -> None:
    examples = encoded(tiny_text_model, [text], "both", 16)

    assert 2 <= examples.lengths[0] <= 16


def test_dropping_long_texts_leaves_the_others(request: pytest.FixtureRequest) -> None:
    feed: ModelFeed = feed_of(request, "tiny_text_model", long_text="drop", max_length=16)
    examples: Any = feed.examples
    assert 0 < examples.truncated.sum() < len(examples)

    kept = usable(examples, feed.settings)

    assert len(kept) == (~examples.truncated).sum()
    with pytest.raises(InputError, match="No training row is left") as caught:
        usable(examples.only(examples.truncated), feed.settings)
    assert caught.value.where.field == "long_text"
    assert len(usable(examples, build({"long_text": "head"}))) == len(examples)


def test_every_dropout_of_a_model_is_set(tiny_text_model: Path) -> None:
    from tests.engine.layers.test_freezing import load

    model = load(tiny_text_model, "text", dropout=0.0).model
    assert {module.p for module in model.modules() if isinstance(module, nn.Dropout)} == {0.0}
    set_dropout(model, 0.4)
    assert {module.p for module in model.modules() if isinstance(module, nn.Dropout)} == {0.4}
    set_dropout(model, None)
    assert {module.p for module in model.modules() if isinstance(module, nn.Dropout)} == {0.4}


def test_training_rows_are_those_of_the_split(request: pytest.FixtureRequest) -> None:
    from ftstudio.datasets.store import Dataset

    feed = feed_of(request, "tiny_text_model")
    dataset = Dataset.open(request.getfixturevalue("text_template") / "data")
    labels = dataset.table(Split.TRAIN)["label"].to_pylist()

    assert [dataset.labels[at] for at in feed.labels] == labels


def test_rows_without_an_answer_are_not_called_too_long(tiny_text_model: Path) -> None:
    examples = encode(load_tokenizer(tiny_text_model, 16, "drop"), [LONG], None, np.array([-1]), "drop")
    with pytest.raises(InputError, match="none has an answer") as caught:
        usable(examples, build({"long_text": "drop", "max_length": 16}))
    assert "report" in str(caught.value.hint)
