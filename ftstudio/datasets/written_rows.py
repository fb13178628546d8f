"""Rows for models that write: which of them something can be learned from, and why not from the others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core import chats
from ftstudio.core.chats import BadChatError

_MAY_BE_A_CHAT = r"^\s*[\[{]"


def bad_chats(texts: pa.ChunkedArray) -> Iterator[tuple[int, BadChatError]]:
    """Yield the place and the fault of every cell that is a conversation from which nothing can be learned."""
    maybe = pc.fill_null(pc.match_substring_regex(texts, _MAY_BE_A_CHAT), False)
    for place in np.flatnonzero(maybe.to_numpy()).tolist():
        try:
            chats.read(texts[place].as_py())
        except BadChatError as error:
            yield place, error


def learnable(texts: pa.ChunkedArray, answers: pa.ChunkedArray | None) -> npt.NDArray[np.bool_]:
    """Return which rows can be learned from: no faulty conversation, and an answer where there is such a column."""
    good = np.ones(len(texts), dtype=bool)
    good[[place for place, _ in bad_chats(texts)]] = False
    if answers is not None:
        filled = pc.not_equal(pc.utf8_trim_whitespace(pc.fill_null(answers, "")), "")
        good &= filled.to_numpy()
    return good
