"""`ftstudio explain DIR`: what in a text or a picture speaks for an answer of a trained model."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import a_path, a_word, add_project, add_run
from ftstudio.cli.jobs import run_job
from ftstudio.cli.tables import table
from ftstudio.core.errors import InputError
from ftstudio.core.quantities import percent
from ftstudio.core.samples import Explanation
from ftstudio.core.specs import VerbSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_, number, tr

SPEC = VerbSpec(key="explain", summary=N_("say what in a text or a picture speaks for an answer"))

SHOWN = 10
SHADES = " ░▒▓█"


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project, the run, what to explain, and how."""
    add_project(parser)
    add_run(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--text", metavar="TEXT", help=tr("a text"))
    what.add_argument("--file", metavar="PATH", type=a_path, help=tr("a picture or a text file"))
    parser.add_argument("--pair", metavar="TEXT", help=tr("the second text, for a model of pairs"))
    parser.add_argument("--label", type=a_word, help=tr("the label to explain (default: the model's answer)"))
    parser.add_argument("--method", type=a_word, help=tr("how to explain (default: what suits the model best)"))


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the explanation as one document."""
    if arguments.file is not None and not arguments.file.exists():
        file = str(arguments.file)
        raise InputError(text("There is no file “{file}”.", file=file), text("Check the path."), file=file)
    options = {key: getattr(arguments, key) for key in ("run", "text", "pair", "label", "method")}
    options["file"] = str(arguments.file.absolute()) if arguments.file is not None else None
    document = run_job(arguments, "explain", arguments.project, options)
    found = Explanation.model_validate(document["explanation"])
    checked = found.faithfulness
    return {
        "run": document["run"],
        "input": document["input"],
        **found.model_dump(mode="json", exclude={"pieces", "faithfulness"}),
        "pieces": [{"text": piece, "weight": weight} for piece, weight in found.pieces],
        "faithfulness": None
        if checked is None
        else {
            **checked.model_dump(exclude={"sentence"}),
            "holds": checked.holds,
            "tells": checked.tells,
            "sentence": str(checked.sentence),
        },
    }


def show(document: dict[str, Any]) -> list[str]:
    """Return the answer, the strongest words or a small map, and how far they can be relied on."""
    lines = [tr("{label}, {share}").format(label=document["label"], share=percent(document["probability"], 1)), ""]
    lines += _map(document["heat"]) if document["heat"] else _words(document["pieces"])
    checked = document["faithfulness"]
    return [*lines, "", checked["sentence"] if checked else tr("There is too little to check this explanation by.")]


def _words(pieces: list[dict[str, Any]]) -> list[str]:
    ranked = sorted((one for one in pieces if one["weight"]), key=lambda one: -abs(one["weight"]))[:SHOWN]
    rows = [
        [one["text"], number(one["weight"], 2), tr("speaks for it") if one["weight"] > 0 else tr("speaks against it")]
        for one in ranked
    ]
    return table([tr("word"), tr("weight"), ""], rows, right=[1])


def _map(heat: list[list[float]]) -> list[str]:
    return ["".join(SHADES[round(value * (len(SHADES) - 1))] * 2 for value in row).rstrip() for row in heat]
