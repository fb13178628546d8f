"""The program's own source, as the architecture tests read it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ftstudio"


def modules() -> list[Path]:
    """Return every Python file of the program."""
    return sorted(PACKAGE.rglob("*.py"))


def name(path: Path) -> str:
    """Return the path as it is read in a failure: relative to the repository."""
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
