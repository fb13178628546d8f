"""Words find their tokens, whatever kind of tokenizer made them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ftstudio.core import units
from ftstudio.core.errors import InputError
from ftstudio.core.spans import Span, write
from ftstudio.engine.language.tagged_texts import UNTAGGED, encode_tagged

PASSAGES = [
    "Ana lives in Lisbon, Portugal.",
    "Ana\u2019s caf\u00e9 cafe\u0301 opened",
    "I \u2764\ufe0f Lisbon 🙂🙂 today 👩\u200d💻",
    "नमस्ते दुनिया, लिस्बन",
    "  two\n\nlines\tand  spaces ",
    "日本語 тест unbelievable",
    "",
]
CORPUS = [*PASSAGES, "an unbelievable story of Lisbon and Portugal", "seawater lives there today"] * 3
TAGS = units.tags_for(["city", "person"])


def _wordpiece() -> Any:
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors, trainers
    from tokenizers.models import WordPiece

    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=160, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def _byte_level(trim_offsets: bool) -> Any:
    from tokenizers import Tokenizer, pre_tokenizers, processors, trainers
    from tokenizers.models import BPE

    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=trim_offsets)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=320, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(CORPUS, trainer)
    if trim_offsets:
        tokenizer.post_processor = processors.RobertaProcessing(("[SEP]", 3), ("[CLS]", 2))
    else:
        tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def _unigram() -> Any:
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors, trainers
    from tokenizers.models import Unigram

    tokenizer = Tokenizer(Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    trainer = trainers.UnigramTrainer(vocab_size=180, special_tokens=special, unk_token="[UNK]")
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


FAMILIES: dict[str, Callable[[], Any]] = {
    "WordPiece, as BERT": _wordpiece,
    "byte-level BPE, as RoBERTa": lambda: _byte_level(True),
    "byte-level BPE, as GPT-2": lambda: _byte_level(False),
    "Unigram with Metaspace, as XLM-R": _unigram,
}


@pytest.fixture(params=FAMILIES)
def tokenizer(request: pytest.FixtureRequest) -> Any:
    from transformers import PreTrainedTokenizerFast

    made = FAMILIES[request.param]()
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=512, **names)


def test_the_token_of_a_word_holds_its_first_letter(tokenizer: Any) -> None:
    encoded = encode_tagged(tokenizer, PASSAGES, ["[]"] * len(PASSAGES), TAGS, "head")

    for row, passage in enumerate(PASSAGES):
        offsets = tokenizer(passage, return_offsets_mapping=True)["offset_mapping"]
        places = units.units_of(passage)
        assert len(encoded.tokens[row]) == len(places)
        for (start, _), at in zip(places, encoded.tokens[row], strict=True):
            assert at >= 0, passage[start:]
            assert offsets[at][0] <= start < offsets[at][1]
            assert not any(a <= start < b for a, b in offsets[:at]), "the first such token speaks for the word"


def test_what_a_cell_marks_comes_back_as_the_words_it_covers(tokenizer: Any) -> None:
    marked = [Span(start=0, end=3, label="person"), Span(start=13, end=19, label="city")]

    encoded = encode_tagged(tokenizer, PASSAGES[:1], [write(marked)], TAGS, "head")

    assert [TAGS[at] for at in encoded.truth[0]] == ["B-person", "O", "O", "B-city", "O", "O", "O"]
    batch = encoded.batch([0], None)
    assert batch.labels.tolist() == [encoded.truth[0].tolist()]
    chosen = batch.inputs["input_ids"][0][batch.inputs["units"][0]].tolist()
    ids = tokenizer(PASSAGES[0])["input_ids"]
    assert chosen == [ids[at] for at in encoded.tokens[0]]


@pytest.mark.parametrize("long_text", ["head", "tail", "both"])
def test_words_that_are_cut_off_have_no_token_and_are_not_learned(tokenizer: Any, long_text: str) -> None:
    passage = " ".join(f"Lisbon {number}" for number in range(40))
    tokenizer.model_max_length = 24

    encoded = encode_tagged(tokenizer, [passage], ['[[0, 6, "city"]]'], TAGS, long_text)

    gone = encoded.tokens[0] < 0
    assert encoded.truncated.all()
    assert gone.any()
    assert not gone.all()
    assert {"head": not gone[0], "tail": gone[2] and not gone[-1], "both": not gone[0] and not gone[-1]}[long_text]
    assert encoded.tokens[0].max() < 24
    labels = encoded.batch([0], None).labels[0].numpy()
    assert (labels[gone] == UNTAGGED).all()
    assert (labels[~gone] >= 0).all()
    read = encoded.texts.batch([0], None).inputs["input_ids"][0].numpy()
    whole = tokenizer(passage, return_offsets_mapping=True)
    for word in np.flatnonzero(~gone):
        start = units.units_of(passage)[word, 0]
        at = next(at for at, (a, b) in enumerate(whole["offset_mapping"]) if a <= start < b)
        assert read[encoded.tokens[0][word]] == whole["input_ids"][at]


def test_rows_whose_places_are_not_known_are_not_learned(tokenizer: Any) -> None:
    encoded = encode_tagged(tokenizer, ["Ana lives", "Ana lives", "Ana"], ["[]", None, "no places"], TAGS, "head")

    assert encoded.labels.tolist() == [0, -1, -1]
    assert (encoded.batch([1, 2], None).labels == UNTAGGED).all()
    assert encoded.items.tolist() == [2, 2, 1]
    assert encoded.only(np.array([False, True, True])).labels.tolist() == [-1, -1]


def test_a_tokenizer_that_knows_no_places_is_refused() -> None:
    with pytest.raises(InputError, match="cannot tell which letters"):
        encode_tagged(object(), ["Ana"], ["[]"], TAGS, "head")
