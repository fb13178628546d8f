"""`ftstudio check DIR`: what the data and settings of a project would bring, without training; `--fix` mends."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import add_project
from ftstudio.cli.findings import mending_lines, problem_lines, row_counts
from ftstudio.cli.jobs import run_job
from ftstudio.cli.tables import pairs, table
from ftstudio.core.specs import VerbSpec
from ftstudio.core.token_lens import CUT, LEARNED, READ, Lens
from ftstudio.core.translation import N_, number, tr, tr_plural

SPEC = VerbSpec(key="check", summary=N_("report on the data and settings of a project, without training"))
MARKS = {LEARNED: "[{}]", READ: "{}", CUT: "~{}~"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project's folder and what shall be mended."""
    add_project(parser)
    parser.add_argument(
        "--fix",
        metavar="CODE",
        action="append",
        default=[],
        help=tr("mend this problem in the project's copy of the data (repeat for more); the report names the codes"),
    )

    parser.add_argument(
        "--row",
        type=int,
        metavar="N",
        help=tr("show row N as the model reads it: its tokens, which of them are learned, and what is cut off"),
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the problems found, the rows of each split and the rows of each label."""
    return run_job(arguments, "check", arguments.project, {"fix": arguments.fix, "row": arguments.row})


def show(document: dict[str, Any]) -> list[str]:
    """Return the counts, the labels as a table, and the problems."""
    labels = [[label, number(count)] for label, count in document["labels"].items()]
    lines = pairs([(tr("Rows"), row_counts(document["rows"]))])
    lines += ["", *table([tr("label"), tr("rows")], labels, right=[1])] if labels else []
    if count := len(document["mended"]):
        words = tr_plural("{count} problem was mended.", "{count} problems were mended.", count)
        lines += ["", words.format(count=number(count))]
    lines += ["", *_tokens(Lens.model_validate(document["lens"]))] if "lens" in document else []
    return [*lines, "", *problem_lines(document["problems"]), *mending_lines(document)]


def _tokens(lens: Lens) -> list[str]:
    """Return the tokens of a row: [learned] in brackets, ~cut off~ between waves, the others as they are."""
    words = "".join(MARKS[one.state].format(one.text) for one in lens.tokens)
    shown = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in words)
    rest = lens.total - len(lens.tokens)
    more = [tr_plural("… and {count} more token", "… and {count} more tokens", rest).format(count=number(rest))]
    legend = tr("[learned], only read, ~cut off~:")
    return [
        tr("Row {number}").format(number=number(lens.row)),
        *(str(one) for one in lens.sentences()),
        "",
        legend,
        *shown.split("\n"),
        *more * (rest > 0),
    ]
