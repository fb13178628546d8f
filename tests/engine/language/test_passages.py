"""Words of a passage of any length find the window and the token that speak for them, whatever tokenizer made them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ftstudio.core import units
from ftstudio.core.errors import InputError
from ftstudio.engine.language.passages import UNKNOWN, Passages, encode_passages
from tests.engine.language.test_tagged_texts import FAMILIES, PASSAGES

QUESTION = "Lisbon story"


@pytest.fixture(params=FAMILIES)
def tokenizer(request: pytest.FixtureRequest) -> Any:
    from tokenizers import processors
    from transformers import PreTrainedTokenizerFast

    made = FAMILIES[request.param]()
    if isinstance(made.post_processor, processors.TemplateProcessing):
        made.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[("[CLS]", made.token_to_id("[CLS]")), ("[SEP]", made.token_to_id("[SEP]"))],
        )
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=512, **names)


def encoded(tokenizer: Any, passages: list[str], cells: list[str | None] | None = None) -> Passages:
    return encode_passages(tokenizer, [QUESTION] * len(passages), passages, cells or ["[]"] * len(passages))


def test_first_and_last_letter_of_a_word_have_their_tokens(tokenizer: Any) -> None:
    rows = encoded(tokenizer, PASSAGES)

    assert rows.row_by_row
    for row, passage in enumerate(PASSAGES):
        whole = tokenizer(QUESTION, passage, return_offsets_mapping=True)
        offsets, which = whole["offset_mapping"], whole.sequence_ids()
        places = units.units_of(passage)
        assert rows.items[row] == len(places) + 1
        assert rows.speakers[row][0].tolist() == [0, 0, 0, 0]
        before = 0, 0
        for (start, end), (_, first, _, last) in zip(places, rows.speakers[row][1:], strict=True):
            holding = [at for at, (a, b) in enumerate(offsets) if which[at] == 1 and a < end and b > start]
            assert (first, last) == ((holding[0], holding[-1]) if holding else before)
            before = first, last


def test_of_a_long_passage_nothing_is_lost(tokenizer: Any) -> None:
    passage = " ".join(f"Lisbon {number}" for number in range(60))
    whole = tokenizer(QUESTION, passage, return_offsets_mapping=True, return_tensors="np")
    tokenizer.model_max_length = 40

    rows = encoded(tokenizer, [passage, "Ana"], ['[[0, "Lisbon 0 Lisbon"]]', "[]"])

    assert not rows.row_by_row
    assert rows.lengths[0] > whole["input_ids"].shape[1]
    assert rows.windows.lengths.max() <= 40
    batch = rows.batch([1, 0], None)
    assert batch.inputs["input_ids"].shape[0] == len(rows.windows)
    assert batch.labels.tolist() == [[0, 0], [1, 3]]
    read = batch.inputs["input_ids"].flatten().numpy()
    offsets, which = whole["offset_mapping"][0], whole.sequence_ids(0)
    for (start, end), at, to in zip(
        units.units_of(passage), batch.inputs["starts"][1, 1:], batch.inputs["ends"][1, 1:], strict=True
    ):
        holding = [n for n, (a, b) in enumerate(offsets) if which[n] == 1 and a < end and b > start]
        ids = whole["input_ids"][0]
        assert (read[int(at)], read[int(to)]) == (ids[holding[0]], ids[holding[-1]])
    assert (batch.inputs["starts"][0, 2:] == -1).all(), "a row with fewer words has no more items"


def test_a_word_speaks_where_it_has_most_around_it(tokenizer: Any) -> None:
    passage = " ".join(f"Lisbon {number}" for number in range(60))
    tokenizer.model_max_length = 40

    rows = encoded(tokenizer, [passage])

    windows = tokenizer(
        [QUESTION], [passage], truncation="only_second", max_length=40, stride=8, return_overflowing_tokens=True
    ).encodings
    for (start, _), (window, token, _, _) in zip(units.units_of(passage), rows.speakers[0][1:], strict=True):
        best = []
        for number, one in enumerate(windows):
            tokens = [at for at, text in enumerate(one.sequence_ids) if text == 1]
            for at in tokens:
                if one.offsets[at][0] <= start < one.offsets[at][1]:
                    best.append((min(at - tokens[0], tokens[-1] - at) + 0.01 * len(tokens), -number, at))
                    break
        assert (-max(best)[1], max(best)[2]) == (window, token)


def test_a_question_that_leaves_no_room_is_cut_and_marked(tokenizer: Any) -> None:
    tokenizer.model_max_length = 24

    rows = encode_passages(tokenizer, ["Lisbon " * 40, "Ana"], ["Portugal"] * 2, ['[[0, "Portugal"]]'] * 2)

    assert rows.truncated.tolist() == [True, False]
    assert rows.windows.lengths.max() <= 24
    assert rows.places.tolist() == [[1, 1], [1, 1]]


def test_rows_whose_answer_is_not_known_or_not_there_are_not_learned(tokenizer: Any) -> None:
    cells = ["[]", None, "[1]", "Rome", "Ana"]
    rows = encoded(tokenizer, ["Ana lives"] * 5, cells)

    assert rows.labels.tolist() == [0, -1, -1, -1, 0]
    assert rows.losses.tolist() == [1] * 5
    assert (rows.batch([1, 2], None).labels == UNKNOWN).all()
    kept = rows.only(np.array([False, True, False, False, True]))
    assert kept.labels.tolist() == [-1, 0]
    assert kept.batch([1], None).labels.tolist() == [[1, 1]]
    assert kept.truth[1].tolist() == ["Ana lives", "Ana"]


def test_a_tokenizer_that_knows_no_places_is_refused() -> None:
    with pytest.raises(InputError, match="cannot tell which letters"):
        encode_passages(object(), ["Ana"], ["Ana"], ["[]"])
