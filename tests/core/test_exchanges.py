"""What a row asks, and what it says should be written."""

from __future__ import annotations

import json

from ftstudio.core.exchanges import BEGINNING, LONGEST, exchange_of, rows_of

TALK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Printer is jammed."},
    {"role": "assistant", "content": "Open the tray."},
    {"role": "user", "content": "Done."},
    {"role": "assistant", "content": "Print again."},
]


def test_of_a_conversation_the_last_answer_is_wanted_and_the_rest_asked() -> None:
    (row,) = rows_of({"text": [json.dumps(TALK)]})

    found = exchange_of(row)

    assert found is not None
    assert found.is_chat
    assert found.wanted == "Print again."
    assert found.asked.splitlines()[0] == "system: Be brief."
    assert json.loads(found.prompt) == TALK[:4]


def test_a_single_question_is_shown_without_who_asks() -> None:
    (row,) = rows_of({"text": ["Who pays?"], "text_pair": ["The rent."], "label": ["The tenant."]})

    found = exchange_of(row)

    assert found is not None
    assert (found.asked, found.wanted) == ("Who pays?\n\nThe rent.", "The tenant.")


def test_a_text_is_cut_at_the_end_of_a_word_and_goes_on() -> None:
    found = exchange_of("The pain began days ago and is worse at night.")

    assert found is not None
    assert not found.is_chat
    assert found.asked == found.prompt == "The pain began days ago"
    assert found.wanted == "and is worse at night."
    long = exchange_of("word " * 1_000)
    assert long is not None
    assert len(long.prompt) <= BEGINNING
    assert len(long.wanted) <= LONGEST


def test_what_asks_nothing_has_no_exchange() -> None:
    faulty = json.dumps([{"role": "user", "content": "a"}, {"role": "user", "content": "b"}])
    begins = json.dumps([{"role": "assistant", "content": "Hello."}, {"role": "user", "content": "b"}])
    rows = rows_of({"text": ["", "word", faulty, begins]})

    assert [exchange_of(one) for one in rows] == [None] * 4
