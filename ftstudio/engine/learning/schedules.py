"""How the learning rate goes over a run, as pure functions of the step."""

from __future__ import annotations

import math


def factor(step: int, total_steps: int, schedule: str, warmup: float) -> float:
    """Return the share of the full learning rate at optimiser step `step` (from 0) of `total_steps`.

    The rate rises linearly over the first `warmup` share of the steps; then it stays (`constant`), falls linearly to
    zero (`linear`) or along half a cosine (`cosine`, Loshchilov and Hutter 2016).
    """
    warmup_steps = round(warmup * total_steps)
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    if schedule == "constant":
        return 1.0
    done = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    return 0.5 * (1 + math.cos(math.pi * done)) if schedule == "cosine" else 1.0 - done


def rising(step: int, total_steps: int, span: float) -> float:
    """Return the share of the full learning rate when it rises exponentially from 1/`span` at step 0 to 1 at the last.

    Used by the range test (Smith 2015, 1506.01186); `span` is at least 1.
    """
    return float(span ** (step / max(1, total_steps - 1) - 1.0))
