"""Looks at Python and at the packages the program needs, by their metadata alone."""

from __future__ import annotations

import importlib.metadata
import sys
import tomllib
from pathlib import Path

from ftstudio.cli.checkup.findings import Finding
from ftstudio.core.text import text
from ftstudio.core.translation import tr

OLDEST_PYTHON = (3, 11)


def python() -> Finding:
    """Find whether this Python is new enough and has 64 bits."""
    found = text(
        "{version}, {bits} bits, {path}",
        version=".".join(map(str, sys.version_info[:3])),
        bits=64 if sys.maxsize > 2**32 else 32,
        path=sys.executable,
    )
    if sys.version_info[:2] >= OLDEST_PYTHON and sys.maxsize > 2**32:
        return Finding("python", tr("Python"), "ok", found)
    hint = text("Install a 64-bit Python 3.11 or newer and make a new virtual environment with it.")
    return Finding("python", tr("Python"), "error", found, hint)


def packages() -> list[Finding]:
    """Find which version of each needed package is installed, and whether it is one the program was made for."""
    return [_package(requirement) for requirement in requirements()]


def requirements(extra: str = "") -> list[str]:
    """Return what the program requires, as written in its metadata; with `extra`, what that extra adds."""
    try:
        written = importlib.metadata.requires("ftstudio") or []
    except importlib.metadata.PackageNotFoundError:
        return _requirements_of_checkout(extra)
    if extra:
        marked = [line.partition(";") for line in written]
        return [need.strip() for need, _, marker in marked if f'"{extra}"' in marker or f"'{extra}'" in marker]
    return [line for line in written if "extra ==" not in line]


def _requirements_of_checkout(extra: str) -> list[str]:
    pyproject = Path(__file__).resolve().parents[3] / "pyproject.toml"
    if not pyproject.is_file():
        return []
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    needed: list[str] = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return needed


def _package(requirement: str) -> Finding:
    name, wanted = split(requirement)
    title = name
    try:
        installed = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        hint = text("Install it: python -m pip install “{requirement}”", requirement=requirement)
        return Finding(f"package.{name}", title, "error", text("not installed"), hint)
    if _fits(installed, wanted):
        return Finding(f"package.{name}", title, "ok", text("{version}", version=installed))
    found = text("{version}, but the program was made for {wanted}", version=installed, wanted=wanted)
    hint = text("Change it: python -m pip install “{requirement}”", requirement=requirement)
    return Finding(f"package.{name}", title, "error", found, hint)


def split(requirement: str) -> tuple[str, str]:
    """Split `name>=1,<2` into the name and the versions it allows."""
    bare = requirement.partition(";")[0].strip()
    end = next((place for place, letter in enumerate(bare) if letter in "<>=!~[ ("), len(bare))
    return bare[:end], bare[end:].strip(" ()")


def _fits(installed: str, wanted: str) -> bool:
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:  # It comes with transformers; where that is missing, its own finding says so.
        return True
    return SpecifierSet(wanted, prereleases=True).contains(installed)
