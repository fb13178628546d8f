"""How a model that writes shall write, as flags that several verbs take."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.core.translation import tr

_KEYS = ("temperature", "top_p", "length", "beams", "length_penalty", "stop", "seed")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    group = parser.add_argument_group(tr("for models that write"))
    group.add_argument("--temperature", metavar="X", type=float, help=tr("0 always writes the likeliest; 1 is daring"))
    group.add_argument("--top-p", metavar="X", type=float, help=tr("0.9 leaves out unlikely pieces"))
    group.add_argument("--length", metavar="N", type=int, help=tr("how many pieces (tokens) at most"))
    group.add_argument("--beams", metavar="N", type=int, help=tr("how many texts are followed at once (rewriting)"))
    group.add_argument("--length-penalty", metavar="X", type=float, help=tr("above 0 favours longer texts (beams)"))
    group.add_argument("--stop", metavar="TEXT", action="append", help=tr("where to end (repeat for more)"))
    group.add_argument("--seed", metavar="N", type=int, help=tr("the same number draws the same text"))


def read(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what was given, by the keys of `core.manner.Manner`."""
    return {key: value for key in _KEYS if (value := getattr(arguments, key)) is not None}
