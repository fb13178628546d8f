"""Engine tests compute on one thread, so that they go alike everywhere, and share tiny models of several families."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine import families, projects


@pytest.fixture(autouse=True)
def quiet_torch() -> Iterator[None]:
    """Keep the thread count and the chance of torch from one test to the next."""
    from ftstudio.engine import backend

    backend.prepare()
    import torch

    before, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
    torch.set_rng_state(state)


@pytest.fixture(scope="session")
def tiny_distilbert(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return families.distilbert(tmp_path_factory.mktemp("models") / "tiny-distilbert", tiny_text_model)


@pytest.fixture(scope="session")
def tiny_roberta(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return families.roberta(tmp_path_factory.mktemp("models") / "tiny-roberta", tiny_text_model)


@pytest.fixture(scope="session")
def tiny_sentence_encoder(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return families.sentence_encoder(tmp_path_factory.mktemp("models") / "tiny-encoder", tiny_text_model)


@pytest.fixture(scope="session")
def tiny_gpt2(tiny_text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return families.gpt2(tmp_path_factory.mktemp("models") / "tiny-gpt2", tiny_text_model)


@pytest.fixture(scope="session")
def tiny_writer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return families.writer(tmp_path_factory.mktemp("models") / "tiny-writer")


@pytest.fixture(scope="session")
def tiny_chatter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return families.writer(tmp_path_factory.mktemp("models") / "tiny-chatter", tied=False, chats=True)


@pytest.fixture(scope="session")
def tiny_vit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return families.vit(tmp_path_factory.mktemp("models") / "tiny-vit")


@pytest.fixture(scope="session")
def resnet18(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return families.resnet18(tmp_path_factory.mktemp("models") / "resnet18")


@pytest.fixture(scope="session")
def text_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.make_texts(tmp_path_factory.mktemp("templates") / "texts")


@pytest.fixture(scope="session")
def tagged_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.make_tagged(tmp_path_factory.mktemp("templates") / "tagged")


@pytest.fixture(scope="session")
def question_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.make_questions(tmp_path_factory.mktemp("templates") / "questions")


@pytest.fixture(scope="session")
def image_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.make_pictures(tmp_path_factory.mktemp("templates") / "pictures")


@pytest.fixture
def text_project(text_template: Path, tiny_text_model: Path, tmp_path: Path) -> projects.Tiny:
    """A project of 120 short texts in three classes on the tiny BERT; nothing is trained yet."""
    return projects.copy(text_template, tmp_path / "texts", tiny_text_model)


@pytest.fixture
def tagged_project(tagged_template: Path, tiny_text_model: Path, tmp_path: Path) -> projects.Tiny:
    """A project of 120 short texts with marked places of two kinds on the tiny BERT; nothing is trained yet."""
    return projects.copy(tagged_template, tmp_path / "tagged", tiny_text_model)


@pytest.fixture(scope="session")
def asked_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.make_asked(tmp_path_factory.mktemp("templates") / "asked")


@pytest.fixture
def asked_project(asked_template: Path, tiny_writer: Path, tmp_path: Path) -> projects.Tiny:
    """A project of 60 questions with their answers on the tiny Llama; nothing is trained yet."""
    return projects.copy(asked_template, tmp_path / "asked", tiny_writer)


@pytest.fixture(scope="session")
def dates_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.make_dates(tmp_path_factory.mktemp("templates") / "dates")


@pytest.fixture
def question_project(question_template: Path, tiny_text_model: Path, tmp_path: Path) -> projects.Tiny:
    """A project of 120 questions about texts on the tiny BERT, every fifth without answer; nothing is trained yet."""
    return projects.copy(question_template, tmp_path / "questions", tiny_text_model)


@pytest.fixture
def image_project(image_template: Path, tiny_image_model: Path, tmp_path: Path) -> projects.Tiny:
    """A project of 60 noisy pictures in two classes on the tiny ResNet; nothing is trained yet."""
    return projects.copy(image_template, tmp_path / "pictures", tiny_image_model)
