"""Checkpoints of every torchvision family are recognised by their weights, and nothing in them is ever run."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from ftstudio.core.errors import InputError
from ftstudio.core.messages import Request
from ftstudio.engine.conversion import torchvision as conversion
from ftstudio.engine.run import execute
from ftstudio.engine.vision import torchvision_compat
from ftstudio.models.json_files import read_object
from ftstudio.models.library import find_models, read_model
from tests.support.torchvision_files import save_checkpoint

# The smallest of each family is converted whole; all others are recognised by shape alone.
CONVERTED = {
    "resnet18": (256, 224, "bilinear"),
    "mobilenet_v2": (256, 224, "bilinear"),
    "mobilenet_v3_small": (256, 224, "bilinear"),
    "efficientnet_b0": (256, 224, "bicubic"),
    "convnext_tiny": (236, 224, "bilinear"),
    "swin_t": (232, 224, "bicubic"),
    "densenet121": (256, 224, "bilinear"),
    "shufflenet_v2_x0_5": (256, 224, "bilinear"),
    "regnet_x_400mf": (256, 224, "bilinear"),
    "squeezenet1_1": (256, 224, "bilinear"),
}


def _architectures() -> list[str]:
    torchvision_compat.ensure()
    from torchvision import models

    return [name for name in models.list_models(module=models) if name.startswith(conversion.FAMILIES)]


def _shapes(architecture: str, **options: Any) -> dict[str, tuple[int, ...]]:
    from torchvision import models

    with torch.device("cpu" if architecture.startswith("regnet") else "meta"):
        state = models.get_model(architecture, **options).state_dict()
    return {name: tuple(value.shape) for name, value in state.items()}


SIZES = [name for name in _architectures() if name not in {"regnet_y_128gf"}]  # its 2.6 GB cannot be made on “meta”


@pytest.mark.parametrize("architecture", SIZES)
@pytest.mark.parametrize("classes", [3])
def test_every_network_is_recognised_with_any_number_of_classes(architecture: str, classes: int) -> None:
    found = conversion.recognise(_shapes(architecture, num_classes=classes), Path("weights.pth"))

    assert (found.architecture, found.classes, found.official) == (architecture, classes, False)
    assert (found.image_size is not None) == architecture.startswith("vit_")


@pytest.mark.parametrize("architecture", CONVERTED)
def test_a_converted_network_is_the_same_network(architecture: str, tmp_path: Path) -> None:
    checkpoint = save_checkpoint(architecture, tmp_path)
    folder = tmp_path / "prepared"
    folder.mkdir()

    conversion.convert(checkpoint, folder)

    original, converted = torch.load(checkpoint, weights_only=True), conversion.load(folder).state_dict()
    assert list(original) == list(converted)
    assert all(torch.equal(original[name], converted[name]) for name in original)
    steps = read_object(folder / "preprocessor_config.json")
    assert (steps["size"], steps["crop"], steps["interpolation"]) == CONVERTED[architecture]
    assert steps["mean"] == [0.485, 0.456, 0.406]
    record = read_model(folder)
    assert (record.source, record.family, record.input_size) == ("torchvision", architecture, 224)
    assert (len(record.labels), record.labels[285]) == (1000, "Egyptian cat")


def test_other_classes_have_no_names_and_vision_transformers_keep_their_size(tmp_path: Path) -> None:
    shapes = _shapes("vit_b_16", num_classes=5, image_size=384)
    found = conversion.recognise(shapes, Path("weights.pth"))

    assert (found.architecture, found.classes, found.image_size) == ("vit_b_16", 5, 384)
    assert conversion.preprocessing(found.entry, found.image_size)["crop"] == 384

    folder = tmp_path / "prepared"
    folder.mkdir()
    conversion.convert(save_checkpoint("shufflenet_v2_x0_5", tmp_path, num_classes=4), folder)
    assert read_model(folder).labels == ()
    assert read_object(folder / "config.json")["num_labels"] == 4


@pytest.mark.parametrize("wrapper", ["state_dict", "model", "model_ema"])
def test_wrappers_of_training_scripts_are_taken_off(wrapper: str, tmp_path: Path) -> None:
    state = torch.load(save_checkpoint("squeezenet1_1", tmp_path), weights_only=True)
    path = tmp_path / "training.pth"
    torch.save({"epoch": 3, wrapper: {f"module.{name}": value for name, value in state.items()}}, path)

    assert conversion.convert(path, _empty(tmp_path)).architecture == "squeezenet1_1"


def test_old_names_of_densely_connected_networks_are_known(tmp_path: Path) -> None:
    """The DenseNet files that torchvision publishes still have the names of 2017."""
    state = torch.load(save_checkpoint("densenet121", tmp_path), weights_only=True)
    old = {_old_name(name): value for name, value in state.items() if not name.endswith("num_batches_tracked")}
    torch.save(old, tmp_path / "old.pth")

    conversion.convert(tmp_path / "old.pth", _empty(tmp_path))

    converted = conversion.load(tmp_path / "prepared").state_dict()
    assert all(torch.equal(value, converted[name]) for name, value in state.items())


def _old_name(name: str) -> str:
    for kind in ("norm", "conv"):
        for number in "12":
            name = name.replace(f".{kind}{number}.", f".{kind}.{number}.") if "denselayer" in name else name
    return name


def _empty(tmp_path: Path) -> Path:
    folder = tmp_path / "prepared"
    folder.mkdir()
    return folder


class _Evil:
    """Unpickling it writes a file."""

    def __init__(self, sentinel: Path) -> None:
        self.sentinel = sentinel

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.sentinel, "executed")


def _saved(content: object, path: Path) -> Path:
    torch.save(content, path)
    return path


@pytest.mark.parametrize("plain_pickle", [False, True])
def test_code_in_a_checkpoint_is_never_run(plain_pickle: bool, tmp_path: Path) -> None:
    sentinel, path = tmp_path / "sentinel", tmp_path / "evil.pth"
    content = {"conv1.weight": torch.zeros(1), "x": _Evil(sentinel)}
    if plain_pickle:
        path.write_bytes(pickle.dumps(content, protocol=2))
    else:
        torch.save(content, path)

    with pytest.raises(InputError) as refusal:
        conversion.convert(path, _empty(tmp_path))

    assert not sentinel.exists()
    assert "program code" in str(refusal.value)
    assert refusal.value.hint is not None
    _ = pickle.loads(path.read_bytes()) if plain_pickle else torch.load(path, weights_only=False)
    assert sentinel.exists(), "the sentinel would not have shown that code ran"


def _changed(tmp_path: Path, **changes: torch.Tensor) -> Path:
    state = torch.load(save_checkpoint("squeezenet1_1", tmp_path), weights_only=True)
    return _saved(state | changes, tmp_path / "changed.pth")


BAD = {
    "empty": (lambda tmp: tmp / "bad.pth", b""),
    "noise": (lambda tmp: tmp / "bad.pth", b"\x80\x02noise" * 50),
    "text": (lambda tmp: tmp / "bad.pth", b"<html>proxy login</html>"),
    "whole network": (lambda tmp: _saved(torch.nn.Linear(2, 2), tmp / "bad.pth"), None),
    "list": (lambda tmp: _saved([torch.zeros(2)], tmp / "bad.pth"), None),
    "no weights": (lambda tmp: _saved({"epoch": 3}, tmp / "bad.pth"), None),
    "unknown network": (lambda tmp: _saved({"a.weight": torch.zeros(3, 2)}, tmp / "bad.pth"), None),
    "not a number": (lambda tmp: _changed(tmp, **{"features.0.bias": torch.full((64,), torch.nan)}), None),
    "other shape": (lambda tmp: _changed(tmp, **{"features.0.bias": torch.zeros(8, 8)}), None),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_checkpoints_are_refused_with_a_next_step(kind: str, tmp_path: Path) -> None:
    make, content = BAD[kind]
    path = make(tmp_path)
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InputError) as refusal:
        conversion.convert(path, _empty(tmp_path))

    assert refusal.value.hint is not None
    assert refusal.value.where.file == str(path)
    assert list((tmp_path / "prepared").iterdir()) == []


def test_a_truncated_checkpoint_is_refused(tmp_path: Path) -> None:
    path = save_checkpoint("squeezenet1_1", tmp_path)
    path.write_bytes(path.read_bytes()[:-5000])

    with pytest.raises(InputError, match="damaged"):
        conversion.convert(path, _empty(tmp_path))


def test_the_job_converts_once_and_the_browser_finds_the_result(tmp_path: Path) -> None:
    path = save_checkpoint("squeezenet1_1", tmp_path, num_classes=6)
    request = Request(job="prepare_model", options={"path": str(path)})

    first = Path(execute(request, lambda event: None)["path"])
    written = (first / "model.safetensors").stat().st_mtime_ns
    second = Path(execute(request, lambda event: None)["path"])

    assert first == second
    assert (second / "model.safetensors").stat().st_mtime_ns == written
    assert first in [record.path for record in find_models([]).models]


def test_the_job_leaves_nothing_of_a_bad_checkpoint(tmp_path: Path, isolated_home: Path) -> None:
    (tmp_path / "bad.pth").write_bytes(b"bad")

    with pytest.raises(InputError):
        execute(Request(job="prepare_model", options={"path": str(tmp_path / "bad.pth")}), lambda event: None)

    assert [str(path.relative_to(isolated_home)) for path in isolated_home.rglob("*")] == ["data"]


@pytest.mark.parametrize("options", [{}, {"path": "a", "starter": "b"}])
def test_the_job_wants_exactly_one_model(options: dict[str, str]) -> None:
    with pytest.raises(InputError):
        execute(Request(job="prepare_model", options=options), lambda event: None)


def test_a_prepared_folder_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    folder = _empty(tmp_path)
    conversion.convert(save_checkpoint("squeezenet1_1", tmp_path), folder)
    config = read_object(folder / "config.json")
    for architecture in ("squeezenet1_0", "nonsense", "fasterrcnn_resnet50_fpn"):
        (folder / "config.json").write_text(json.dumps({**config, "architecture": architecture}))
        with pytest.raises(InputError):
            conversion.load(folder)
