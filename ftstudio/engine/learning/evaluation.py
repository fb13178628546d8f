"""A pass without learning: logits of all rows, in their order, with rows of one length computed together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ftstudio.core.text import text
from ftstudio.engine.answers.outputs import Collected
from ftstudio.engine.device import Hardware
from ftstudio.engine.learning import memory
from ftstudio.engine.learning.batching import TOKEN_BUDGET, evaluation_batches
from ftstudio.engine.learning.feeds import Feed

# What a processor computes at once should stay in its cache: of 16 pictures each took two thirds of the time of 64.
_BUDGETS = {"cpu": 4_096}

Tick = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """Report to nobody."""


def logits_of(feed: Feed, hardware: Hardware, tick: Tick = _silent) -> NDArray[Any]:
    """Return the logits of every row in the order of the rows, float32, shape [rows, classes].

    Where a row has several answers, each row's are an array of its own, shape [items, classes]
    (`engine.answers.outputs`).

    The module is left in the mode it was in. `tick(done, total)` is called after each batch; it may raise to cancel.
    """
    training = {module for module in feed.module.modules() if module.training}
    feed.module.eval()
    result = Collected(feed.items)
    done, total = 0, len(feed.lengths)
    try:
        with torch.inference_mode():
            for rows in evaluation_batches(feed.lengths, _BUDGETS.get(hardware.device.type, TOKEN_BUDGET)):
                for some, logits in _run(feed, rows, hardware):
                    result.put(some, logits)
                done += len(rows)
                tick(done, total)
    finally:
        for module in training:
            module.training = True
    return result.values


def _run(
    feed: Feed, rows: NDArray[np.int64], hardware: Hardware
) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Return rows with their logits; where memory does not suffice for all at once, each half by itself."""
    try:
        batch = feed.batch(rows).to(hardware.device)
        with hardware.autocast():
            return [(rows, feed.logits(batch).float().cpu().numpy())]
    except Exception as error:
        if not memory.ran_out(error):
            raise
    memory.give_back(hardware.device)
    if len(rows) == 1:
        raise memory.TooLittleMemoryError(
            text("There is too little memory to run the model on one row."),
            text("Choose shorter texts or a smaller model, or close other programs."),
        )
    middle = len(rows) // 2
    return [*_run(feed, rows[:middle], hardware), *_run(feed, rows[middle:], hardware)]
