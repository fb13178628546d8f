"""Real pretrained weights give the right answers after conversion."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from ftstudio.core.messages import Request
from ftstudio.engine import backend
from ftstudio.engine.conversion import torchvision as conversion
from ftstudio.engine.run import execute
from ftstudio.models import starters
from ftstudio.models.library import read_model, resolve
from tests.support.real_files import published_mobilenet

__all__ = ["published_mobilenet"]


@pytest.fixture(scope="module")
def cat() -> Image.Image:
    from skimage import data

    return Image.fromarray(data.chelsea())


def _prepare(**options: str) -> Path:
    return Path(execute(Request(job="prepare_model", options=options), lambda event: None)["path"])


def test_the_starter_becomes_a_timm_folder_that_plain_transformers_loads(cat: Image.Image) -> None:
    before = resolve("starter:efficientnet-lite0")
    folder = _prepare(starter="efficientnet-lite0")
    after = resolve("starter:efficientnet-lite0")

    assert (before.needs_preparing, after.needs_preparing, after.path) == (True, False, folder)
    for known in ("parameters", "layers", "hidden_size", "input_size", "licence", "origin", "name", "kind", "source"):
        assert getattr(before, known) == getattr(after, known), known
    assert _best(folder, cat, 2) == {"tiger cat", "Egyptian cat"}
    assert _prepare(starter="efficientnet-lite0") == folder
    assert _prepare(path=str(folder)) == folder


def _best(folder: Path, picture: Image.Image, count: int) -> set[str]:
    backend.prepare()
    from transformers import AutoImageProcessor, AutoModelForImageClassification, TimmWrapperForImageClassification

    model = AutoModelForImageClassification.from_pretrained(folder).eval()
    assert isinstance(model, TimmWrapperForImageClassification)
    with torch.no_grad():
        logits = model(**AutoImageProcessor.from_pretrained(folder)(picture, return_tensors="pt")).logits[0]
    return {model.config.id2label[int(index)] for index in logits.topk(count).indices}


def test_minilm_needs_no_preparing() -> None:
    assert _prepare(starter="minilm") == starters.find("minilm").installed()


@pytest.mark.slow
def test_torchvisions_own_file_is_recognised_as_official(published_mobilenet: Path, cat: Image.Image) -> None:
    from torchvision import transforms

    folder = _prepare(path=str(published_mobilenet))
    record = read_model(folder)
    steps = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()])
    normalise = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    with torch.no_grad():
        answer = conversion.load(folder).eval()(normalise(steps(cat))[None])[0].softmax(-1)

    assert (record.family, record.licence, record.layers) == ("mobilenet_v2", "bsd-3-clause", 17)
    assert record.labels[int(answer.argmax())] == "Egyptian cat"
    assert float(answer.max()) == pytest.approx(0.717, abs=0.01)
