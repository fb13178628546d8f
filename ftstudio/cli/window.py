"""Reads what the window is to open: `ftstudio [PROJECT]` and `ftstudio --sample NAME [--train]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ftstudio.cli.arguments import Parser, a_path
from ftstudio.cli.checkup.display import screen
from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.core.translation import tr


@dataclass(frozen=True)
class Opening:
    """What the window begins with: nothing, a project, or a fresh copy of a sample; and whether it trains at once."""

    project: Path | None
    sample: str | None
    train: bool


def read_opening(words: Sequence[str]) -> Opening:
    """Read the window's arguments; raises `InputError` where they make no sense or there is no screen."""
    parser = Parser("ftstudio", tr("Fine-Tuning Studio: the window."))
    parser.add_argument("project", metavar="DIR", type=a_path, nargs="?", help=tr("a project to open"))
    parser.add_argument("--sample", metavar="NAME", help=tr("make a fresh copy of this sample project and open it"))
    parser.add_argument("--train", action="store_true", help=tr("start training at once"))
    arguments = parser.read(words)
    if arguments.train and not (arguments.sample or arguments.project):
        raise InputError(
            text("“--train” needs something to train."), text("Give a project's folder or “--sample NAME”.")
        )
    if arguments.sample and arguments.project:
        raise InputError(text("A sample and a project cannot be opened together."), text("Give one of the two."))
    finding = screen()
    if finding.hint:
        raise InputError(finding.found, finding.hint)
    return Opening(arguments.project, arguments.sample, arguments.train)
