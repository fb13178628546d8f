"""`ftstudio export DIR`: give a trained model away in a form that runs elsewhere."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import a_path, add_project, add_run
from ftstudio.cli.jobs import run_job
from ftstudio.cli.tables import pairs
from ftstudio.core import catalog
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_, tr

SPEC = VerbSpec(key="export", summary=N_("write a trained model in a form that runs elsewhere"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project, the run, the format and the target."""
    add_project(parser)
    parser.add_argument("--format", metavar="KEY", required=True, help=tr("one of those that “ftstudio formats” lists"))
    add_run(parser)
    parser.add_argument("--to", metavar="PATH", type=a_path, required=True, help=tr("where to write it"))
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
    """Return where the model lies and what it consists of."""
    lines = pairs(
        [(tr("Run"), document["run"]), (tr("Format"), document["format"]), (tr("Written to"), document["path"])]
    )
    return [*lines, *(f"  {name}" for name in document["files"])]
