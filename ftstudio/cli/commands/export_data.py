"""`ftstudio export-data DIR --to PATH`: the project's rows with every change made since the import, as a table, or
pictures with boxes as a folder.
"""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import a_path, add_project
from ftstudio.cli.tables import pairs
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_, number, tr

SPEC = VerbSpec(
    key="export-data", summary=N_("write the data, corrected labels and boxes included, to a table or a folder")
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project and the file to write."""
    add_project(parser)
    ending = tr("a file that ends in .csv, .tsv, .jsonl or .parquet; with --format a new folder")
    parser.add_argument("--to", metavar="PATH", type=a_path, required=True, help=ending)
    parser.add_argument(
        "--format", choices=("coco", "yolo"), help=tr("pictures with boxes as other programs read them")
    )
    parser.add_argument("--overwrite", action="store_true", help=tr("replace the file if it is there already"))


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Write the table; returns where it is, how many rows it has and how many labels were fixed."""
    from ftstudio.datasets import label_edits
    from ftstudio.datasets.store import Dataset
    from ftstudio.planning import box_export, table_export
    from ftstudio.project.store import open_project

    with open_project(arguments.project, write=False) as project:
        dataset = Dataset.open(project.layout.data)
        target = arguments.to.absolute()
        fixed = len(label_edits.relabelled(dataset.edits))
        if arguments.format:
            rows = box_export.export(dataset, target, arguments.format)
            return {"path": str(target), "rows": rows, "format": arguments.format, "labels_fixed": fixed}
        rows = table_export.export(dataset, target, overwrite=arguments.overwrite)
    return {"path": str(target), "rows": rows, "columns": table_export.columns_of(dataset), "labels_fixed": fixed}


def show(document: dict[str, Any]) -> list[str]:
    """Return where the table lies."""
    return pairs(
        [
            (tr("Folder") if "format" in document else tr("Table"), document["path"]),
            (tr("Rows"), number(document["rows"])),
            (tr("Labels fixed"), number(document["labels_fixed"])),
        ]
    )
