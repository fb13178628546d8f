"""One finished run per source of model, made once and never changed by a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.project import modelbook
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.schema import ModelReference
from tests.exporters.projects import (
    image_project,
    lora_project,
    question_project,
    tagged_project,
    text_project,
    written_project,
)
from tests.support import tiny_writers
from tests.support.torchvision_files import save_checkpoint

FOLDER = ModelReference(name="tiny", source="folder")


@pytest.fixture(scope="session")
def huggingface_text(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return text_project(tmp_path_factory.mktemp("projects") / "texts", tiny_text_model, FOLDER)


@pytest.fixture(scope="session")
def lora_text(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return lora_project(tmp_path_factory.mktemp("projects") / "adapted", tiny_text_model, FOLDER)


@pytest.fixture(scope="session")
def tagged_text(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return tagged_project(tmp_path_factory.mktemp("projects") / "tagged", tiny_text_model, FOLDER)


@pytest.fixture(scope="session")
def written_text(tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    model = tiny_writers.writer(tmp_path_factory.mktemp("writers") / "model", "smollm")
    return written_project(tmp_path_factory.mktemp("projects") / "written", model, FOLDER)


@pytest.fixture(scope="session")
def lora_tagged(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return tagged_project(tmp_path_factory.mktemp("projects") / "adapted-tags", tiny_text_model, FOLDER, "lora")


@pytest.fixture(scope="session")
def asked_text(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return question_project(tmp_path_factory.mktemp("projects") / "asked", tiny_text_model, FOLDER)


@pytest.fixture(scope="session")
def lora_asked(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return question_project(tmp_path_factory.mktemp("projects") / "adapted-asked", tiny_text_model, FOLDER, "lora")


@pytest.fixture(scope="session")
def huggingface_image(tiny_image_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return image_project(tmp_path_factory.mktemp("projects") / "pictures", tiny_image_model, FOLDER)


@pytest.fixture(scope="session")
def torchvision_image(tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    from ftstudio.engine.conversion import torchvision

    folder = tmp_path_factory.mktemp("prepared")
    checkpoint = save_checkpoint("shufflenet_v2_x0_5", tmp_path_factory.mktemp("checkpoints"))
    torchvision.convert(checkpoint, folder)
    return image_project(tmp_path_factory.mktemp("projects") / "networks", folder, FOLDER, side=230)


@pytest.fixture
def with_base(tiny_text_model: Path) -> None:
    """Let the program know where the base model of the text projects lies, as a window or verb would have."""
    modelbook.remember(FOLDER, tiny_text_model)
