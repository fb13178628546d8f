"""`ftstudio new DIR`: make a project from a task, a model and labelled data."""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from ftstudio.cli.arguments import a_path, a_word, add_settings
from ftstudio.cli.assignments import read_columns, read_settings
from ftstudio.cli.findings import problem_lines, row_counts
from ftstudio.cli.new_project import Plan, make_project
from ftstudio.cli.tables import pairs
from ftstudio.core.shapes import TITLES
from ftstudio.core.specs import Answer, VerbSpec
from ftstudio.core.translation import N_, tr
from ftstudio.datasets.recordings import Way

READING = ("delimiter", "encoding", "quote", "sheet", "header")
SPEC = VerbSpec(key="new", summary=N_("make a project from a task, a model and labelled data"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the folder to make and what goes into it."""
    parser.add_argument(
        "project", metavar="DIR", type=a_path, help=tr("the folder to make; it may exist if it is empty")
    )
    parser.add_argument("--task", metavar="KEY", required=True, help=tr("one of those that “ftstudio tasks” lists"))
    parser.add_argument(
        "--model", metavar="MODEL", type=a_word, required=True, help=tr("a model's folder, or starter:NAME")
    )
    parser.add_argument("--data", metavar="PATH", type=a_path, required=True, help=tr("a labelled file or folder"))
    parser.add_argument("--test-data", metavar="PATH", type=a_path, help=tr("a labelled file or folder to test on"))
    parser.add_argument(
        "--column",
        dest="columns",
        metavar="ROLE=NAME",
        action="append",
        default=[],
        help=tr("which column is what, for example text=comment (repeat for more; default: guessed)"),
    )
    parser.add_argument(
        "--label-kind",
        choices=[kind.value for kind in TITLES],
        help=tr("what the label of a row is: one class, several classes, or a number (default: found out)"),
    )
    parser.add_argument(
        "--recordings",
        choices=[way.value for way in Way],
        help=tr(
            "which pictures are of one recording and stay in one split: those in the same folder, with the same "
            "beginning of their names, in a series of numbers, or none (default: found out)"
        ),
    )
    parser.add_argument("--delimiter", metavar="CHARACTER", help=tr("what stands between cells (default: found out)"))
    parser.add_argument("--encoding", metavar="NAME", help=tr("for example cp1252 (default: found out)"))
    parser.add_argument("--quote", metavar="CHARACTER", help=tr("what stands around cells; empty: nothing"))
    parser.add_argument("--sheet", metavar="NAME", help=tr("the sheet of a spreadsheet (default: the first with data)"))
    parser.add_argument(
        "--header", action=argparse.BooleanOptionalAction, help=tr("whether the first row holds the columns' names")
    )
    add_settings(parser)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Make the project and return its rows and problems; on any mistake nothing is left on disk."""
    plan = Plan(
        root=arguments.project,
        task=arguments.task,
        model=arguments.model,
        data=arguments.data,
        test_data=arguments.test_data,
        roles=read_columns(arguments.columns),
        settings=read_settings(arguments.settings),
        label_kind=Answer(arguments.label_kind) if arguments.label_kind else None,
        recordings=Way(arguments.recordings) if arguments.recordings else None,
        reading={key: value for key in READING if (value := getattr(arguments, key)) is not None},
    )
    return make_project(arguments, plan)


def show(document: dict[str, Any]) -> list[str]:
    """Return where the project lies, what it holds and what was found in the data."""
    lines = pairs(
        [
            (tr("Project"), document["project"]),
            (tr("Task"), document["task"]),
            (tr("Rows"), row_counts(document["rows"])),
        ]
    )
    next_step = tr("Next: {command}").format(command=f"ftstudio train {shlex.quote(document['project'])}")
    return [*lines, "", *problem_lines(document["problems"]), "", next_step]
