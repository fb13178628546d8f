"""`ftstudio check DIR`: what the data and the settings of a project would bring, without training."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import add_project
from ftstudio.cli.findings import problem_lines, row_counts
from ftstudio.cli.jobs import run_job
from ftstudio.cli.tables import pairs, table
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_, number, tr

SPEC = VerbSpec(key="check", summary=N_("report on the data and settings of a project, without training"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project's folder."""
    add_project(parser)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the problems found, the rows of each split and the rows of each label."""
    return run_job(arguments, "check", arguments.project, {})


def show(document: dict[str, Any]) -> list[str]:
    """Return the counts, the labels as a table, and the problems."""
    labels = [[label, number(count)] for label, count in document["labels"].items()]
    lines = pairs([(tr("Rows"), row_counts(document["rows"]))])
    lines += ["", *table([tr("label"), tr("rows")], labels, right=[1])] if labels else []
    return [*lines, "", *problem_lines(document["problems"])]
