"""Packing: short rows lie behind one another in one line of a batch instead of each being filled up to the longest.

No row sees another one: positions begin anew with each, from which transformers makes attention within rows only (as by
Krell et al. 2021, arXiv:2107.02027). A line is never longer than the longest row of its batch, so that attention,
which grows with the square of the length, never costs more than with filling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ftstudio.engine.layers import attention
from ftstudio.engine.learning.batching import padded

ABLE = "keeps_packed_rows_apart"
"""The attribute of a loaded model that tells whether its rows may be packed."""
_APART = 1e-3


@dataclass(frozen=True)
class Layout:
    """Rows of tokens in lines: `ids` and `positions` [lines, tokens], `starts` [rows] where each row begins when all
    lines are read one after the other.
    """

    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    starts: NDArray[np.int64]


def lay(rows: Sequence[NDArray[Any]], pad_id: int) -> Layout:
    """Lay rows of token ids into as few lines as it takes, the longest first, each into the first line with room."""
    width = padded(max((len(row) for row in rows), default=1))
    starts = np.zeros(len(rows), dtype=np.int64)
    filled: list[int] = []
    for at in np.argsort([-len(row) for row in rows], kind="stable").tolist():
        length = len(rows[at])
        line = next((one for one, used in enumerate(filled) if used + length <= width), len(filled))
        filled += [0] * (line == len(filled))
        starts[at] = line * width + filled[line]
        filled[line] += length
    ids = np.full(len(filled) * width, pad_id, dtype=np.int64)
    positions = np.zeros(len(ids), dtype=np.int64)  # what fills up sees itself alone
    for row, start in zip(rows, starts.tolist(), strict=True):
        ids[start : start + len(row)] = row
        positions[start : start + len(row)] = np.arange(len(row))
    return Layout(ids.reshape(-1, width), positions.reshape(-1, width), starts)


@torch.inference_mode()
def keeps_apart(model: Any) -> bool:
    """Whether a causal model of transformers says of packed rows what it says of each by itself.

    Families that have no positions to begin anew (ALiBi), or keep a state from token to token, do not.
    """
    known = model.get_input_embeddings().num_embeddings
    rows = [np.arange(length) * 7 % known for length in (16, 7, 9)]
    packed = lay(rows, 0)
    if len(packed.ids) == len(rows):  # so few tokens of a vocabulary that nothing can be told
        return False
    try:
        together = _last(model, packed.ids, packed.positions).flatten(0, 1)
        for row, start in zip(rows, packed.starts.tolist(), strict=True):
            alone = _last(model, row[None], np.arange(len(row))[None])[0]
            if not torch.allclose(together[start : start + len(row)], alone, atol=_APART, rtol=_APART):
                return False
    except (TypeError, ValueError, RuntimeError):
        return False
    return True


def _last(model: Any, ids: NDArray[np.int64], positions: NDArray[np.int64]) -> torch.Tensor:
    given = torch.from_numpy(ids).to(model.device)
    attention.fit(model, given)
    read = {"input_ids": given, "position_ids": torch.from_numpy(positions).to(model.device), "use_cache": False}
    hidden: torch.Tensor = model.base_model(**read)[0]
    return hidden
