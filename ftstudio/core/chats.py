"""Conversations as they are written in one cell of a table, read into turns.

Three forms are in use: messages of `role` and `content` (OpenAI), of `from` and `value` (ShareGPT), and an
`instruction` with `input` and `output` (Alpaca). A cell that is none of these is a plain text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SYSTEM, USER, ASSISTANT = "system", "user", "assistant"
_ROLES = {
    "system": SYSTEM, "developer": SYSTEM,
    "user": USER, "human": USER, "prompter": USER,
    "assistant": ASSISTANT, "gpt": ASSISTANT, "bot": ASSISTANT, "model": ASSISTANT, "chatgpt": ASSISTANT,
}  # fmt: skip
_LISTS = ("messages", "conversations", "conversation", "turns", "dialog", "dialogue")

Fault = Literal["unknown_role", "turns_in_a_row", "empty_answer", "no_answer"]


@dataclass(frozen=True)
class Turn:
    """What one side of a conversation says; `role` is `system`, `user` or `assistant`."""

    role: str
    content: str


class BadChatError(ValueError):
    """A conversation that nothing can be learned from; `fault` says why, `detail` which role or turn."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault} {detail}".strip())
        self.fault, self.detail = fault, detail


def read(cell: str) -> tuple[Turn, ...] | None:
    """Return the turns of a conversation; None for a cell that is a plain text.

    Raises `BadChatError` for a conversation in which a role is unknown, two sides do not take turns, an answer is
    empty, or nobody answers.
    """
    turns = _any_turns(cell)
    if turns is not None:
        _check(turns)
    return turns


def asking(prompt: str) -> tuple[Turn, ...]:
    """Return the turns of what is asked: a conversation in one cell whose last turn is the user's, or a plain text."""
    turns = _any_turns(prompt)
    known = turns is not None and all(one.role in _ROLES for one in turns)
    return turns if turns and known and _ROLES[turns[-1].role] == USER else (Turn(USER, prompt),)


def in_words(cell: str) -> str:
    """Return a cell as people read it: of a conversation, who says what, a turn a line; a plain text as it is."""
    turns = _any_turns(cell)
    return cell if turns is None else "\n".join(f"{turn.role}: {turn.content}" for turn in turns)


def is_one(cell: str) -> bool:
    """Whether a cell holds a conversation, also one that nothing can be learned from."""
    return _any_turns(cell) is not None


def _any_turns(cell: str) -> tuple[Turn, ...] | None:
    """Return the turns of a conversation, also of one that nothing can be learned from; None for a plain text."""
    if not cell.lstrip().startswith(("[", "{")):
        return None
    try:
        return _turns(json.loads(cell))
    except (ValueError, RecursionError):
        return None


def of_pair(prompt: str, more: str | None, answer: str) -> tuple[Turn, ...]:
    """Return a prompt, perhaps with something it is about, and its answer as a conversation."""
    return Turn(USER, asked(prompt, more)), Turn(ASSISTANT, answer)


def asked(prompt: str, more: str | None) -> str:
    """Return what is asked as one text: the prompt, and below it what it is about."""
    return f"{prompt}\n\n{more}" if more and more.strip() else prompt


def _turns(found: Any) -> tuple[Turn, ...] | None:
    if isinstance(found, Mapping):
        if isinstance(found.get("instruction"), str) and isinstance(found.get("output"), str):
            return of_pair(found["instruction"], str(found.get("input") or ""), found["output"])
        found = next((found[key] for key in _LISTS if isinstance(found.get(key), list)), None)
    if not isinstance(found, list) or not found:
        return None
    read_turns = [_turn(one) for one in found]
    return None if any(one is None for one in read_turns) else tuple(one for one in read_turns if one is not None)


def _turn(found: Any) -> Turn | None:
    if not isinstance(found, Mapping):
        return None
    for who, what in (("role", "content"), ("from", "value")):
        if isinstance(found.get(who), str) and what in found:
            return Turn(found[who].strip().lower(), _words(found[what]))
    return None


def _words(content: Any) -> str:
    """Return what is said as one text; parts that are no texts (pictures, calls) are left out."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(one["text"] for one in parts if isinstance(one, Mapping) and isinstance(one.get("text"), str))


def _check(turns: Sequence[Turn]) -> None:
    before = ""
    for number, turn in enumerate(turns, start=1):
        role = _ROLES.get(turn.role)
        if role is None:
            raise BadChatError("unknown_role", turn.role)
        if role == before != SYSTEM:
            raise BadChatError("turns_in_a_row", str(number))
        if role == ASSISTANT and not turn.content.strip():
            raise BadChatError("empty_answer", str(number))
        before = role
    if not any(_ROLES[turn.role] == ASSISTANT for turn in turns):
        raise BadChatError("no_answer")


def plain(turns: Sequence[Turn]) -> list[dict[str, str]]:
    """Return turns as the chat templates of tokenizers take them, with the usual names of roles."""
    return [{"role": _ROLES[turn.role], "content": turn.content} for turn in turns]
