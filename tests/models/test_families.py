"""The list of families is true to the transformers that is installed."""

from __future__ import annotations

import pytest

from ftstudio.engine import backend
from ftstudio.models.families import SHARED_LAYERS, TORCHVISION, kind_of, known, unused_positions
from ftstudio.models.records import ModelKind


@pytest.fixture(scope="module")
def mappings() -> dict[ModelKind, set[str]]:
    backend.prepare()
    from transformers.models.auto import modeling_auto as auto

    return {
        ModelKind.TEXT_ENCODER: set(auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES),
        ModelKind.TEXT_DECODER: set(auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES),
        ModelKind.TEXT_TO_TEXT: set(auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES),
        ModelKind.IMAGE_CLASSIFIER: set(auto.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES) | {"torchvision"},
        ModelKind.OBJECT_DETECTOR: set(auto.MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES) | set(TORCHVISION),
    }


@pytest.mark.parametrize("kind", [kind for kind in ModelKind if kind is not ModelKind.OTHER])
def test_every_family_can_be_loaded_as_its_kind(kind: ModelKind, mappings: dict[ModelKind, set[str]]) -> None:
    ours = {name for name, claimed in known().items() if claimed is kind}

    assert ours - mappings[kind] == set()


@pytest.mark.parametrize(
    "family", ["bert", "roberta", "distilbert", "mpnet", "deberta", "deberta-v2", "electra", "albert", "xlm-roberta"]
)
def test_the_common_encoders_are_known(family: str) -> None:
    assert kind_of(family) is ModelKind.TEXT_ENCODER


def test_an_unknown_family_is_other() -> None:
    assert kind_of("nonsense") is ModelKind.OTHER
    assert kind_of("") is ModelKind.OTHER


def test_shared_layers_are_families() -> None:
    assert set(known()) >= SHARED_LAYERS


def test_positions_that_no_token_takes_follow_the_padding() -> None:
    assert (unused_positions("roberta", 1), unused_positions("bert", 0)) == (2, 0)
