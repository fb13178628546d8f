"""Puts a checkpoint, a GGUF file or an adapter into a form that can be loaded; each is converted once."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.cli.jobs import run_job

if TYPE_CHECKING:
    from ftstudio.models.records import ModelRecord


def ready(arguments: argparse.Namespace, record: ModelRecord) -> ModelRecord:
    """Return the model as it can be loaded; a starter is left to its first training, which prepares it."""
    from ftstudio.models.library import read_model

    if not record.needs_preparing or record.starter:
        return record
    prepared = run_job(arguments, "prepare_model", None, {"path": str(record.path)})
    return dataclasses.replace(read_model(Path(prepared["path"])), name=record.name)
