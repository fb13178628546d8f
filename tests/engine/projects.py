"""Tiny projects to train, made through the public doors, and one function to run jobs on them."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ftstudio.core import catalog
from ftstudio.core.messages import Event, Request
from ftstudio.core.settings import Overrides
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.engine.control import Control
from ftstudio.engine.run import execute
from ftstudio.models.library import read_model
from ftstudio.project import modelbook
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.schema import ModelReference
from ftstudio.project.store import create_project, open_project
from tests.support.tiny_models import WORDS
from tests.support.tiny_rewriters import write_dates

SIGNS = {"bad": "awful boring dull", "fine": "river stone cloud", "good": "lovely superb great"}
FAST = {
    "epochs": 2.0,
    "learning_rate": 1e-3,
    "batch_size": 16,
    "max_length": 32,
    "precision": "fp32",
    "device": "cpu",
}


@dataclass
class Tiny:
    """A project, and what the jobs run on it have told."""

    root: Path
    events: list[Event] = field(default_factory=list)

    @property
    def layout(self) -> ProjectLayout:
        return ProjectLayout(self.root)

    def run(self, run_id: str) -> RunLayout:
        return self.layout.run(run_id)

    def job(
        self,
        job: str,
        control: Control | None = None,
        listener: Callable[[Event], None] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """Run a job; its events replace those of the job before. `listener` hears each event first."""
        self.events.clear()

        def emit(event: Event) -> None:
            self.events.append(event)
            if listener is not None:
                listener(event)

        return execute(Request(job=job, project=self.root, options=options), emit, control)

    def train(
        self,
        control: Control | None = None,
        listener: Callable[[Event], None] | None = None,
        resume: str | None = None,
        **values: Any,
    ) -> dict[str, Any]:
        """Train with `FAST` settings changed by `values`, or resume a run."""
        if resume is not None:
            return self.job("train", control, listener, resume=resume)
        settings = Overrides(values={**FAST, **values}).model_dump()
        return self.job("train", control, listener, settings=settings)

    def of(self, kind: type) -> list[Any]:
        """Return the events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]


def make_texts(root: Path, rows: int = 120) -> Path:
    """Make a project of texts of 4 to 24 words with a sign of their class among them."""
    chance = np.random.default_rng(5)
    table = root.with_suffix(".csv")
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label"))
        for row in range(rows):
            label = sorted(SIGNS)[row % 3]
            words = list(chance.choice(WORDS[:20], size=chance.integers(4, 24)))
            words[int(chance.integers(len(words)))] = str(chance.choice(SIGNS[label].split()))
            writer.writerow((" ".join(words), label))
    return _import(root, "text-classification", table)


PLACES = {"colour": ("red", "green", "blue"), "thing": ("apple", "river", "stone", "cloud", "train")}
GOES_ON = {"colour": "paper", "thing": "window"}


def make_tagged(root: Path, rows: int = 120) -> Path:
    """Make a project of texts of 3 to 14 words in which places of one or two words are marked, in every third none."""
    chance = np.random.default_rng(9)
    lines: list[str] = []
    for row in range(rows):
        lines += [f"{word} O" for word in chance.choice(WORDS[:20], size=chance.integers(2, 6))]
        for kind in chance.permutation(sorted(PLACES))[: row % 3]:
            words = [str(chance.choice(PLACES[kind])), GOES_ON[kind]][: chance.integers(1, 3)]
            lines += [f"{word} {'BI'[at > 0]}-{kind}" for at, word in enumerate(words)]
            lines += [f"{word} O" for word in chance.choice(WORDS[:20], size=chance.integers(1, 3))]
        lines += [f"n{row} O", ""]
    table = root.with_suffix(".conll")
    table.write_text("\n".join(lines), encoding="utf-8")
    return _import(root, "token-classification", table)


def make_asked(root: Path, rows: int = 60) -> Path:
    """Make a project of questions that give a letter and of answers that give a thing that begins with it."""
    things = ("an apple.", "a bird.")
    table = root.with_suffix(".csv")
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["prompt", "answer"])
        writer.writerows([f"{row} {'ab'[row % 2]}?", things[row % 2]] for row in range(rows))
    return _import(root, "text-generation", table)


def make_dates(root: Path, rows: int = 96) -> Path:
    """Make a project of dates in figures, to be written in words."""
    return _import(root, "text2text-generation", write_dates(root.with_suffix(".csv"), rows))


def make_questions(root: Path, rows: int = 120) -> Path:
    """Make a project of questions about texts of 10 to 60 words that name one thing, or in every fifth none."""
    chance = np.random.default_rng(4)
    paragraphs = []
    for row in range(rows):
        words = list(chance.choice(WORDS[:28], size=chance.integers(10, 60)))
        middle, thing = int(chance.integers(1, len(words))), str(chance.choice(PLACES["thing"]))
        before = " ".join(words[:middle])
        answers = [] if row % 5 == 4 else [{"text": thing, "answer_start": len(before) + 1}]
        context = " ".join([before, *([thing] if answers else []), *words[middle:], f"n{row}"])
        question = {"id": str(row), "question": "what thing is it", "answers": answers}
        paragraphs.append({"context": context, "qas": [question]})
    source = root.with_suffix(".json")
    source.write_text(json.dumps({"data": [{"title": "things", "paragraphs": paragraphs}]}), encoding="utf-8")
    return _import(root, "question-answering", source)


def make_pictures(root: Path, each: int = 30, side: int = 36) -> Path:
    """Make a project of noisy pictures, one class striped, the other plain."""
    chance = np.random.default_rng(3)
    source = root.with_suffix(".source")
    for label in ("plain", "striped"):
        (source / label).mkdir(parents=True)
        for at in range(each):
            pixels = chance.integers(60, 160, size=(side + at % 3, side + at % 5, 3))
            if label == "striped":
                pixels[::4] += 90
            Image.fromarray(pixels.astype(np.uint8)).save(source / label / f"{at}.png")
    return _import(root, "image-classification", source)


def _import(root: Path, task: str, source: Path) -> Path:
    with create_project(root, root.name, task) as project:
        layout = project.layout
    layout.data.rmdir()
    import_data(layout.data, catalog.tasks().spec(task), ImportPlan(sources=(source,)))
    return root


def copy(template: Path, root: Path, model: Path) -> Tiny:
    """Copy a project and give it `model`, which is known on this computer afterwards."""
    shutil.copytree(template, root)
    reference = ModelReference(name=model.name, source="folder", fingerprint=read_model(model).fingerprint)
    modelbook.remember(reference, model)
    with open_project(root) as project:
        project.save(project.file.model_copy(update={"model": reference}))
    return Tiny(root)


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
