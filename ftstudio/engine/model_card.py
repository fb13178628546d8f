"""Writes the README that goes with every exported model: what it is, what it learned from, how good it is, its use.

It is a document for whoever receives the model, so it is in English whatever language the program speaks. It holds
counts and scores, never rows of the user's data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftstudio import __version__
from ftstudio.core import catalog
from ftstudio.engine.trained import TrainedModel
from ftstudio.project import atomic

CARD = "README.md"
MAKER = "Fine-Tuning Studio"
_SPLITS = ("train", "validation", "test")
_MOST_LABELS = 50


def write_card(trained: TrainedModel, folder: Path, library: str, usage: str) -> None:
    """Write the model card into `folder`; `usage` is plain Python that loads the model and asks it one thing."""
    parts = [
        _front_matter(trained, library),
        f"# {_line(trained.name) or trained.run}",
        _introduction(trained),
        f"## Use\n\n```python\n{usage.strip()}\n```",
        _training(trained),
        _results(trained),
        _limits(trained),
        _licence(trained),
    ]
    atomic.write_text(folder / CARD, "\n\n".join(part for part in parts if part) + "\n")


def _front_matter(trained: TrainedModel, library: str) -> str:
    """Return the machine-readable head; JSON strings are valid YAML, so any name is safe in it."""
    lines = [f"library_name: {library}", f"pipeline_tag: {trained.task}", "tags:", "- fine-tuned"]
    if trained.licence:
        lines.insert(0, f"license: {json.dumps(trained.licence, ensure_ascii=False)}")
    return "\n".join(["---", *lines, "---"])


def _introduction(trained: TrainedModel) -> str:
    task = catalog.tasks().spec(trained.task).title if trained.task in catalog.tasks() else trained.task
    labels = ", ".join(f"`{_line(label)}`" for label in trained.labels[:_MOST_LABELS])
    more = f" and {len(trained.labels) - _MOST_LABELS} more" if len(trained.labels) > _MOST_LABELS else ""
    return (
        f"{task} with {len(trained.labels)} labels: {labels}{more}.\n\n"
        f"Made from {_line(trained.base)} ({trained.parameters:,} parameters) with {MAKER} {__version__}."
    )


def _training(trained: TrainedModel) -> str:
    rows = [f"- {split}: {trained.rows[split]} rows" for split in _SPLITS if split in trained.rows]
    settings = [f"| {key} | {_line(str(value))} |" for key, value in trained.settings.items() if value is not None]
    table = "\n".join(["| setting | value |", "| --- | --- |", *settings])
    counted = "\n".join(rows) or "The number of rows was not recorded."
    return f"## Training\n\nThe data itself is not part of this folder.\n\n{counted}\n\n{table}"


def _results(trained: TrainedModel) -> str:
    measured = trained.report.get("metrics")
    splits = {name: values for name, values in measured.items() if values} if isinstance(measured, Mapping) else {}
    if not splits:
        return ""
    keys = list(dict.fromkeys(key for values in splits.values() for key in values))
    lines = ["| metric | " + " | ".join(splits) + " |", "| --- |" + " --- |" * len(splits)]
    lines += [f"| {key} | " + " | ".join(_number(values.get(key)) for values in splits.values()) + " |" for key in keys]
    return "## Results\n\n" + "\n".join(lines) + _baseline(trained)


def _baseline(trained: TrainedModel) -> str:
    """Return what the scores are to be compared with: always giving the most frequent label."""
    tables = trained.report.get("tables") or {}
    splits = [tables[name] for name in ("test", "validation") if tables.get(name)]
    baseline: Mapping[str, Any] = splits[0].get("baseline", {}) if splits else {}
    if "accuracy" not in baseline:
        return ""
    label, accuracy = _line(str(baseline.get("label", ""))), _number(baseline["accuracy"])
    return f"\n\nAlways answering `{label}`, the most frequent label, would have an accuracy of {accuracy}."


def _limits(trained: TrainedModel) -> str:
    cut = trained.settings.get("max_length")
    length = f" It reads at most {cut} tokens of a text." if cut and trained.source == "huggingface" else ""
    return (
        "## Limits\n\n"
        "The model always answers with one of its labels, also for input unlike anything it was trained on; the "
        "probabilities say how sure it is, not whether it is right. Scores were measured on data from the same source "
        f"as the training data and will be lower elsewhere.{length} It may repeat the prejudices of its base model "
        "and of the training data."
    )


def _licence(trained: TrainedModel) -> str:
    known = (
        f"The base model is under the licence `{_line(trained.licence)}`"
        if trained.licence
        else ("The licence of the base model is not known to the program")
    )
    return f"## Licence\n\n{known}; what may be done with this model depends on it and on the training data."


def _number(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else ""


def _line(value: str) -> str:
    """Return a value on one line that cannot break out of the table or code span it stands in."""
    return " ".join(value.split()).replace("|", "\\|").replace("`", "'")
