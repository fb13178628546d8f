"""`ftstudio predict DIR`: try a trained model on texts, on files of texts, on pictures, or on a whole table of them."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ftstudio.cli import manner_options, table_options
from ftstudio.cli.arguments import a_path, add_project, add_run
from ftstudio.cli.jobs import run_job
from ftstudio.cli.tables import table
from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.quantities import percent
from ftstudio.core.specs import VerbSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_, tr

SPEC = VerbSpec(key="predict", summary=N_("try a trained model on new texts or pictures"))

LONGEST_SHOWN = 60


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project, the run and what to try."""
    add_project(parser)
    add_run(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--text", metavar="TEXT", action="append", default=[], help=tr("a text (repeat for more); - reads lines")
    )
    what.add_argument(
        "--file", metavar="PATH", nargs="+", action="extend", type=a_path, default=[], help=tr("pictures or text files")
    )
    what.add_argument(
        "--table", metavar="PATH", type=a_path, help=tr("a table, or a folder of texts or pictures; needs --to")
    )
    manner_options.add(parser)
    parser.add_argument(
        "--pair",
        metavar="TEXT",
        action="append",
        default=[],
        help=tr("the second text, or the text to find the answer in: one for all, or one for each --text"),
    )
    table_options.add(parser)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return a label with its probabilities for each input; for a table, how many rows were answered."""
    if arguments.table is not None:
        asked = {**table_options.read(arguments), "manner": manner_options.read(arguments)}
        return run_job(arguments, "predict_table", arguments.project, asked)
    table_options.refuse(arguments)
    for path in arguments.file:
        if not path.exists():
            raise InputError(
                text("There is no file “{file}”.", file=str(path)), text("Check the path."), file=str(path)
            )
    texts = [line for given in arguments.text for line in (_lines_of_input() if given == "-" else [given])]
    files = [str(path.absolute()) for path in arguments.file]
    asked = {"texts": texts, "files": files, "pairs": arguments.pair, "manner": manner_options.read(arguments)}
    return run_job(arguments, "predict", arguments.project, {"run": arguments.run, **asked})


def show(document: dict[str, Any]) -> list[str]:
    """Return a row for each input: its label (or that it is not known) and how sure the model is."""
    if "path" in document:
        return table_options.show(document)
    if catalog.tasks().spec(document["task"]).answer.writes:
        written = [(item["input"], item["label"] or tr("The model wrote nothing.")) for item in document["predictions"]]
        return [line for asked, answer in written for line in (asked, "", answer, "")]
    if document["predictions"] and all(item["number"] is not None for item in document["predictions"]):
        numbers = [[_shortened(item["input"]), item["label"]] for item in document["predictions"]]
        return table([tr("input"), tr("number")], numbers, right=[1])
    rows = [[_shortened(item["input"]), _answer(item), percent(_share(item), 1)] for item in document["predictions"]]
    return table([tr("input"), tr("label"), tr("probability")], rows, right=[2])


def _share(item: dict[str, Any]) -> float:
    """Return how sure the model is of its answer.

    Of several places or labels it is the share of the least sure one; of none, that not even the likeliest label fits.
    """
    if item["labels"]:
        return min(float(item["probabilities"][label]) for label in item["labels"])
    if item["label"] == "[]" and item["probabilities"]:
        return 1.0 - max(float(share) for share in item["probabilities"].values())
    if item["probabilities"]:
        return float(item["probabilities"].get(item["label"], 0.0))
    return min((float(one["probability"]) for one in (*item["spans"], *(item["boxes"] or ()))), default=0.0)


def _answer(item: dict[str, Any]) -> str:
    if not item["probabilities"] and not item["spans"] and not item["boxes"]:
        return tr("nothing found")
    if item["label"] == "[]":
        return tr("none")
    return item["label"] if item["known"] else tr("don't know (perhaps {label})").format(label=item["label"])


def _lines_of_input() -> list[str]:
    return [line.rstrip("\r\n") for line in sys.stdin or () if line.strip()]


def _shortened(written: str) -> str:
    return written if len(written) <= LONGEST_SHOWN else written[: LONGEST_SHOWN - 1] + "…"
