"""The file behind a name typed into a save dialog: it gets its ending and replaces nothing that nobody asked about."""

from __future__ import annotations

import os
from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.text import text


def with_ending(chosen: Path, ending: str) -> Path:
    """Return `chosen` with its `ending`, added where it was not typed.

    Raises `InputError` if a file of the longer name is there: the dialog asked about the name as it was typed only.
    """
    if chosen.suffix.lower() == ending:
        return chosen
    target = chosen.with_name(chosen.name + ending)
    if os.path.lexists(target):
        raise InputError(
            text("“{path}” exists already.", path=str(target)), text("Choose another name."), file=str(target)
        )
    return target
