"""Tiny projects made through the public doors: a folder, imported data, a random model. They train in seconds."""

from __future__ import annotations

import csv
import itertools
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ftstudio.core import catalog
from ftstudio.core.settings import Overrides
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan, Shares
from ftstudio.datasets.store import Dataset
from ftstudio.models.library import read_model
from ftstudio.project import modelbook
from ftstudio.project.schema import DataReference, ModelReference
from ftstudio.project.store import create_project

GOOD = ("good", "great", "fine", "lovely", "superb", "brilliant", "moving", "clever")
BAD = ("bad", "awful", "dull", "boring", "weak", "poor", "terrible", "silly")
PLAIN = ("film", "movie", "plot", "actor", "scene", "music", "story", "the", "a", "was", "and", "very", "it")


def write_reviews(path: Path, rows: int = 96, seed: int = 5) -> Path:
    """Write a CSV file of short reviews, half of them `positive`, half `negative`, no two alike; returns `path`."""
    chance = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review", "label"])
        for number in range(rows):
            positive = number % 2 == 0
            words = chance.choices(PLAIN, k=chance.randint(3, 12)) + chance.choices(GOOD if positive else BAD, k=2)
            chance.shuffle(words)
            writer.writerow([f"{' '.join(words)} {number}", "positive" if positive else "negative"])
    return path


def write_pictures(folder: Path, per_class: int = 24, seed: int = 5) -> Path:
    """Write a folder of small PNG pictures for each of the classes `stripes` and `spots`; returns `folder`."""
    chance = np.random.default_rng(seed)
    for label in ("stripes", "spots"):
        (folder / label).mkdir(parents=True)
        for number in range(per_class):
            pixels = chance.integers(0, 80, (32, 32, 3))
            if label == "stripes":
                pixels[:, :: int(chance.integers(2, 5))] += 150
            else:
                pixels[:: int(chance.integers(4, 7)), :: int(chance.integers(4, 7))] += 150
            Image.fromarray(pixels.astype(np.uint8)).save(folder / label / f"{number:03}.png")
    return folder


def make_project(root: Path, task: str, source: Path, model: Path, **settings: object) -> Path:
    """Make a project at `root` with the data of `source`, the model in the folder `model` and `settings`."""
    record = read_model(model)
    reference = ModelReference(name=record.name, source="folder", fingerprint=record.fingerprint)
    with create_project(root, root.name, task) as project:
        plan = ImportPlan(sources=(source,), shares=Shares(validation=0.25, test=0.25), seed=1)
        import_data(project.layout.data, catalog.tasks().spec(task), plan)
        manifest = Dataset.open(project.layout.data).manifest
        data = DataReference(name=manifest.name, fingerprint=manifest.fingerprint, imported=manifest.imported)
        chosen = Overrides(preset="quick", values=dict(settings))
        project.save(project.file.model_copy(update={"model": reference, "data": data, "settings": chosen}))
    modelbook.remember(reference, model)
    return root


@pytest.fixture(scope="session")
def tiny_text_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a CSV file of 96 short reviews."""
    return write_reviews(tmp_path_factory.mktemp("sources") / "reviews.csv")


@pytest.fixture(scope="session")
def tiny_image_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 48 small pictures of two classes."""
    return write_pictures(tmp_path_factory.mktemp("sources") / "patterns")


@pytest.fixture
def tiny_text_project(tmp_path: Path, tiny_text_source: Path, tiny_text_model: Path) -> Path:
    """Return the folder of a text classification project: 48 training rows, full tuning, 6 epochs of 6 steps."""
    return make_project(
        tmp_path / "reviews",
        "text-classification",
        tiny_text_source,
        tiny_text_model,
        tuning_method="full",
        epochs=6.0,
        batch_size=8,
        learning_rate=1e-3,
        max_length=32,
        early_stopping=False,
        precision="fp32",
        device="cpu",
    )


@pytest.fixture
def tiny_image_project(tmp_path: Path, tiny_image_source: Path, tiny_image_model: Path) -> Path:
    """Return the folder of an image classification project: 24 training pictures, full tuning, 6 epochs of 3 steps."""
    return make_project(
        tmp_path / "patterns",
        "image-classification",
        tiny_image_source,
        tiny_image_model,
        tuning_method="full",
        epochs=6.0,
        batch_size=8,
        learning_rate=1e-3,
        early_stopping=False,
        precision="fp32",
        device="cpu",
    )


_copies = itertools.count()


def copied(project: Path) -> Path:
    """Return a copy of a project beside it, as a user would make one with the file manager."""
    target = project.with_name(f"{project.name}-copy{next(_copies)}")
    shutil.copytree(project, target)
    return target
