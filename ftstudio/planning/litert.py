"""Finds the environment of its own in which TensorFlow Lite files are made. No torch.

The converter (litert-torch) wants other versions of libraries than this program has, so it lives in a virtual
environment by itself: the folder that `FTSTUDIO_LITERT` names, or `runtimes/litert` beside the program's models.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.paths import data_folder
from ftstudio.core.text import text

VARIABLE = "FTSTUDIO_LITERT"
_PACKAGE = "litert_torch"


def folder() -> Path:
    """Return where the environment lies, or would lie."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser() if named else data_folder() / "runtimes" / "litert"


def interpreter() -> Path:
    """Return the Python of the environment, which need not be there."""
    return folder() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def missing() -> InputError | None:
    """Return what is missing to make TensorFlow Lite files here, and the commands that get it; None if nothing is."""
    packages = _site_packages()
    if packages is None or not (packages / _PACKAGE).is_dir():
        return InputError(
            text("The converter to TensorFlow Lite is not on this computer."),
            text("It needs about 1 GB and a place of its own. While online: {commands}", commands=_commands()),
            field="format",
        )
    ours, theirs = _torch_here(), _torch_there(packages)
    if ours != theirs:
        return InputError(
            text("The converter to TensorFlow Lite has torch {theirs}, and needs {ours}.", theirs=theirs, ours=ours),
            text("While online: {commands}", commands=_commands()),
            field="format",
        )
    return None


def _commands() -> str:
    """Return how the environment is made, for a terminal; names of commands are not translated."""
    pip = f'"{interpreter()}" -m pip install litert-torch torch=={_torch_here()} pillow'
    return f'{"py" if os.name == "nt" else "python3"} -m venv "{folder()}" && {pip}'


def _site_packages() -> Path | None:
    if not interpreter().exists():
        return None
    pattern = "Lib/site-packages" if os.name == "nt" else "lib/python3*/site-packages"
    return next(iter(sorted(folder().glob(pattern))), None)


def _torch_here() -> str:
    try:
        return version("torch").partition("+")[0]
    except PackageNotFoundError:
        return "?"


def _torch_there(packages: Path) -> str:
    found = next(iter(packages.glob("torch-*.dist-info")), None)
    return found.name.removeprefix("torch-").removesuffix(".dist-info").partition("+")[0] if found else "?"
