"""Places in pictures are weighed by networks of every kind, and drawn where they lie in the picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.engine.explaining.explain import explain, heat_of
from ftstudio.engine.explaining.fields import GRID, Fields, seen_box
from ftstudio.engine.explaining.methods import grad_cam
from ftstudio.engine.explaining.subject import model_of
from ftstudio.engine.inference import answering
from ftstudio.engine.inference.answering import Trained
from ftstudio.engine.vision.pictures import Preparer, UnreadablePictureError, plain_preparer
from ftstudio.project.runs import find_run
from tests.engine.explaining.making import trained
from tests.engine.projects import Tiny

TASK = "image-classification"
NETWORKS = ("tiny_image_model", "resnet18")


@pytest.fixture
def spot(tmp_path: Path) -> Path:
    """A dark picture with a bright square in its lower left, 64 x 64."""
    pixels = np.full((64, 64, 3), 40, np.uint8)
    pixels[44:60, 4:20] = 230
    Image.fromarray(pixels).save(tmp_path / "spot.png")
    return tmp_path / "spot.png"


class Brightness(torch.nn.Module):
    """Says “bright” (label 1) as much as there is bright somewhere, from one map of features."""

    def __init__(self) -> None:
        super().__init__()
        self.features = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 4, stride=4), torch.nn.ReLU(inplace=True))
        torch.nn.init.constant_(self.features[0].weight, 1 / 16)
        torch.nn.init.zeros_(self.features[0].bias)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        bright = self.features(pixels).mean(dim=(1, 2, 3))
        return torch.stack((torch.zeros_like(bright), bright), dim=1)


def bright_model(folder: Path) -> Trained:
    model = trained(folder, TASK, ["dark", "bright"])
    model.bundle.model = Brightness()
    return model


@pytest.mark.parametrize("method", ["grad_cam", "gradient_map", "occlusion"])
def test_the_place_that_matters_is_the_warmest(method: str, tiny_image_model: Path, spot: Path) -> None:
    found = explain(bright_model(tiny_image_model), str(spot), "bright", method)
    heat = np.array(found.heat)
    assert heat.min() >= 0.0 and heat.max() == 1.0
    rows, columns = np.unravel_index(heat.argmax(), heat.shape)
    assert rows > 0.6 * heat.shape[0] and columns < 0.4 * heat.shape[1]
    assert heat[: heat.shape[0] // 2].max() < 0.5
    assert found.faithfulness is not None and found.faithfulness.holds
    assert "picture blurred" in str(found.faithfulness.sentence)


def test_what_speaks_against_a_label_is_not_marked_as_speaking_for_it(tiny_image_model: Path, spot: Path) -> None:
    heat = np.array(explain(bright_model(tiny_image_model), str(spot), "dark", "gradient_map").heat)
    assert heat[heat.shape[0] // 2 :, : heat.shape[1] // 2].max() < 0.5


@pytest.mark.parametrize("family", NETWORKS)
def test_the_last_map_of_a_network_is_found(family: str, spot: Path, request: pytest.FixtureRequest) -> None:
    subject = Fields(trained(request.getfixturevalue(family), TASK), spot)
    layer = grad_cam.last_spatial_layer(model_of(subject), subject.pixels)
    names = {module: name for name, module in model_of(subject).named_modules()}
    assert layer is not None
    assert any(part in names[layer] for part in ("stages.1", "layer4", "layer3")), names[layer]


def test_a_transformer_has_no_such_map_and_gets_a_map_of_its_patches(tiny_vit: Path, spot: Path) -> None:
    model = trained(tiny_vit, TASK)
    assert not grad_cam.suits(Fields(model, spot))
    found = explain(model, str(spot))
    assert found.method == "gradient_map"
    assert np.array(found.heat).shape == (4, 4), "32 pixels in patches of 8"
    assert found.gap is not None and found.gap < 0.1


@pytest.mark.parametrize("family", [*NETWORKS, "tiny_vit"])
def test_explaining_leaves_the_model_as_it_was(family: str, spot: Path, request: pytest.FixtureRequest) -> None:
    model = trained(request.getfixturevalue(family), TASK)
    before = model.predict([str(spot)])
    explain(model, str(spot))
    assert model.predict([str(spot)]) == before
    assert all(not module._forward_hooks for module in model.bundle.model.modules())
    assert all(weights.grad is None for weights in model.bundle.model.parameters())


def squeezed(image: Image.Image) -> torch.Tensor:
    return torch.from_numpy(np.asarray(image.resize((32, 32))).copy()).permute(2, 0, 1)


@pytest.mark.parametrize(
    ("shape", "size", "box"),
    [
        (squeezed, (300, 100), (0.0, 0.0, 1.0, 1.0)),
        (plain_preparer(64, 64, "bilinear", [0.0] * 3, [1.0] * 3).shape, (200, 100), (0.25, 0.0, 0.5, 1.0)),
        (plain_preparer(64, 56, "bilinear", [0.0] * 3, [1.0] * 3).shape, (100, 200), (0.0625, 0.28125, 0.875, 0.4375)),
    ],
)
def test_what_the_model_sees_of_a_picture_is_found(
    shape: Callable[[Image.Image], torch.Tensor], size: tuple[int, int], box: tuple[float, ...]
) -> None:
    assert seen_box(Preparer(shape, torch.zeros(1), torch.ones(1)), size) == pytest.approx(box, abs=0.02)


def test_taking_away_a_field_changes_only_that_field(tiny_image_model: Path, spot: Path) -> None:
    subject = Fields(bright_model(tiny_image_model), spot)
    nothing, corner = np.zeros(GRID * GRID, bool), np.zeros(GRID * GRID, bool)
    corner[GRID * (GRID - 2) + 1] = True
    logits = subject.without([nothing, corner])
    assert logits[1, 1] < logits[0, 1]
    assert subject.without([nothing])[0].tolist() == pytest.approx(logits[0].tolist())


def test_nothing_that_speaks_for_a_label_gives_a_cold_map() -> None:
    assert heat_of(np.array([[-1.0, 0.0]])).tolist() == [[0.0, 0.0]]
    assert heat_of(np.array([[-1.0, 2.0], [1.0, 0.0]])).tolist() == [[0.0, 1.0], [0.5, 0.0]]


def test_a_broken_picture_is_named(tiny_image_model: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(UnreadablePictureError, match=r"bad\.png"):
        explain(trained(tiny_image_model, TASK), str(tmp_path / "bad.png"))


def test_the_stripes_that_a_network_learned_to_go_by_are_told_from_chance(image_project: Tiny) -> None:
    image_project.train(epochs=6.0, learning_rate=5e-3, tuning_method="full")
    model = answering.load(find_run(image_project.layout, None))
    dataset = Dataset.open(image_project.layout.data)
    paths = [str(dataset.image_path(one)) for one in dataset.table(Split.TEST)["image"].to_pylist()]
    found = [explain(model, path, "striped", "occlusion").faithfulness for path in paths[:6]]
    assert sum(one is not None and one.holds for one in found) >= 4
