"""A torchvision checkpoint: a `.pth` file for `load_state_dict`, with label names and preprocessing beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.specs import Answer, ExporterSpec
from ftstudio.core.translation import N_
from ftstudio.models.json_files import read_object
from ftstudio.project import atomic

if TYPE_CHECKING:
    from ftstudio.engine.runs.trained import TrainedModel

SPEC = ExporterSpec(
    key="torchvision",
    title=N_("torchvision checkpoint"),
    summary=N_("A .pth file of weights with label names and preprocessing, for programs that build on torchvision."),
    runs_with=N_("Python with the torchvision library"),
    suits=frozenset({"torchvision"}),
    answers=frozenset({Answer.LABEL, Answer.LABELS, Answer.NUMBER, Answer.BOXES}),
)

LOADER_OF_BOXES = Path(__file__).with_name("_load_detector.py")
LOADER = Path(__file__).with_name("_load_torchvision.py")
_WEIGHTS = "model.pth"


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write weights, labels, preprocessing, decision and card into the empty folder `target`; returns the files."""
    import torch
    from safetensors.torch import load_file

    from ftstudio.engine.export.model_card import write_card

    if source.answer is Answer.BOXES:
        return _export_detector(source, target)
    preprocessing = read_object(source.folder / "preprocessor_config.json")
    image_size = read_object(source.folder / "config.json").get("image_size")
    labels = {"architecture": source.architecture, "image_size": image_size, "labels": list(source.labels)}
    with (target / _WEIGHTS).open("wb") as file:  # by a file of ours, because torch's own hides why it cannot write
        torch.save(load_file(source.folder / "model.safetensors"), file)
    atomic.write_json(target / "labels.json", labels)
    atomic.write_json(target / "preprocessing.json", preprocessing)
    atomic.write_json(target / "decision.json", source.decision.model_dump(mode="json"))
    write_card(source, target, "torchvision", _usage(source, image_size))
    return sorted(target.iterdir())


def _export_detector(source: TrainedModel, target: Path) -> list[Path]:
    """Write the same files for a detector, with the program that makes its network and draws its boxes."""
    import torch
    from safetensors.torch import load_file

    from ftstudio.engine.export.model_card import write_card
    from ftstudio.engine.vision import detector_network, pyramid_network

    config = read_object(source.folder / "config.json")
    kept = ("model_type", "architecture", "image_size", "backbone", "backbone_source", "backbone_config")
    labels = {key: config[key] for key in kept if key in config} | {"labels": list(source.labels)}
    with (target / _WEIGHTS).open("wb") as file:
        torch.save(load_file(source.folder / "model.safetensors"), file)
    atomic.write_json(target / "labels.json", labels | {"threshold": source.decision.threshold})
    atomic.write_json(target / "preprocessing.json", read_object(source.folder / "preprocessor_config.json"))
    for path in (Path(detector_network.__file__), Path(pyramid_network.__file__)):
        atomic.write_text(target / path.name, path.read_text(encoding="utf-8"))
    atomic.write_text(target / "detector.py", LOADER_OF_BOXES.read_text(encoding="utf-8"))
    write_card(source, target, "torchvision", _USAGE_OF_DETECTORS)
    return sorted(target.iterdir())


_USAGE_OF_DETECTORS = """
from pathlib import Path
from detector import Model

model = Model(Path("."))
for label, probability, left, top, right, bottom in model.boxes("picture.jpg"):
    print(label, round(probability, 2), left, top, right, bottom)
"""


def _usage(source: TrainedModel, image_size: int | None) -> str:
    sized = f", image_size={image_size}" if image_size else ""
    return f"""
import json, torch
from PIL import Image
from torchvision import models, transforms as t

model = models.get_model("{source.architecture}", num_classes={len(source.labels)}{sized}).eval()
model.load_state_dict(torch.load("model.pth", weights_only=True))
labels, p = json.load(open("labels.json"))["labels"], json.load(open("preprocessing.json"))
prepare = t.Compose([t.Resize(p["size"], t.InterpolationMode(p["interpolation"])), t.CenterCrop(p["crop"]),
                     t.ToTensor(), t.Normalize(p["mean"], p["std"])])
picture = prepare(Image.open("picture.jpg").convert("RGB"))
{_ANSWERS.get(source.answer, "print(labels[model(picture[None]).argmax()])")}
"""


_ANSWERS = {
    Answer.LABELS: "print(dict(zip(labels, model(picture[None])[0].sigmoid().tolist())))  # thresholds: decision.json",
    Answer.NUMBER: "print(model(picture[None]).item())",
}
