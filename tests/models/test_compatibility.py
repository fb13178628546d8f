"""Each kind of model fits the tasks that name it, and the others say why not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.specs import TaskSpec
from ftstudio.models.compatibility import fits
from ftstudio.models.records import ModelKind, ModelRecord


def _record(kind: ModelKind, **values: object) -> ModelRecord:
    return dataclasses.replace(ModelRecord("m", Path("m"), "huggingface", kind, has_tokenizer=True), **values)


@pytest.mark.parametrize("task", list(catalog.tasks()), ids=lambda task: task.key)
@pytest.mark.parametrize("kind", ModelKind)
def test_every_kind_fits_or_says_why_not(kind: ModelKind, task: TaskSpec) -> None:
    reason = fits(_record(kind), task)

    assert (reason is None) == (kind in task.model_kinds)
    assert reason is None or reason.render().endswith(".")


def test_the_reason_is_about_what_the_model_reads() -> None:
    tasks = catalog.tasks()

    assert "pictures" in str(fits(_record(ModelKind.IMAGE_CLASSIFIER), tasks.spec("text-classification")))
    assert "texts" in str(fits(_record(ModelKind.TEXT_ENCODER), tasks.spec("image-classification")))
    assert "whisper" in str(fits(_record(ModelKind.OTHER, family="whisper"), tasks.spec("text-classification")))


def test_a_text_model_without_tokenizer_fits_no_text_task() -> None:
    record = _record(ModelKind.TEXT_ENCODER, has_tokenizer=False)

    assert "tokenizer" in str(fits(record, catalog.tasks().spec("text-classification")))


def test_models_that_write_fit_the_task_of_their_kind_and_say_so_of_the_other() -> None:
    tasks = catalog.tasks()
    rewriter, writer = _record(ModelKind.TEXT_TO_TEXT), _record(ModelKind.TEXT_DECODER)

    assert fits(rewriter, tasks.spec("text2text-generation")) is None
    assert "in its place" in str(fits(rewriter, tasks.spec("text-generation")))
    assert "T5" in str(fits(writer, tasks.spec("text2text-generation")))
    assert "cannot write" in str(fits(_record(ModelKind.TEXT_ENCODER), tasks.spec("text2text-generation")))


@pytest.mark.parametrize(
    ("source", "architecture", "fitting"),
    [
        ("torchvision", "mobilenet_v2", True),
        ("timm", "tf_efficientnet_lite0", True),
        ("torchvision", "vit_b_16", False),
        ("huggingface", "ResNetForImageClassification", True),
    ],
)
def test_only_classifiers_with_maps_are_listed_for_detectors(source: str, architecture: str, fitting: bool) -> None:
    record = _record(ModelKind.IMAGE_CLASSIFIER, source=source, architecture=architecture)

    reason = fits(record, catalog.tasks().spec("object-detection"))

    assert (reason is None) == fitting
    assert fitting or "detector" in str(reason)
