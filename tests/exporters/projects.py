"""Finished runs as training leaves them, made in a moment from untrained models."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import torch
from PIL import Image

from ftstudio.core import catalog
from ftstudio.core.messages import Request
from ftstudio.core.settings import Overrides, build
from ftstudio.core.specs import Answer, Modality
from ftstudio.core.states import RunState, Split
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers.shaped import task_of
from ftstudio.engine.layers.freezing import plan_layers
from ftstudio.engine.run import execute
from ftstudio.engine.runs import results
from ftstudio.engine.task import Bundle
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import RunReport, RunRequest, RunStatus, create_run, write_report, write_status
from ftstudio.project.schema import ModelReference
from ftstudio.project.store import create_project
from tests.support import tiny_rewriters

TEXTS = {"good": "a lovely film and a great story", "bad": "the plot was dull and the music awful"}
WORDS = ("film", "plot", "actor", "scene", "music", "story", "summer", "winter", "river", "train")


def _untouched(bundle: Bundle) -> None:
    """Leave a model as it was loaded."""


def text_project(
    root: Path,
    model: Path,
    reference: ModelReference,
    changes: Mapping[str, Any] = MappingProxyType({}),
    change: Callable[[Bundle], None] = _untouched,
) -> ProjectLayout:
    """Make a project of short texts with one finished run, whose model is `model` with a new head."""
    source = root.with_suffix(".csv")
    with source.open("w", newline="", encoding="utf-8") as file:
        rows = [
            (f"{text} {word} {number}", label) for label, text in TEXTS.items() for number, word in enumerate(WORDS)
        ]
        csv.writer(file).writerows([("text", "label"), *rows])
    return _finished(root, "text-classification", source, model, reference, changes, change)


def _tagged(root: Path) -> Path:
    """Write texts in which a person and a city are marked; returns the file."""
    lines: list[str] = []
    for number, word in enumerate(2 * WORDS):
        lines += [
            f"the O\n{word} B-place",
            "red I-place"[: 11 * (number % 2)],
            "is O",
            "good B-praise",
            f"x{number} O",
            "",
        ]
    path = root.with_suffix(".conll")
    path.write_text("\n".join(line for at, line in enumerate(lines) if line or at % 6 == 5), encoding="utf-8")
    return path


def tagged_project(root: Path, model: Path, reference: ModelReference, method: str = "full") -> ProjectLayout:
    """Make a project of texts with marked places and one finished run, whose model is `model` with a new head."""
    change = _adapted if method == "lora" else _untouched
    return _finished(root, "token-classification", _tagged(root), model, reference, {"tuning_method": method}, change)


def question_project(root: Path, model: Path, reference: ModelReference, method: str = "full") -> ProjectLayout:
    """Make a project of questions about passages of several windows, some without an answer, with one finished run."""
    source = root.with_suffix(".csv")
    with source.open("w", newline="", encoding="utf-8") as file:
        rows = [("question", "context", "answer")]
        for number, word in enumerate(2 * WORDS):
            passage = f"{'the film was good and ' * (number % 7)}the {word} is in the red garden."
            rows.append((f"Where is the {word}?", passage, "the red garden" if number % 5 else "[]"))
        csv.writer(file).writerows(rows)
    change = _adapted if method == "lora" else _untouched
    return _finished(root, "question-answering", source, model, reference, {"tuning_method": method}, change)


def image_project(root: Path, model: Path, reference: ModelReference, side: int = 48) -> ProjectLayout:
    """Make a project of noisy pictures of odd shapes with one finished run, whose model is `model` with a new head."""
    source, chance = root.with_suffix(".pictures"), np.random.default_rng(3)
    for number, label in enumerate(("dark", "light")):
        (source / label).mkdir(parents=True)
        for at in range(10):
            pixels = chance.integers(110 * number, 140 + 110 * number, size=(side + at, side + 3 * at, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(source / label / f"{at}.png")
    return _finished(root, "image-classification", source, model, reference, {}, _untouched)


def shaped_texts(
    root: Path, model: Path, reference: ModelReference, kind: str, changes: Mapping[str, Any] = MappingProxyType({})
) -> ProjectLayout:
    """Make a project of texts with `labels` of several kinds each, or a `number`, with one finished run."""
    source = root.with_suffix(".csv")
    with source.open("w", newline="", encoding="utf-8") as file:
        rows = [("text", "label")]
        for number, word in enumerate(3 * WORDS):
            there = [name for at, name in enumerate(("dull", "loud", "warm")) if number % (at + 2) == 0]
            several = "|".join(there) or "[]"
            rows.append((f"{' '.join(there)} {word} {number}", several if kind == "labels" else f"{7.5 + 3 * number}"))
        csv.writer(file).writerows(rows)
    change = _adapted if changes.get("tuning_method") == "lora" else _untouched
    return _finished(root, "text-classification", source, model, reference, changes, change)


def shaped_pictures(root: Path, model: Path, reference: ModelReference, kind: str, side: int = 48) -> ProjectLayout:
    """Make a project of noisy pictures with several `labels` each, or a `number`, with one finished run."""
    folder, chance = root.with_suffix(".pictures"), np.random.default_rng(3)
    folder.mkdir()
    rows = [("image", "label")]
    for at in range(24):
        light = int(chance.integers(0, 200))
        pixels = chance.integers(light, light + 6, size=(side + at, side + 2 * at, 3))
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{at}.png")
        several = "|".join(name for name, so in (("light", light > 100), ("even", at % 2 == 0)) if so) or "[]"
        rows.append((f"{at}.png", several if kind == "labels" else f"{light / 7:.2f}"))
    table = folder / "rows.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return _finished(root, "image-classification", table, model, reference, {}, _untouched)


def written_project(root: Path, model: Path, reference: ModelReference) -> ProjectLayout:
    """Make a project of short texts with one finished run, whose model writes."""
    source = root.with_suffix(".csv")
    with source.open("w", newline="", encoding="utf-8") as file:
        texts = [f"{sentence} {word} {number}" for sentence in TEXTS.values() for number, word in enumerate(WORDS)]
        csv.writer(file).writerows([["text"], *([one] for one in texts)])
    return _finished(root, "text-generation", source, model, reference, {}, _untouched)


def rewritten_project(
    root: Path, model: Path, reference: ModelReference, changes: Mapping[str, Any] = MappingProxyType({})
) -> ProjectLayout:
    """Make a project of dates to be written in words with one finished run, whose model writes all kinds of things."""
    source = tiny_rewriters.write_dates(root.with_suffix(".csv"), 40)
    lengths = {"max_length": 24, "target_length": 24, **changes}
    return _finished(root, "text2text-generation", source, model, reference, lengths, _stirred)


def _stirred(bundle: Bundle) -> None:
    """Let an untrained model write all kinds of things, as one with small weights does not."""
    chance = torch.Generator().manual_seed(6)
    with torch.no_grad():
        for value in bundle.model.parameters():
            value.add_(0.2 * torch.randn(value.shape, generator=chance))


def lora_project(root: Path, model: Path, reference: ModelReference) -> ProjectLayout:
    """Make a project of short texts with one run whose adapters have learned something, as training leaves it."""
    return text_project(root, model, reference, {"tuning_method": "lora"}, _adapted)


def _adapted(bundle: Bundle) -> None:
    """Let adapters have learned something."""
    plan = plan_layers(bundle.model, bundle.settings)
    chance = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, value in bundle.model.named_parameters():
            if name in plan.adapters:
                value.add_(0.2 * torch.randn(value.shape, generator=chance))


def _finished(
    root: Path,
    task_key: str,
    source: Path,
    model: Path,
    reference: ModelReference,
    changes: Mapping[str, Any],
    change: Callable[[Bundle], None],
) -> ProjectLayout:
    with create_project(root, root.name, task_key) as project:
        layout = project.layout
    layout.data.rmdir()
    import_data(layout.data, catalog.tasks().spec(task_key), ImportPlan(sources=(source,)))
    data = Dataset.open(layout.data)
    task: Any = task_of(task_key, data.answer)
    settings = build({**({"max_length": 32} if task.SPEC.modality is Modality.TEXT else {}), **changes})
    labels = data.labels
    asked = RunRequest(
        task=task_key,
        model=reference,
        settings=settings.model_dump(),
        overrides=Overrides(),
        data_fingerprint="",
        answer=data.answer,
        name="first | try",
        seed=0,
    )
    run = create_run(layout, asked)
    torch.manual_seed(11)
    bundle = task.load(model, labels, settings, trained=False)
    task.encode(bundle, data.table(Split.TRAIN), data.folder)
    change(bundle)
    results.write_model(SimpleNamespace(task=task, bundle=bundle), run)  # type: ignore[arg-type]
    scores, tables = {"macro_f1": 0.75, "accuracy": 0.8}, {}
    if task.SPEC.answer is Answer.LABEL:
        tables = {"validation": {"baseline": {"kind": "majority", "label": labels[0], "accuracy": 0.5}}}
    else:
        scores = {"loss": 6.0} if task.SPEC.answer.writes else {"f1": 0.75, "precision": 0.8}
    report = {"run": run.id, "labels": bundle.labels, "metrics": {"validation": scores, "test": {}}, "tables": tables}
    write_report(run, RunReport(document=report))
    write_status(run, RunStatus(state=RunState.FINISHED))
    return layout


def export(project: ProjectLayout, key: str, to: Path, *, overwrite: bool = False, events: list | None = None) -> dict:
    """Run the job as every listener does."""
    options = {"run": None, "format": key, "to": str(to), "overwrite": overwrite}
    emit = (lambda event: None) if events is None else events.append
    return execute(Request(job="export", project=project.root, options=options), emit)


def front_matter(card: str) -> Sequence[str]:
    return card.split("---\n")[1].splitlines()


def read_json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def flip(path: Path) -> None:
    """Change every seventh byte in the second half of a file, whatever it belongs to."""
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 2, len(data) - len(data) // 10, 7):
        data[at] ^= 0xC0
    path.write_bytes(bytes(data))
