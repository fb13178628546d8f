"""Gradient checkpointing: what blocks work out is not kept for the way back but computed again (Chen et al. 2016).

Memory grows with the number of layers otherwise (arXiv:1604.06174). The same numbers come out, dropout included,
because the state of chance is kept; a step takes about a third longer.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from ftstudio.core.errors import InputError
from ftstudio.core.text import text


def switch_on(model: nn.Module) -> None:
    """Let every network of transformers in `model` compute its blocks again; raises `InputError` if there is none."""
    able: list[Any] = [one for one in model.modules() if getattr(one, "supports_gradient_checkpointing", False)]
    if not able:
        raise InputError(
            text("This model cannot compute its layers again."),
            text("Switch “{key}” off.", key="gradient_checkpointing"),
            field="gradient_checkpointing",
        )
    whole = able[0]  # the first holds all others
    switch = getattr(whole, "activation_checkpointing_enable", None) or whole.gradient_checkpointing_enable
    switch({"use_reentrant": False})
