"""Every family of picture models: trained a little, saved, loaded, exported; learned from as its library would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.settings import build
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.models.families import known
from ftstudio.models.library import read_model
from ftstudio.models.records import ModelKind
from ftstudio.project.layout import ProjectLayout
from tests.engine import projects
from tests.engine.runs.test_parity import VALUES, our_curve
from tests.engine.vision.picture_families import BOUND, HUGGING_FACE, SIDE, TIMM, TORCHVISION, Makers

TASK: Any = catalog.tasks().module("image-classification")
QUICK = ("vit", "resnet", "test_resnet", "shufflenet_v2_x0_5")
LARGE = ("densenet121", "efficientnet_b0", "regnet_x_400mf")
LEARNING = [name for name in (*HUGGING_FACE, *TIMM, *TORCHVISION) if name not in LARGE]
LOSSES = ["vit", "deit", "swin", "convnext", "resnet", "mobilenet_v2", "dinov2", "test_resnet", "shufflenet_v2_x0_5"]
STEPS, RATE = 5, 1e-3


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Makers:
    return Makers(tmp_path_factory.mktemp("families"))


@pytest.fixture(scope="session")
def few_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.make_pictures(tmp_path_factory.mktemp("templates") / "few", each=12, side=SIDE)


def size_for(family: str) -> int | None:
    """Small pictures where the family reads them, so that the test is quick."""
    return None if family in BOUND or family in HUGGING_FACE else 64


@pytest.mark.parametrize("family", LEARNING)
def test_a_family_learns_is_saved_and_answers_as_it_was_trained(
    models: Makers, few_pictures: Path, tmp_path: Path, family: str
) -> None:
    project = projects.copy(few_pictures, tmp_path / "project", models(family))
    done = project.train(max_steps=2, batch_size=4, picture_size=size_for(family), probe_first=False)

    assert (done["state"], done["steps"]) == ("finished", 2)
    again = project.job("evaluate", run=done["run"])["metrics"]  # loads what was saved
    assert again == pytest.approx(done["metrics"]["test"], rel=1e-3, abs=1e-4)
    assert read_model(project.run(done["run"]).model).labels == ("plain", "striped")


@pytest.mark.parametrize("form", ["its own", "onnx"])
@pytest.mark.parametrize("family", QUICK)
def test_a_family_leaves_with_a_certificate(
    models: Makers, few_pictures: Path, tmp_path: Path, family: str, form: str
) -> None:
    """The certificate compares the exported model, loaded in a fresh process, with the trained one."""
    project = projects.copy(few_pictures, tmp_path / "project", models(family))
    project.train(max_steps=1, batch_size=4, picture_size=size_for(family), tuning_method="head", probe_first=False)
    own = "torchvision" if read_model(models(family)).source == "torchvision" else "hf-folder"
    made = project.job("export", format=own if form == "its own" else form, to=str(tmp_path / "out"))

    assert made["certificate"]["passed"], made["certificate"]["reason"]


def test_every_kind_of_classifier_that_is_known_is_loaded_by_the_library() -> None:
    """What is claimed to be a classifier of pictures is one: a family missing here was never tried."""
    tried = {*HUGGING_FACE, "timm_wrapper", "torchvision"}
    claimed = {name for name, kind in known().items() if kind is ModelKind.IMAGE_CLASSIFIER}

    assert tried <= claimed


@pytest.mark.parametrize("family", HUGGING_FACE)
def test_the_picture_size_is_changed_where_the_network_reads_it(models: Makers, family: str) -> None:
    folder = models(family)
    if family in BOUND:
        with pytest.raises(InputError, match="bound to one size") as refused:
            TASK.load(folder, ["a", "b"], build({"picture_size": 64}), trained=False)
        assert refused.value.where.field == "picture_size"
        return
    bundle = TASK.load(folder, ["a", "b"], build({"picture_size": 64}), trained=False)
    _, preparer = bundle.processor
    assert preparer.shape(Image.new("RGB", (50, 90))).shape == (3, 64, 64)


@pytest.mark.parametrize("family", ["resnet", "test_resnet", "shufflenet_v2_x0_5"])
def test_a_changed_picture_size_is_saved_with_the_model(models: Makers, tmp_path: Path, family: str) -> None:
    settings = build({"picture_size": 64})
    bundle = TASK.load(models(family), ["a", "b"], settings, trained=False)
    TASK.save(bundle, tmp_path)
    again = TASK.load(tmp_path, ["a", "b"], settings.model_copy(update={"picture_size": None}), trained=True)

    chance = np.random.default_rng(1)
    picture = Image.fromarray(chance.integers(0, 255, (70, 90, 3), dtype=np.uint8))
    shaped = [one.processor[1].shape(picture) for one in (bundle, again)]
    assert shaped[0].shape == (3, 64, 64)
    assert torch.equal(*shaped)


def feed_of(folder: Path, template: Path) -> ModelFeed:
    """Encode the training rows for a freshly loaded model without chance in it."""
    dataset = Dataset.open(ProjectLayout(template).data)
    settings = build({**CURVE, "dropout": 0.0, "precision": "fp32", "picture_size": size_for(folder.name)})
    torch.manual_seed(11)
    bundle = TASK.load(folder, dataset.labels, settings, trained=False)
    for module in bundle.model.modules():  # chance that is no dropout by name: whole blocks are left out
        if type(module).__name__ in ("StochasticDepth", "DropPath"):
            vars(module).update(p=0.0, drop_prob=0.0)
    return ModelFeed(TASK, bundle, TASK.encode(bundle, dataset.table(Split.TRAIN), dataset.folder), settings)


# Plain descent: Adam divides by gradients near 0 and makes any difference in the seventh digit a large one.
CURVE = {**VALUES, "optimizer": "sgd", "learning_rate": RATE, "batch_size": 8, "max_steps": STEPS}


def plain_pixels(feed: ModelFeed, rows: np.ndarray) -> torch.Tensor:
    """Prepare pictures as the model's own library does, without what is stored or normalised here."""
    processor, _ = feed.bundle.processor
    opened = [Image.open(feed.examples.paths[row]).convert("RGB") for row in rows]  # type: ignore[attr-defined]
    if isinstance(processor, dict):
        from torchvision import transforms

        known = processor["recipe"]
        way = transforms.InterpolationMode(known["interpolation"])
        steps = [transforms.Resize(known["size"], way), transforms.CenterCrop(known["crop"]), transforms.ToTensor()]
        whole = transforms.Compose([*steps, transforms.Normalize(known["mean"], known["std"])])
        return torch.stack([whole(one) for one in opened])
    pixels: torch.Tensor = processor(opened, return_tensors="pt")["pixel_values"]
    return pixels


@pytest.mark.parametrize("family", LOSSES)
def test_the_loss_curve_is_that_of_a_plain_loop(
    models: Makers, few_pictures: Path, tmp_path: Path, family: str
) -> None:
    settings = build({**CURVE})
    losses, batches = our_curve(feed_of(models(family), few_pictures), settings, tmp_path)

    feed = feed_of(models(family), few_pictures)
    network: nn.Module = feed.bundle.model.train()
    weights = [one for one in network.parameters() if one.requires_grad]
    decayed = [
        {"params": [one for one in weights if one.ndim > 1], "weight_decay": 0.05},
        {"params": [one for one in weights if one.ndim <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.SGD(decayed, lr=RATE, momentum=0.9, nesterov=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / STEPS)
    expected = []
    for rows in batches[:STEPS]:
        said = network(plain_pixels(feed, rows))
        truth = torch.from_numpy(feed.labels[rows])
        loss = functional.cross_entropy(getattr(said, "logits", said), truth)
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 0.5)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        expected.append(float(loss.detach()))

    assert len(losses) == STEPS
    np.testing.assert_allclose(losses, expected, rtol=1e-4, atol=1e-4)
