"""How someone without ftstudio asks a model about a passage of any length; the loaders of exports run this file.

Needs a tokenizer and a model of transformers. What a word of the passage says is taken from the window in which it has
most words on both sides.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

WORDS = runpy.run_path(str(Path(__file__).with_name("_predict_places.py")))
MOST_OVERLAP = 128


def logits(model: Any, tokenizer: Any, question: str, passage: str) -> list[list[float]]:
    """Return how well an answer begins and ends at each item: no answer, then each word of the passage."""
    import torch

    limit = int(tokenizer.model_max_length)
    inputs = tokenizer(
        _shortened(tokenizer, question, limit // 2),
        passage,
        truncation="only_second",
        max_length=limit,
        stride=max(1, min(MOST_OVERLAP, limit // 4 - 2)),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        padding=True,
        return_tensors="pt",
    )
    windows = [
        [at if text == 1 else None for text, at in zip(inputs.sequence_ids(number), offsets, strict=True)]
        for number, offsets in enumerate(inputs.pop("offset_mapping").tolist())
    ]
    inputs.pop("overflow_to_sample_mapping", None)
    with torch.no_grad():
        said = model(**inputs)
    sides = said.start_logits.float().tolist(), said.end_logits.float().tolist()
    found = [[min(window[0] for window in side) for side in sides]]
    speakers = [(0, 0), (0, 0)]
    for word in WORDS["words"](passage).tolist():
        speakers = [_speaker(windows, word, at) or speakers[-at] for at in (0, -1)]
        found.append([side[window][token] for side, (window, token) in zip(sides, speakers, strict=True)])
    return found


def _shortened(tokenizer: Any, question: str, most: int) -> str:
    offsets = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return question if len(offsets) <= most else question[: offsets[most - 1][1]]


def _speaker(windows: list[list[Any]], word: list[int], which: int) -> tuple[int, int] | None:
    """Return the window and the token that speak for the beginning (`which` 0) or the end (-1) of a word."""
    best: tuple[float, int, int] | None = None
    for number, offsets in enumerate(windows):
        tokens = [at for at, place in enumerate(offsets) if place is not None]
        holding = [at for at in tokens if offsets[at][0] < word[1] and offsets[at][1] > word[0]]
        if holding:
            token = holding[which]
            around = min(token - tokens[0], tokens[-1] - token) + 0.01 * len(tokens)
            if best is None or around > best[0]:
                best = (around, number, token)
    return best[1:] if best else None
