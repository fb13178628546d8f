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
    rewritten_project,
    shaped_pictures,
    shaped_texts,
    tagged_project,
    text_project,
    written_project,
)
from tests.support import tiny_rewriters, tiny_writers
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
def rewritten_text(tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    model = tiny_rewriters.t5(tmp_path_factory.mktemp("rewriters") / "model")
    return rewritten_project(tmp_path_factory.mktemp("projects") / "rewritten", model, FOLDER)


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
def several_texts(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return shaped_texts(tmp_path_factory.mktemp("projects") / "several", tiny_text_model, FOLDER, "labels")


@pytest.fixture(scope="session")
def number_texts(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return shaped_texts(tmp_path_factory.mktemp("projects") / "numbers", tiny_text_model, FOLDER, "number")


@pytest.fixture(scope="session")
def lora_several(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    root = tmp_path_factory.mktemp("projects") / "several"
    return shaped_texts(root, tiny_text_model, FOLDER, "labels", {"tuning_method": "lora"})


@pytest.fixture(scope="session")
def lora_number(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    root = tmp_path_factory.mktemp("projects") / "numbers"
    return shaped_texts(root, tiny_text_model, FOLDER, "number", {"tuning_method": "lora"})


@pytest.fixture(scope="session")
def several_pictures(tiny_image_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return shaped_pictures(tmp_path_factory.mktemp("projects") / "kinds", tiny_image_model, FOLDER, "labels")


@pytest.fixture(scope="session")
def number_pictures(tiny_image_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return shaped_pictures(tmp_path_factory.mktemp("projects") / "amounts", tiny_image_model, FOLDER, "number")


@pytest.fixture(scope="session")
def several_networks(torchvision_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    root = tmp_path_factory.mktemp("projects") / "kinds"
    return shaped_pictures(root, torchvision_folder, FOLDER, "labels", side=230)


@pytest.fixture(scope="session")
def number_networks(torchvision_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    root = tmp_path_factory.mktemp("projects") / "amounts"
    return shaped_pictures(root, torchvision_folder, FOLDER, "number", side=230)


@pytest.fixture(scope="session")
def huggingface_image(tiny_image_model: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return image_project(tmp_path_factory.mktemp("projects") / "pictures", tiny_image_model, FOLDER)


@pytest.fixture(scope="session")
def torchvision_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from ftstudio.engine.conversion import torchvision

    folder = tmp_path_factory.mktemp("prepared")
    torchvision.convert(save_checkpoint("shufflenet_v2_x0_5", tmp_path_factory.mktemp("checkpoints")), folder)
    return folder


@pytest.fixture(scope="session")
def torchvision_image(torchvision_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectLayout:
    return image_project(tmp_path_factory.mktemp("projects") / "networks", torchvision_folder, FOLDER, side=230)


@pytest.fixture
def with_base(tiny_text_model: Path) -> None:
    """Let the program know where the base model of the text projects lies, as a window or verb would have."""
    modelbook.remember(FOLDER, tiny_text_model)
