"""Makes a fresh copy of a sample project where new projects go."""

from __future__ import annotations

import argparse
from pathlib import Path

from ftstudio.cli.jobs import watching
from ftstudio.core import paths


def make_sample(arguments: argparse.Namespace, name: str) -> Path:
    """Make the project of the sample `name` and return its folder; raises `InputError` if there is no such sample."""
    from ftstudio import samples

    samples.catalog().spec(name)
    with watching(arguments) as (progress, control):
        root = _free_folder(name)
        samples.create(name, root, progress=progress, cancelled=lambda: control.stop_requested).close()
    return root


def _free_folder(name: str) -> Path:
    """Return a folder that does not exist yet: `topics`, then `topics 2` and so on."""
    parent, number = paths.projects_folder(), 1
    while (folder := parent / (name if number == 1 else f"{name} {number}")).exists():
        number += 1
    return folder
