"""Example projects on real data that comes inside ordinary packages: a first run without own data or a network.

One file per sample with a `SPEC` on top and `write_source(folder)` below.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ftstudio.core.catalog import Catalog
from ftstudio.core.messages import Progress
from ftstudio.project.store import Project


@dataclass(frozen=True)
class SampleSpec:
    """One sample: its title and summary (English, marked with `N_`), task, starter model and the name of an icon."""

    key: str
    title: str
    summary: str
    task: str
    starter: str
    picture: str


@cache
def catalog() -> Catalog:
    """Return all samples."""
    return Catalog("ftstudio.samples")


def create(
    key: str,
    root: Path,
    name: str = "",
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Project:
    """Make a fresh project of a sample in the folder `root`, data and starter model included, and open it.

    Raises `InputError` when there is no such sample, its packages are not installed or the folder is not free; in
    each case nothing is left behind.
    """
    from ftstudio.samples import _project

    return _project.create(catalog().module(key), root, name, progress, cancelled)
