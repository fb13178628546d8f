"""Conversations are read from the forms in use, and what cannot be learned from is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ftstudio.core import chats
from ftstudio.core.chats import BadChatError, Turn

USER, ANSWER = Turn("user", "Which day?"), Turn("assistant", "Monday.")


@pytest.mark.parametrize(
    "cell",
    [
        [{"role": "user", "content": "Which day?"}, {"role": "assistant", "content": "Monday."}],
        {"messages": [{"role": "user", "content": "Which day?"}, {"role": "assistant", "content": "Monday."}]},
        {"conversations": [{"from": "human", "value": "Which day?"}, {"from": "gpt", "value": "Monday."}]},
        [
            {"role": "User", "content": [{"text": "Which day?"}]},
            {"role": "model", "content": "Monday."},
        ],
        {"instruction": "Which day?", "input": "", "output": "Monday."},
    ],
)
def test_every_form_gives_the_same_turns(cell: Any) -> None:
    turns = chats.read(json.dumps(cell))

    assert turns is not None
    assert chats.plain(turns) == chats.plain([USER, ANSWER])


def test_what_an_instruction_is_about_stands_below_it() -> None:
    turns = chats.read(json.dumps({"instruction": "Shorten:", "input": "A long text.", "output": "Text."}))

    assert turns == (Turn("user", "Shorten:\n\nA long text."), Turn("assistant", "Text."))


PLAIN = ["Hello", "[1, 2]", '{"a": 1}', "[not JSON", "[]", "", '["a", {"role": "user"}]', "[" * 9999]


@pytest.mark.parametrize("cell", PLAIN, ids=lambda cell: cell[:9])
def test_anything_else_is_a_plain_text(cell: str) -> None:
    assert chats.read(cell) is None


@pytest.mark.parametrize(
    ("turns", "fault", "detail"),
    [
        ([("user", "a"), ("tool", "b")], "unknown_role", "tool"),
        ([("user", "a"), ("user", "b"), ("assistant", "c")], "turns_in_a_row", "2"),
        ([("user", "a"), ("assistant", "b"), ("assistant", "c")], "turns_in_a_row", "3"),
        ([("user", "a"), ("assistant", "  ")], "empty_answer", "2"),
        ([("system", "s"), ("user", "a")], "no_answer", ""),
    ],
)
def test_faults_are_told(turns: list[tuple[str, str]], fault: str, detail: str) -> None:
    with pytest.raises(BadChatError) as told:
        chats.read(json.dumps([{"role": role, "content": words} for role, words in turns]))

    assert (told.value.fault, told.value.detail) == (fault, detail)


def test_what_is_asked_is_a_text_or_a_conversation_that_the_user_ends() -> None:
    talk = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "human", "content": "c"}]

    assert [one.content for one in chats.asking(json.dumps(talk))] == ["a", "b", "c"]
    for words in ("Hi?", "[1, 2", "[]", json.dumps(talk[:2]), json.dumps([{"role": "cook", "content": "a"}])):
        assert chats.asking(words) == (chats.Turn("user", words),)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (json.dumps([{"role": "user", "content": "Which day?"}, {"role": "tool", "content": "9"}]),
         "user: Which day?\ntool: 9"),
        (json.dumps({"conversations": [{"from": "human", "value": "Which day?"}]}), "human: Which day?"),
        ("[a stage direction]", "[a stage direction]"),
        ("[" * 100_000, "[" * 100_000),
        ("Plain.", "Plain."),
    ],
)  # fmt: skip
def test_a_conversation_is_shown_as_what_is_said_also_a_faulty_one(cell: str, words: str) -> None:
    assert chats.in_words(cell) == words
