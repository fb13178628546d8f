"""Writes the README that goes with every exported model: what it is, what it learned from, how good it is, its use.

It is a document for whoever receives the model, so it is in English whatever language the program speaks. It holds
counts and scores, never rows of the user's data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ftstudio import __version__
from ftstudio.core import catalog, units
from ftstudio.core.errors import StudioError
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.translation import english
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers import intervals
from ftstudio.engine.answers.shaped import task_of
from ftstudio.engine.runs.trained import TrainedModel
from ftstudio.planning.answers import read_answers
from ftstudio.project import atomic

CARD = "README.md"
MAKER = "Fine-Tuning Studio"
_SPLITS = ("train", "validation", "test")
_MOST_LABELS = 50
_FEWEST_ROWS = 10  # below that an interval says nothing


def write_card(trained: TrainedModel, folder: Path, library: str, usage: str) -> None:
    """Write the model card into `folder`; `usage` is plain Python that loads the model and asks it one thing."""
    with english():
        parts = _parts(trained, library, usage)
    atomic.write_text(folder / CARD, "\n\n".join(part for part in parts if part) + "\n")


def _parts(trained: TrainedModel, library: str, usage: str) -> list[str]:
    return [
        _front_matter(trained, library),
        f"# {_line(trained.name) or trained.run}",
        _introduction(trained),
        f"## Use\n\n```python\n{usage.strip()}\n```",
        _training(trained),
        _results(trained),
        _decision(trained),
        _limits(trained),
        _licence(trained),
    ]


def _front_matter(trained: TrainedModel, library: str) -> str:
    """Return the machine-readable head; JSON strings are valid YAML, so any name is safe in it."""
    lines = [f"library_name: {library}", f"pipeline_tag: {trained.task}", "tags:", "- fine-tuned"]
    if trained.licence:
        lines.insert(0, f"license: {json.dumps(trained.licence, ensure_ascii=False)}")
    return "\n".join(["---", *lines, "---"])


def _introduction(trained: TrainedModel) -> str:
    task = catalog.tasks().spec(trained.task).title if trained.task in catalog.tasks() else trained.task
    what, names = ("kinds of places", units.kinds_of(trained.labels)) if _marks(trained) else ("labels", trained.labels)
    labels = ", ".join(f"`{_line(label)}`" for label in names[:_MOST_LABELS])
    more = f" and {len(names) - _MOST_LABELS} more" if len(names) > _MOST_LABELS else ""
    has_names = names and _answer(trained) not in (Answer.EXTRACT, Answer.NUMBER)
    told = f" with {len(names)} {what}: {labels}{more}" if has_names else ""
    return (
        f"{task}{told}.\n\n"
        f"Made from {_line(trained.base)} ({trained.parameters:,} parameters) with {MAKER} {__version__}."
    )


def _marks(trained: TrainedModel) -> bool:
    """Whether the model marks places in texts."""
    return _answer(trained) is Answer.SPANS


def _answer(trained: TrainedModel) -> Answer:
    return trained.answer


def _training(trained: TrainedModel) -> str:
    rows = [f"- {split}: {trained.rows[split]} rows" for split in _SPLITS if split in trained.rows]
    settings = [f"| {key} | {_line(str(value))} |" for key, value in trained.settings.items() if value is not None]
    table = "\n".join(["| setting | value |", "| --- | --- |", *settings])
    counted = "\n".join(rows) or "The number of rows was not recorded."
    return f"## Training\n\nThe data itself is not part of this folder.\n\n{counted}\n\n{table}"


def _results(trained: TrainedModel) -> str:
    measured = trained.report.get("metrics")
    splits = {name: measured[name] for name in trained.shown if measured.get(name)} if measured else {}
    if not splits:
        return ""
    keys = list(dict.fromkeys(key for values in splits.values() for key in values))
    between = {name: _intervals(trained, Split(name)) for name in splits}
    lines = ["| metric | " + " | ".join(splits) + " |", "| --- |" + " --- |" * len(splits)]
    for key in keys:
        cells = (_measured(values.get(key), between[name].get(key)) for name, values in splits.items())
        lines.append(f"| {key} | " + " | ".join(cells) + " |")
    if any(between.values()):
        lines += ["", "In brackets: where the score would lie on other rows of the same kind, 95 times in 100."]
    return "## Results\n\n" + "\n".join(lines) + _baseline(trained) + _seal(trained)


def _intervals(trained: TrainedModel, split: Split) -> Mapping[str, tuple[float, float]]:
    """Return the 95 % bootstrap interval of each metric, from the stored answers; none where these cannot be read."""
    if _answer(trained) is not Answer.LABEL or not trained.labels:
        return trained.report.get("intervals", {}).get(split.value, {})  # type: ignore[no-any-return]
    task = task_of(trained.task, trained.answer)
    try:
        answers = read_answers(trained.layout, Dataset.open(trained.data))
    except StudioError:
        return {}
    rows = answers.of(split)
    logits, labels = answers.logits[rows].astype(np.float32), answers.label[rows]
    if len(labels) < _FEWEST_ROWS:
        return {}
    return intervals.over_rows(task.score, logits, labels, np.arange(len(labels)), seed=0)


def _measured(value: Any, between: tuple[float, float] | None) -> str:
    spread = f" ({between[0]:.4f} to {between[1]:.4f})" if between and value is not None else ""
    return f"{_number(value)}{spread}"


def _seal(trained: TrainedModel) -> str:
    """Say how often the test rows were looked at: a score that was chosen by is worth less."""
    if not trained.rows.get(Split.TEST.value):
        return ""
    return (
        f"\n\n{trained.looks}"
        if trained.test_is_open
        else f"\n\nFigures on the test rows are kept sealed. {trained.looks}"
    )


def _decision(trained: TrainedModel) -> str:
    """Say how answers follow from what the model gives, where that is more than the likeliest label."""
    decision = trained.decision
    if decision.is_plain(trained.labels):
        return ""
    points = []
    if decision.temperature != 1.0:
        points.append(f"Divide the logits by {decision.temperature:.4g} before softmax (temperature scaling).")
    if decision.has_threshold(trained.labels):
        other = next(label for label in trained.labels if label != decision.positive)
        points.append(
            f"Answer `{_line(decision.positive)}` when its probability is at least {decision.threshold:.4g}, "
            f"else `{_line(other)}`."
        )
    if decision.thresholds:
        each = ", ".join(f"`{_line(name)}` {least:.4g}" for name, least in decision.thresholds.items())
        points.append(f"Give each label whose probability (sigmoid) is at least: {each}.")
    if decision.no_answer_margin:
        points.append(
            "Give no answer where the logits of that (beginning and end together) are higher than those of the best "
            f"place by more than {decision.no_answer_margin:.4g}."
        )
    if decision.dont_know_below:
        points.append(
            f"Answer “don't know” when the probability of the answer is below {decision.dont_know_below:.4g}."
        )
    told = "\n".join(f"{number}. {point}" for number, point in enumerate(points, start=1))
    return f"## How to decide\n\nThe maker chose how answers are given (`decision.json`):\n\n{told}"


def _baseline(trained: TrainedModel) -> str:
    """Return what the scores are to be compared with: always giving the most frequent label."""
    tables = trained.report.get("tables") or {}
    splits = [tables[name] for name in trained.shown if tables.get(name)]
    baseline: Mapping[str, Any] = splits[0].get("baseline", {}) if splits else {}
    if "accuracy" not in baseline:
        return ""
    label, accuracy = _line(str(baseline.get("label", ""))), _number(baseline["accuracy"])
    return f"\n\nAlways answering `{label}`, the most frequent label, would have an accuracy of {accuracy}."


def _limits(trained: TrainedModel) -> str:
    cut = trained.settings.get("max_length") if trained.task.startswith(("text", "token")) else None
    length = f" It reads at most {cut} tokens of a text." if cut else ""
    if _answer(trained) is Answer.EXTRACT:
        return (
            "## Limits\n\n"
            "The model points at words of the given text, or at none. It does not reason or count, and knows nothing "
            "beside the text. Scores were measured on data from the same source as the training data and will be lower "
            "elsewhere. It may repeat the prejudices of its base model and of the training data."
        )
    if _answer(trained).writes:
        return (
            "## Limits\n\n"
            "The model writes what is likely after its examples, not what is true; read what it writes before it is "
            f"used. Scores were measured on data from the same source as the training data and will be lower elsewhere."
            f"{length} It may repeat the prejudices of its base model and of the training data."
        )
    return (
        "## Limits\n\n"
        f"The model {_always(trained)}. Scores were measured on data from the same source "
        f"as the training data and will be lower elsewhere.{length} It may repeat the prejudices of its base model "
        "and of the training data."
    )


def _always(trained: TrainedModel) -> str:
    """Say what the model does with whatever it is given."""
    always = "" if trained.decision.dont_know_below else "always "
    does = {
        Answer.SPANS: "marks places of its kinds",
        Answer.LABELS: "gives any of its labels, or none",
        Answer.NUMBER: "always answers with a number",
    }.get(_answer(trained), f"{always}answers with one of its labels")
    sure = (
        "it does not say how sure it is"
        if _answer(trained) is Answer.NUMBER
        else "the probabilities say how sure it is, not whether it is right"
    )
    return f"{does}, also for input unlike anything it was trained on; {sure}"


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
