"""How someone without ftstudio uses an exported detector; the check of the export and its tests run this file."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any


class Model:
    """The detector of the folder, made by `detector_network.py` and `pyramid_network.py` beside it."""

    def __init__(self, folder: Path) -> None:
        """Load it, with the names of kinds and its preparation of pictures."""
        import torch

        network, pyramid = (_module(folder / name) for name in ("detector_network.py", "pyramid_network.py"))
        known = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        self.steps = json.loads((folder / "preprocessing.json").read_text(encoding="utf-8"))
        self.labels: list[str] = known["labels"]
        self.threshold: float = known["threshold"]
        self.quick = known["model_type"] == "ssdlite"
        kinds = len(self.labels)
        if known["model_type"] == pyramid.WHOLE:
            self.model = pyramid.whole(known["architecture"], kinds, known["image_size"])
        else:
            own = known.get("backbone_config")
            layers = network.layers_of(network.network(known["backbone_source"], known["backbone"], own))
            kind, side = known["model_type"], known["image_size"]
            self.model = network.build(layers, kinds, side) if self.quick else pyramid.build(kind, layers, kinds, side)
        self.first = pyramid.first_kind(self.model)
        self.model.load_state_dict(torch.load(folder / "model.pth", weights_only=True))
        self.model.eval()
        self.run = network.logits if self.quick else lambda model, pixels: pyramid.logits(model, pixels, kinds)

    def _prepared(self, picture: Any) -> Any:
        import torch
        from PIL import Image
        from torchvision.transforms import functional

        side = self.steps["size"]
        pixels = functional.to_tensor(picture.resize((side, side), Image.Resampling.BILINEAR))
        return functional.normalize(pixels, self.steps["mean"], self.steps["std"])[None].to(torch.float32)

    def logits(self, row: dict[str, str]) -> list[list[float]]:
        """Return what the model says of each place of a picture (`image`): logits, offsets, and where it is."""
        import torch

        with torch.no_grad():
            said: list[list[float]] = self.run(self.model, self._prepared(_open(row["image"])))[0].tolist()
        return said

    def boxes(self, path: str) -> list[tuple[str, float, float, float, float, float]]:
        """Return label, probability, left, top, right and bottom (in pixels) of each thing, as torchvision draws it."""
        import torch

        picture = _open(path)
        side = self.steps["size"]
        transform = self.model.transform
        transform.image_mean, transform.image_std = [0.0] * 3, [1.0] * 3  # it is prepared here
        with torch.no_grad():
            found = self.model([self._prepared(picture)[0]])[0]
        across, down = picture.width / side, picture.height / side
        return [
            (self.labels[kind - self.first], share, box[0] * across, box[1] * down, box[2] * across, box[3] * down)
            for kind, share, box in zip(
                found["labels"].tolist(), found["scores"].tolist(), found["boxes"].tolist(), strict=True
            )
            if share >= self.threshold
        ]


def _open(path: str) -> Any:
    from PIL import Image, ImageOps

    return ImageOps.exif_transpose(Image.open(path)).convert("RGB")


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
