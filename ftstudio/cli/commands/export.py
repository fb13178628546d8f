"""`ftstudio export DIR`: give a trained model away in a form that runs elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ftstudio.cli.arguments import a_place, add_project, add_run
from ftstudio.cli.jobs import run_job
from ftstudio.cli.tables import pairs
from ftstudio.core import catalog
from ftstudio.core.metrics import shown_title
from ftstudio.core.quantities import byte_size, percent, score
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_, number, tr
from ftstudio.project.certificate_figures import largest_difference

SPEC = VerbSpec(key="export", summary=N_("write a trained model in a form that runs elsewhere"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project, the run, the format and the target."""
    add_project(parser)
    parser.add_argument("--format", metavar="KEY", required=True, help=tr("one of those that “ftstudio formats” lists"))
    add_run(parser)
    parser.add_argument("--to", metavar="PATH", type=a_place, required=True, help=tr("where to write it"))
    parser.add_argument("--overwrite", action="store_true", help=tr("replace what is there"))


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Export, and return the files that were written; the target appears whole or not at all."""
    catalog.exporters().spec(arguments.format)
    options = {
        "run": arguments.run,
        "format": arguments.format,
        "to": str(arguments.to.absolute()),
        "overwrite": arguments.overwrite,
    }
    return run_job(arguments, "export", arguments.project, options)


def show(document: dict[str, Any]) -> list[str]:
    """Return where the model lies, what it consists of, and what its certificate says."""
    failed = document.get("error")
    where = tr("Kept aside in") if failed else tr("Written to")
    lines = pairs([(tr("Run"), document["run"]), (tr("Format"), document["format"]), (where, document["path"])])
    lines += [f"  {name}" for name in document["files"]]
    lines += ["", *_verdict(document["certificate"])]
    return [*lines, "", failed["message"], failed["hint"]] if failed else lines


def exit_code(document: dict[str, Any]) -> int:
    """Return 1 for an export that failed its check."""
    return 1 if document.get("error") else 0


def _verdict(certificate: dict[str, Any] | None) -> list[str]:
    """Return the figures of a certificate; they are missing where the export could not even be asked."""
    if certificate is None:
        return [tr("Nothing was compared: the project has no rows to ask about.")]
    if "agreeing" not in certificate:
        return []
    metric, times = certificate["metric"], certificate["milliseconds_a_row"]
    scores = certificate["metrics"]
    return pairs(
        [
            (tr("Rows asked"), f"{number(certificate['rows'])} ({tr(certificate['split'])})"),
            (tr("Same answers"), f"{number(certificate['agreeing'])} ({percent(certificate['agreement'], 1)})"),
            (tr("Largest difference"), number(largest_difference(certificate))),
            (shown_title(metric), _before_after(score, scores["before"].get(metric), scores["after"].get(metric))),
            (tr("Milliseconds a row"), _before_after(_milliseconds, times["before"], times["after"])),
            (tr("Size"), _before_after(byte_size, certificate["bytes"]["before"], certificate["bytes"]["after"])),
        ]
    )


def _before_after(written: Callable[[float], str], before: float | None, after: float | None) -> str:
    """Write a figure of the trained model and that of its export."""
    if before is None or after is None:
        return ""
    return tr("{before} before, {after} after").format(before=written(before), after=written(after))


def _milliseconds(value: float) -> str:
    return number(value, 1)
