"""How someone without ftstudio loads a torchvision export; the check of the export and its tests run this file."""

from __future__ import annotations

import json
from pathlib import Path


class Model:
    """The network of the folder, as plain torchvision loads it."""

    def __init__(self, folder: Path) -> None:
        """Load it, with its label names and its preparation of pictures."""
        import torch
        from torchvision import models, transforms

        known = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        steps = json.loads((folder / "preprocessing.json").read_text(encoding="utf-8"))
        sized = {"image_size": known["image_size"]} if known["image_size"] else {}
        self.labels: list[str] = known["labels"]
        self.model = models.get_model(known["architecture"], num_classes=len(self.labels), **sized).eval()
        self.model.load_state_dict(torch.load(folder / "model.pth", weights_only=True))
        self.prepare = transforms.Compose(
            [
                transforms.Resize(steps["size"], transforms.InterpolationMode(steps["interpolation"])),
                transforms.CenterCrop(steps["crop"]),
                transforms.ToTensor(),
                transforms.Normalize(steps["mean"], steps["std"]),
            ]
        )

    def logits(self, row: dict[str, str]) -> list[float]:
        """Return one logit per label for a row (`image`)."""
        import torch
        from PIL import Image, ImageOps

        picture = ImageOps.exif_transpose(Image.open(row["image"])).convert("RGB")
        with torch.no_grad():
            values: list[float] = self.model(self.prepare(picture)[None])[0].tolist()
        return values
