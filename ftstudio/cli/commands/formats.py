"""`ftstudio formats`: the forms in which data can come in and models can go out."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.tables import table
from ftstudio.core import catalog
from ftstudio.core.specs import ExporterSpec, ReaderSpec, VerbSpec
from ftstudio.core.translation import N_, tr
from ftstudio.planning.export_offers import formats_in_order, incomplete

SPEC = VerbSpec(key="formats", summary=N_("list the formats of exported models and of data"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take no arguments of its own."""


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the export formats and the data formats."""
    return {
        "formats": [_format(spec) for spec in formats_in_order()],
        "data": [_data(spec) for spec in catalog.readers()],
    }


def show(document: dict[str, Any]) -> list[str]:
    """Return two tables: what can be exported, what can be imported."""
    exports = document["formats"]
    formats = [[item["format"], item["title"], item["runs_with"]] for item in exports]
    lacking = [f"{item['format']}: {item['missing']} {item['hint']}" for item in exports if item["missing"]]
    data = [[item["data"], item["title"], " ".join(item["suffixes"]) or tr("folder")] for item in document["data"]]
    return [
        tr("Export"),
        *table([tr("key"), tr("format"), tr("runs with")], formats),
        *(["", tr("Not to be made on this computer:"), *lacking] if lacking else []),
        "",
        tr("Data"),
        *table([tr("key"), tr("form"), tr("files")], data),
    ]


def _format(spec: ExporterSpec) -> dict[str, Any]:
    lacking = incomplete(spec)
    return {
        "format": spec.key,
        "title": tr(spec.title),
        "summary": tr(spec.summary),
        "runs_with": tr(spec.runs_with),
        "suits": sorted(spec.suits),
        "modalities": sorted(modality.value for modality in spec.modalities),
        "methods": sorted(spec.methods),
        "needs": list(spec.needs),
        "lossy": spec.lossy,
        "missing": str(lacking.message) if lacking else "",
        "hint": str(lacking.hint) if lacking and lacking.hint else "",
    }


def _data(spec: ReaderSpec) -> dict[str, Any]:
    return {
        "data": spec.key,
        "title": tr(spec.title),
        "suffixes": list(spec.suffixes),
        "folder": spec.is_folder,
        "modalities": sorted(modality.value for modality in spec.modalities),
        "example": spec.example,
    }
