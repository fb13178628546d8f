"""`ftstudio runs DIR`: the runs of a project, newest first, or sorted, filtered and written to a file as asked."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from ftstudio.cli.arguments import a_path, add_project
from ftstudio.cli.looks import look
from ftstudio.cli.tables import table
from ftstudio.core.errors import InputError
from ftstudio.core.metrics import shown_title
from ftstudio.core.quantities import duration, score
from ftstudio.core.specs import VerbSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_, tr

SPEC = VerbSpec(key="runs", summary=N_("list the runs of a project"))

# Told here, too, because reading a command must not load what carries it out (a test holds them together).
SORTS = (
    *("star", "name", "state", "started", "method", "learning_rate", "epochs"),
    *("steps", "time", "best", "test", "notes"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project's folder, and which runs are wanted in what order and form."""
    add_project(parser)
    parser.add_argument(
        "--sort", metavar="COLUMN", help=tr("sort by a column: {columns}").format(
            columns=", ".join(SORTS)
        )
    )  # fmt: skip
    parser.add_argument("--descending", action="store_true", help=tr("with --sort: the highest value first"))
    parser.add_argument(
        "--filter",
        metavar="TEXT",
        default="",
        help=tr("only runs in which all these words occur (name, state, method, model, notes)"),
    )
    parser.add_argument("--starred", action="store_true", help=tr("only runs with a star"))
    parser.add_argument("--csv", metavar="FILE", type=a_path, help=tr("write the table to a CSV file, too"))
    parser.add_argument(
        "--overwrite", action="store_true", help=tr("with --csv: replace the file if it is there already")
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the runs with their state, best value and metrics; test results shown for the first time are looks."""
    from ftstudio.project import run_columns, seal
    from ftstudio.project.runs import list_runs
    from ftstudio.project.store import open_project

    with open_project(arguments.project, write=False) as project:
        layout = project.layout
        columns = run_columns.columns(lambda run: seal.is_open(layout, run))
        found = run_columns.matching(list_runs(layout), arguments.filter, starred=arguments.starred)
        if arguments.sort:
            found = run_columns.ordered(found, _column(columns, arguments.sort), falling=arguments.descending)
        if arguments.csv is not None:
            _check_target(layout, arguments.csv, overwrite=arguments.overwrite)
            _write(arguments.csv, run_columns.as_csv(found, columns))
        sealed = [run.id for run in found if seal.has_test(run) and not seal.is_open(layout, run)]
    looks = look(arguments.project, SPEC.key, sealed) if arguments.json else None
    return {"runs": [_run(summary) for summary in found], "test_looks": looks}


def show(document: dict[str, Any]) -> list[str]:
    """Return the runs as a table; those that did not end well say why."""
    if not document["runs"]:
        return [tr("There are no runs here. “ftstudio train DIR” makes one.")]
    rows = [
        [run["run"], run["name"], tr(run["state"]), _best(run["best"]), duration(run["seconds"])]
        for run in document["runs"]
    ]
    lines = table([tr("run"), tr("name"), tr("state"), tr("best"), tr("time")], rows, right=[4])
    return [*lines, *(f"{run['run']}: {run['message']}" for run in document["runs"] if run["message"])]


def _column(columns: list[Any], key: str) -> Any:
    for column in columns:
        if column.key == key:
            return column
    raise InputError(
        text("There is no column “{column}”.", column=key),
        text("Choose one of: {choices}.", choices=", ".join(SORTS)),
        field="sort",
    )


def _check_target(project: Any, path: Path, *, overwrite: bool) -> None:
    from ftstudio.project.own_files import is_own

    if is_own(project, path):
        raise InputError(
            text("“{path}” belongs to the project itself.", path=str(path)),
            text("Choose a folder outside of it."),
            file=str(path),
            field="csv",
        )
    if os.path.lexists(path) and not overwrite:
        raise InputError(
            text("“{path}” exists already.", path=str(path)),
            text("Choose another name, or allow it to be replaced (--overwrite)."),
            file=str(path),
            field="csv",
        )


def _write(path: Any, table_as_csv: str) -> None:
    from ftstudio.project import atomic, disk_errors

    try:
        atomic.write_text(path, table_as_csv)
    except OSError as error:
        raise disk_errors.refuse(error, path) from error


def _run(summary: Any) -> dict[str, Any]:
    status, head = summary.status, summary.head
    return {
        "run": summary.id,
        "name": summary.name,
        "state": status.state.value,
        "started": status.started,
        "ended": status.ended,
        "steps": status.step,
        "seconds": status.seconds,
        "best": status.best.model_dump() if status.best else None,
        "metrics": head.metrics if head else {},
        "star": summary.notes.star,
        "notes": summary.notes.notes,
        "message": status.message.render() if status.message else "",
        "hint": status.hint.render() if status.hint else "",
    }


def _best(best: dict[str, Any] | None) -> str:
    return f"{shown_title(best['metric'])} {score(best['value'])}" if best else ""
