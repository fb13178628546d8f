"""`ftstudio report DIR`: one page about a run, for people who do not have the program."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import a_path, add_project, add_run
from ftstudio.cli.tables import pairs
from ftstudio.core.errors import InputError
from ftstudio.core.quantities import byte_size
from ftstudio.core.specs import VerbSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_, tr

SPEC = VerbSpec(key="report", summary=N_("write a page about a run: its scores, mistakes, data and settings"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project, the run, the file and how many rows may be shown."""
    add_project(parser)
    add_run(parser)
    parser.add_argument(
        "--to", metavar="FILE", type=a_path, required=True, help=tr("where to write it: a name in .html or .pdf")
    )
    parser.add_argument(
        "--samples", metavar="N", type=int, default=0, help=tr("show the N worst answers, which are rows of your data")
    )
    parser.add_argument("--overwrite", action="store_true", help=tr("replace what is there"))


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Write the report; it appears whole or not at all."""
    from ftstudio.cli.printing import write_pdf
    from ftstudio.planning.reporting import target as targets
    from ftstudio.project.runs import find_run
    from ftstudio.project.store import open_project

    if not 0 <= arguments.samples <= targets.MOST_SAMPLES:
        raise InputError(
            text("{count} answers cannot be shown in a report.", count=arguments.samples),
            text("Give a number from 0 to {most}.", most=targets.MOST_SAMPLES),
            field="samples",
        )
    project = open_project(arguments.project, write=False)
    target, kind = targets.check(arguments.to, project, overwrite=arguments.overwrite)
    chosen = find_run(project.layout, arguments.run)
    write = write_pdf if kind == targets.PDF else targets.write_page
    write(project, chosen.id, target, arguments.samples)
    return {"run": chosen.id, "path": str(target), "bytes": target.stat().st_size, "samples": arguments.samples}


def show(document: dict[str, Any]) -> list[str]:
    """Return where the report is."""
    return pairs(
        [
            (tr("Run"), document["run"]),
            (tr("Written to"), document["path"]),
            (tr("Size"), byte_size(document["bytes"])),
        ]
    )
