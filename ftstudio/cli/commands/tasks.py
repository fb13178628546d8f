"""`ftstudio tasks`: what a model can be fine-tuned for."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.tables import table
from ftstudio.core import catalog
from ftstudio.core.specs import TaskSpec, VerbSpec
from ftstudio.core.translation import N_, tr

SPEC = VerbSpec(key="tasks", summary=N_("list what a model can be fine-tuned for"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take no arguments of its own."""


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return every task with the column roles it reads and the metrics it is judged by."""
    return {"tasks": [_task(spec) for spec in catalog.tasks()]}


def show(document: dict[str, Any]) -> list[str]:
    """Return the tasks as a table."""
    rows = [[task["task"], task["title"], ", ".join(task["columns"])] for task in document["tasks"]]
    return table([tr("key"), tr("task"), tr("columns")], rows)


def _task(spec: TaskSpec) -> dict[str, Any]:
    return {
        "task": spec.key,
        "title": tr(spec.title),
        "summary": tr(spec.summary),
        "modality": spec.modality.value,
        "columns": [role.value for role in spec.required],
        "optional_columns": [role.value for role in spec.optional],
        "metrics": [metric.key for metric in spec.metrics],
        "monitor": spec.monitor,
    }
