"""The token lens: which tokens of a row a model that writes reads, which carry loss, and which are cut off."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftstudio.core.chats import Turn
from ftstudio.core.token_lens import CUT, LEARNED, READ, Lens, State, Token
from ftstudio.engine.language import chat_forms, written_texts
from ftstudio.engine.language.written_texts import Spelled

MOST_SHOWN = 4_000


def look(tokenizer: Any, row: tuple[Turn, ...] | str, long_text: str, number: int, *, ends: bool = True) -> Lens:
    """Return row `number` as training reads it, up to the tokenizer's `model_max_length`; raises `InputError`.

    `ends` tells whether the text that it is, or is a piece of, ends with it.
    """
    written_texts.refuse_slow(tokenizer)
    if not isinstance(row, str):
        chat_forms.give_template(tokenizer)
    spelled, limit = written_texts.spell(tokenizer, row, ends=ends), int(tokenizer.model_max_length)
    kept, learned = written_texts.cut(spelled.learned, limit, long_text, is_text=isinstance(row, str))
    states: list[State] = [CUT] * len(spelled.ids)
    for at, is_learned in zip(kept.tolist(), learned.tolist(), strict=True):
        states[at] = LEARNED if is_learned else READ
    shown = zip(_letters(tokenizer, spelled), states[:MOST_SHOWN], strict=True)
    return Lens(
        row=number,
        tokens=tuple(Token(text=one, state=state) for one, state in shown),
        total=len(spelled.ids),
        read=len(kept),
        learned=int(np.count_nonzero(learned)),
        limit=limit,
    )


def _letters(tokenizer: Any, row: Spelled) -> list[str]:
    """Return the letters of the first tokens; what lies between two of them (a space) belongs to the second.

    Where several tokens make one letter, the first has it.
    """
    shown: list[str] = []
    done = 0
    for token, (start, end) in zip(row.ids[:MOST_SHOWN].tolist(), row.at[:MOST_SHOWN].tolist(), strict=True):
        shown.append(row.words[done:end] if end > start else str(tokenizer.convert_ids_to_tokens(token)))
        done = max(done, end)
    return shown
