"""One model folder: what is told about it, and every way it can be bad."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftstudio.core.errors import InputError
from ftstudio.models.library import read_model
from ftstudio.models.records import ModelKind
from tests.models.folders import SHAPES, model_folder, safetensors

CARD = "---\nlanguage: en\nlicense: apache-2.0\n---\n\n# Tiny\nIt reads.\n"


def test_a_folder_is_described_without_loading_it(tmp_path: Path) -> None:
    record = read_model(model_folder(tmp_path / "tiny", README__md=CARD))

    assert (record.name, record.source, record.family) == ("tiny", "huggingface", "bert")
    assert record.kind is ModelKind.TEXT_ENCODER
    assert record.parameters == 20 * 8 + 32 * 8 + 2 * 8 * 16 + 64
    assert (record.layers, record.hidden_size, record.vocabulary, record.max_length) == (2, 8, 20, 32)
    assert (record.licence, record.card) == ("apache-2.0", "# Tiny\nIt reads.")
    assert record.has_tokenizer
    assert record.bytes == sum(path.stat().st_size for path in (tmp_path / "tiny").iterdir())
    assert [part.kind for part in record.outline] == ["embeddings", "block", "block", "top"]
    assert not record.needs_preparing


def test_no_torch_is_loaded(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "tiny")
    code = (
        "import sys; from pathlib import Path; from ftstudio.models import library\n"
        f"library.find_models([Path({str(tmp_path)!r})]); library.read_model(Path({str(folder)!r}))\n"
        "heavy = {'torch', 'transformers', 'torchvision', 'timm', 'PySide6'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("config", "longest"),
    [
        ({}, 32),
        ({"model_type": "roberta", "pad_token_id": 1}, 30),
        ({"model_type": "mpnet", "pad_token_id": 1}, 30),
        ({"max_position_embeddings": 16}, 16),
        ({"max_position_embeddings": None}, 32),
    ],
)
def test_the_longest_text_follows_from_positions(config: dict, longest: int, tmp_path: Path) -> None:
    """Not from a tokenizer file, which may cut at any length its maker was used to."""
    tokenizer = json.dumps({"truncation": {"max_length": 5}})
    folder = model_folder(
        tmp_path / "m", config, tokenizer__json=tokenizer, tokenizer_config__json='{"model_max_length": 7}'
    )

    assert read_model(folder).max_length == longest


def test_a_model_without_positions_takes_what_its_tokenizer_says(tmp_path: Path) -> None:
    shapes = {name: shape for name, shape in SHAPES.items() if "position" not in name}
    config = {"max_position_embeddings": None}
    folder = model_folder(tmp_path / "m", config, model__safetensors=safetensors(shapes))
    assert read_model(folder).max_length == 0

    (folder / "tokenizer_config.json").write_text('{"model_max_length": 1000000000000000019884624838656}')
    assert read_model(folder).max_length == 0

    (folder / "tokenizer_config.json").write_text('{"model_max_length": 640}')
    assert read_model(folder).max_length == 640


@pytest.mark.parametrize(
    ("pooled", "pooling"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "mean"),
        ({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, "cls"),
        ({"pooling_mode_max_tokens": True}, ""),
    ],
)
def test_sentence_models_tell_how_they_pool(pooled: dict, pooling: str, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooled))

    assert read_model(folder).pooling == pooling


def test_labels_are_read_in_order_and_placeholders_are_none(tmp_path: Path) -> None:
    named = {"id2label": {str(number): name for number, name in reversed(list(enumerate("abcdefghijkl")))}}
    unnamed = {"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}

    assert read_model(model_folder(tmp_path / "named", named)).labels == tuple("abcdefghijkl")
    assert read_model(model_folder(tmp_path / "unnamed", unnamed)).labels == ()


@pytest.mark.parametrize(
    ("processor", "side"),
    [
        ({"size": {"height": 384, "width": 384}}, 384),
        ({"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}}, 224),
        ({"size": {"shortest_edge": 256}, "crop_size": 224, "do_center_crop": False}, 256),
        ({"size": 256, "crop": 192}, 192),
        ({}, 96),
    ],
)
def test_the_size_of_pictures_is_read(processor: dict, side: int, tmp_path: Path) -> None:
    config = {"model_type": "vit", "image_size": 96}
    folder = model_folder(tmp_path / "m", config, preprocessor_config__json=json.dumps(processor))

    assert read_model(folder).input_size == side


def test_a_timm_folder_is_recognised(tmp_path: Path) -> None:
    config = {
        "architecture": "resnet18",
        "num_features": 512,
        "pretrained_cfg": {"input_size": [3, 288, 288]},
        "label_names": ["cat", "dog"],
    }
    folder = model_folder(tmp_path / "m", model__safetensors=safetensors({"conv1.weight": (4, 3), "fc.weight": (2, 4)}))
    (folder / "config.json").write_text(json.dumps(config))
    record = read_model(folder)

    assert (record.source, record.kind, record.family) == ("timm", ModelKind.IMAGE_CLASSIFIER, "resnet18")
    assert (record.input_size, record.hidden_size, record.labels) == (288, 512, ("cat", "dog"))


def test_fingerprints_tell_models_apart_and_stay(tmp_path: Path) -> None:
    first, same = model_folder(tmp_path / "a"), model_folder(tmp_path / "b")
    other = model_folder(tmp_path / "c", model__safetensors=safetensors({**SHAPES, "pooler.dense.bias": (8,)}))
    touched = model_folder(tmp_path / "d")
    weights = touched / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")

    assert read_model(first).fingerprint == read_model(same).fingerprint
    assert len({read_model(folder).fingerprint for folder in (first, other, touched)}) == 3


def test_shards_are_read_together(tmp_path: Path) -> None:
    folder = _sharded(tmp_path / "m")

    assert read_model(folder).parameters == read_model(model_folder(tmp_path / "whole")).parameters


def _sharded(folder: Path) -> Path:
    model_folder(folder)
    (folder / "model.safetensors").unlink()
    placed = {}
    for number, name in enumerate(SHAPES):
        file = f"model-{number % 2 + 1:05d}-of-00002.safetensors"
        placed[name] = file
    for file in set(placed.values()):
        (folder / file).write_bytes(safetensors({name: SHAPES[name] for name, at in placed.items() if at == file}))
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": placed}))
    return folder


@pytest.mark.parametrize(
    "place", ["../model.safetensors", "/etc/passwd", "sub/m.safetensors", "C:m.safetensors", "m.bin"]
)
def test_an_index_never_leads_out_of_the_folder(place: str, tmp_path: Path) -> None:
    folder = _sharded(tmp_path / "m")
    (tmp_path / "model.safetensors").write_bytes(safetensors(SHAPES))
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": dict.fromkeys(SHAPES, place)}))

    with pytest.raises(InputError, match="broken"):
        read_model(folder)


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    folder = _sharded(tmp_path / "m")
    (folder / "model-00002-of-00002.safetensors").unlink()

    with pytest.raises(InputError, match=r"model-00002-of-00002\.safetensors is missing"):
        read_model(folder)


def _without(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).unlink()
    return folder


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    *("model_type", "architectures", "architecture", "hidden_size", "num_hidden_layers", "vocab_size", "num_labels"),
    *("max_position_embeddings", "id2label", "label_names", "pretrained_cfg", "image_size", "pad_token_id"),
    *("text_config", "auto_map"),
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(st.sampled_from(KEYS), ANY_JSON, max_size=4))
def test_any_config_is_understood_or_refused(changes: dict, tmp_path: Path) -> None:
    try:
        record = read_model(model_folder(tmp_path / "m", changes))
    except InputError:
        return
    assert min(record.layers, record.hidden_size, record.max_length, record.vocabulary, record.input_size) >= 0


BAD = {
    "no folder": (lambda path: path, "no model at"),
    "empty folder": (lambda path: path.mkdir() or path, "no config.json"),
    "no weights": (lambda path: _without(model_folder(path), "model.safetensors"), "no weights"),
    "pickle only": (
        lambda path: _without(model_folder(path, pytorch_model__bin=b"x"), "model.safetensors"),
        "only as pytorch_model.bin",
    ),
    "adapter": (
        lambda path: _without(model_folder(path, adapter_config__json="{}"), "model.safetensors"),
        "an adapter",
    ),
    "truncated": (lambda path: model_folder(path, model__safetensors=safetensors(SHAPES)[:-9]), "cut off"),
    "empty weights": (lambda path: model_folder(path, model__safetensors=safetensors({})), "empty weights"),
    "custom code": (lambda path: model_folder(path, {"auto_map": {"AutoModel": "evil.Model"}}), "code of its own"),
    "custom tokenizer": (
        lambda path: model_folder(path, tokenizer_config__json='{"auto_map": {"AutoTokenizer": ["evil.T", null]}}'),
        "code of its own",
    ),
    "broken config": (lambda path: model_folder(path, config__json="{"), "cannot be read"),
    "list config": (lambda path: model_folder(path, config__json="[]"), "does not hold what it should"),
    "NaN config": (lambda path: model_folder(path, config__json='{"hidden_size": NaN}'), "NaN"),
    "deep config": (lambda path: model_folder(path, config__json="[" * 100_000), "nested"),
    "huge width": (lambda path: model_folder(path, {"hidden_size": 10**9}), "hidden_size is 1000000000"),
    "many layers": (lambda path: model_folder(path, {"num_hidden_layers": 10**6}), "num_hidden_layers"),
    "negative": (lambda path: model_folder(path, {"hidden_size": -8}), "hidden_size is -8"),
    "no layers": (lambda path: model_folder(path, {"num_hidden_layers": 0}), "num_hidden_layers is 0"),
    "text for number": (lambda path: model_folder(path, {"hidden_size": "8"}), "hidden_size is 8"),
    "fraction": (lambda path: model_folder(path, {"vocab_size": 0.5}), "vocab_size is 0.5"),
    "layers missing": (lambda path: model_folder(path, {"num_hidden_layers": 12}), "does not belong"),
    "other width": (lambda path: model_folder(path, {"hidden_size": 768}), "does not belong"),
    "a text file": (lambda path: path.write_text("x") and path, "no model at"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_models_are_refused_with_a_next_step(kind: str, tmp_path: Path) -> None:
    make, reason = BAD[kind]

    with pytest.raises(InputError) as refusal:
        read_model(make(tmp_path / "bad"))

    assert reason in str(refusal.value)
    assert refusal.value.hint is not None
    assert str(tmp_path) in (refusal.value.where.file or "")
