"""Finding the data that other packages bring, without importing them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.text import text


def folder_inside(package: str, *parts: str) -> Path:
    """Return a folder of an installed package; raises `InputError` naming the extra to install when it is missing."""
    spec = find_spec(package)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location).joinpath(*parts)
        if folder.is_dir():
            return folder
    raise missing(package)


def missing(package: str) -> InputError:
    """Return the error for a package that samples need and that is not installed."""
    return InputError(
        text("The data of this sample is not installed (package {package}).", package=package),
        text("Install it with: pip install “ftstudio[starters]”."),
        field="sample",
    )
