"""Where the files that ship with the program lie: `resources/` in a checkout, `ftstudio/_resources` when installed."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


@cache
def root() -> Path:
    """Return the folder of shipped resources."""
    package = Path(__file__).resolve().parent.parent
    frozen = Path(getattr(sys, "_MEIPASS", package)) / "ftstudio" / "_resources"
    for candidate in (frozen, package / "_resources", package.parent / "resources"):
        if candidate.is_dir():
            return candidate
    return package.parent / "resources"


def path(*parts: str) -> Path:
    """Return the path of one shipped resource; it may not exist."""
    return root().joinpath(*parts)
