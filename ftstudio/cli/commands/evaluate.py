"""`ftstudio evaluate DIR`: measure a trained model on the project's test rows or on a file."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli import manner_options
from ftstudio.cli.arguments import a_count, a_path, add_project, add_run
from ftstudio.cli.jobs import run_job
from ftstudio.cli.looks import look, look_lines
from ftstudio.cli.tables import pairs, table
from ftstudio.core.metrics import shown_title
from ftstudio.core.quantities import score
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_, number, tr

SPEC = VerbSpec(key="evaluate", summary=N_("measure a trained model on the test rows or on a file"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project, the run and, if wanted, other data."""
    add_project(parser)
    add_run(parser)
    parser.add_argument(
        "--data", metavar="PATH", type=a_path, help=tr("a labelled file or folder instead of the test rows")
    )
    parser.add_argument(
        "--written",
        metavar="N",
        type=a_count,
        help=tr("in place of how many rows a model that rewrites writes at most; 0: none"),
    )
    manner_options.add(parser)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the metrics of the run's model."""
    data = str(arguments.data.absolute()) if arguments.data else None
    asked: dict[str, Any] = {"run": arguments.run, "data": data, "manner": manner_options.read(arguments)}
    if arguments.written is not None:
        asked["written"] = arguments.written
    document = run_job(arguments, "evaluate", arguments.project, asked)
    looks = look(arguments.project, SPEC.key, [document["run"]]) if document["split"] == "test" else None
    return {**document, "test_looks": looks}


def show(document: dict[str, Any]) -> list[str]:
    """Return the metrics, then how each label fares."""
    intervals = document.get("intervals") or {}
    rows = [
        [shown_title(key), score(value), _between(intervals.get(key))]
        for key, value in document["metrics"].items()
        if isinstance(value, int | float)
    ]
    about = [(tr("Run"), document["run"]), (tr("Rows"), f"{number(document['rows'])} ({tr(document['split'])})")]
    if document.get("rows_written"):
        about.append((tr("Written in place of"), number(document["rows_written"])))
    lines = pairs(about)
    lines += ["", *table([tr("metric"), tr("value"), tr("95 % between")], rows, right=[1, 2])]
    if document.get("ece") is not None:
        lines += [
            "",
            tr("What it claims and how often it is right differ by {gap} on average.").format(
                gap=score(document["ece"])
            ),
        ]
    labels = (document.get("tables") or {}).get("per_class") or []
    return [*lines, *(["", *_label_table(labels)] if labels else []), *look_lines(document)]


def _between(interval: list[float] | None) -> str:
    return f"{score(interval[0])} – {score(interval[1])}" if interval else "–"


def _label_table(labels: list[dict[str, Any]]) -> list[str]:
    rows = [
        [item["label"], number(item["rows"]), score(item["precision"]), score(item["recall"]), score(item["f1"])]
        for item in labels
    ]
    return table([tr("label"), tr("rows"), tr("precision"), tr("recall"), tr("F1")], rows, right=[1, 2, 3, 4])
