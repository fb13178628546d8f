"""What a row asks of a model that writes, and what it says should be written.

Of a conversation that is its last answer to all that was said before; of a text, how it goes on after its beginning.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ftstudio.core import chats
from ftstudio.core.chats import ASSISTANT, BadChatError, Turn

BEGINNING, LONGEST = 300, 600
"""Letters: so much of a text is given at most, and so much of what follows is wanted."""


@dataclass(frozen=True)
class Exchange:
    """What is asked, as people read it (`asked`) and as a model is given it in one cell (`prompt`), and what is wanted;
    `is_chat` tells a conversation from the beginning of a text.
    """

    asked: str
    prompt: str
    wanted: str
    is_chat: bool


def rows_of(columns: Mapping[str, Sequence[str | None]]) -> list[tuple[Turn, ...] | str]:
    """Return each row as what it is: a conversation, or a text; one that cannot be learned is an empty text.

    The column `text` holds whole texts, conversations, or, beside a column `label`, prompts; `text_pair` what a prompt
    is about.
    """
    texts = [one or "" for one in columns["text"]]
    if "label" in columns:
        pairs = zip(texts, columns.get("text_pair", [None] * len(texts)), columns["label"], strict=True)
        return [chats.of_pair(one, about, right) if right and right.strip() else "" for one, about, right in pairs]
    return [_read(one) for one in texts]


def exchange_of(row: tuple[Turn, ...] | str) -> Exchange | None:
    """Return what a row of `rows_of` asks; None where it asks nothing."""
    if isinstance(row, str):
        return _halves(row)
    messages = chats.plain(row)
    last = max((at for at, one in enumerate(messages) if one["role"] == ASSISTANT), default=0)
    if not last:
        return None
    before = messages[:last]
    asked = (
        before[0]["content"] if len(before) == 1 else "\n".join(f"{one['role']}: {one['content']}" for one in before)
    )
    return Exchange(asked, json.dumps(before, ensure_ascii=False), messages[last]["content"], True)


def _halves(words: str) -> Exchange | None:
    """Cut a text at the end of a word: a beginning, at most half of it, and what follows."""
    words = words.strip()
    at = words.rfind(" ", 0, min(len(words) // 2, BEGINNING) + 1)
    if at <= 0:
        return None
    return Exchange(words[:at], words[:at], words[at : at + LONGEST].strip(), False)


def _read(cell: str) -> tuple[Turn, ...] | str:
    try:
        return chats.read(cell) or cell
    except BadChatError:
        return ""
