"""What `ftstudio predict --table` takes and tells: the file that the answers go to, the columns, the counts."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import a_path
from ftstudio.cli.assignments import read_columns
from ftstudio.cli.tables import pairs, table
from ftstudio.core.errors import InputError
from ftstudio.core.quantities import duration, rate
from ftstudio.core.text import text
from ftstudio.core.translation import number, tr


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options that only a table has."""
    parser.add_argument(
        "--to", metavar="FILE", type=a_path, help=tr("where to write the answers: .csv, .tsv, .jsonl or .parquet")
    )
    parser.add_argument(
        "--column",
        metavar="ROLE=NAME",
        action="append",
        default=[],
        help=tr("which column to read, as text=NAME (default: that of the training data)"),
    )
    parser.add_argument("--probabilities", action="store_true", help=tr("also write the probability of each label"))
    parser.add_argument("--overwrite", action="store_true", help=tr("replace what is there"))


def read(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options of the job; raises `InputError` for what is missing or misspelt."""
    if arguments.to is None:
        raise InputError(
            text("It is not said where the answers shall go."),
            text("Add --to FILE with a file that ends in .csv, .tsv, .jsonl or .parquet."),
            field="to",
        )
    return {
        "run": arguments.run,
        "source": str(arguments.table.absolute()),
        "to": str(arguments.to.absolute()),
        "columns": {role.value: column for role, column in read_columns(arguments.column).items()},
        "shares": arguments.probabilities,
        "overwrite": arguments.overwrite,
    }


def refuse(arguments: argparse.Namespace) -> None:
    """Raise `InputError` if an option of tables was given without one."""
    given = {"--to": arguments.to, "--column": arguments.column, "--probabilities": arguments.probabilities}
    for option, value in given.items():
        if value:
            raise InputError(
                text("{option} is for whole tables.", option=option), text("Give one with --table."), field="table"
            )


def show(document: dict[str, Any]) -> list[str]:
    """Return where the answers are, how many there are, and what could not be read."""
    lines = pairs(
        [
            (tr("Run"), document["run"]),
            (tr("Written to"), document["path"]),
            (tr("Rows"), number(document["rows"])),
            (tr("Answered"), number(document["answered"])),
            (tr("Of these “don't know”"), number(document["unknown"]) if document["unknown"] else ""),
            (tr("Not readable"), number(document["unreadable"]) if document["unreadable"] else ""),
            (tr("Time"), duration(document["seconds"])),
            (tr("Once the model was loaded"), rate(document["rows_per_second"])),
        ]
    )
    counts = [[label, number(count)] for label, count in document["labels"].items()]
    lines += ["", *table([tr("label"), tr("rows")], counts, right=[1])] if counts else []
    whys = [[reason, number(count)] for reason, count in document["reasons"].items()]
    return [*lines, "", *table([tr("not readable because"), tr("rows")], whys, right=[1])] if whys else lines
