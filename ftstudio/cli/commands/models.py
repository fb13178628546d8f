"""`ftstudio models [DIR ...]`: the pretrained models on this computer and what they can be fine-tuned for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ftstudio.cli.arguments import a_path
from ftstudio.cli.tables import table
from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.quantities import byte_size, parameter_count
from ftstudio.core.specs import VerbSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_, tr

if TYPE_CHECKING:
    from ftstudio.models.records import ModelRecord

SPEC = VerbSpec(key="models", summary=N_("list the pretrained models on this computer"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take folders to look in besides the starters and the known folders."""
    parser.add_argument("folders", metavar="DIR", nargs="*", type=a_path, help=tr("a folder of models"))


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return every model found, which tasks it fits and why not the others; broken ones with their reason."""
    from ftstudio.models.library import find_models
    from ftstudio.project.modelbook import model_folders

    for folder in arguments.folders:
        if not folder.is_dir():
            raise InputError(
                text("There is no folder “{folder}”.", folder=str(folder)), text("Check the path."), file=str(folder)
            )
    found = find_models([*arguments.folders, *model_folders()])
    return {
        "models": [_model(record) for record in found.models],
        "broken": [
            {"path": str(item.path), "reason": item.reason.render(), "hint": item.hint.render() if item.hint else ""}
            for item in found.broken
        ],
    }


def show(document: dict[str, Any]) -> list[str]:
    """Return the models as a table, then those that cannot be read."""
    rows = [
        [
            model["name"],
            model["family"],
            parameter_count(model["parameters"]),
            byte_size(model["bytes"]),
            ", ".join(model["fits"]),
            model["reference"],
        ]
        for model in document["models"]
    ]
    headers = [tr("name"), tr("family"), tr("parameters"), tr("size"), tr("fits"), tr("--model")]
    notes = [f"· {model['name']}: {note}" for model in document["models"] for note in model["notes"]]
    broken = [f"✗ {item['path']}: {item['reason']}" for item in document["broken"]]
    return [*table(headers, rows, right=[2, 3]), *notes, *broken]


def _model(record: ModelRecord) -> dict[str, Any]:
    from ftstudio.models.compatibility import fits

    answers = {spec.key: fits(record, spec) for spec in catalog.tasks()}
    return {
        "name": record.name,
        "path": str(record.path),
        "reference": record.origin if record.starter else str(record.path),
        "family": record.family,
        "architecture": record.architecture,
        "kind": record.kind.value,
        "parameters": record.parameters,
        "bytes": record.bytes,
        "licence": record.licence,
        "notes": [note.render() for note in record.notes],
        "fits": [key for key, why_not in answers.items() if why_not is None],
        "not_because": {key: why_not.render() for key, why_not in answers.items() if why_not is not None},
    }
