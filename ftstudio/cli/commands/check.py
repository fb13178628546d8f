"""`ftstudio check DIR`: what the data and settings of a project would bring, without training; `--fix` mends."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import add_project
from ftstudio.cli.findings import mending_lines, problem_lines, row_counts
from ftstudio.cli.jobs import run_job
from ftstudio.cli.tables import pairs, table
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_, number, tr, tr_plural

SPEC = VerbSpec(key="check", summary=N_("report on the data and settings of a project, without training"))


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


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the problems found, the rows of each split and the rows of each label."""
    return run_job(arguments, "check", arguments.project, {"fix": arguments.fix})


def show(document: dict[str, Any]) -> list[str]:
    """Return the counts, the labels as a table, and the problems."""
    labels = [[label, number(count)] for label, count in document["labels"].items()]
    lines = pairs([(tr("Rows"), row_counts(document["rows"]))])
    lines += ["", *table([tr("label"), tr("rows")], labels, right=[1])] if labels else []
    if count := len(document["mended"]):
        words = tr_plural("{count} problem was mended.", "{count} problems were mended.", count)
        lines += ["", words.format(count=number(count))]
    return [*lines, "", *problem_lines(document["problems"]), *mending_lines(document)]
