"""How someone without ftstudio loads a torchvision export; the check of the export and its tests run this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def predict(folder: Path, rows: list[dict[str, str]]) -> dict[str, Any]:
    """Return the labels and, for each row (`image`), one logit per label."""
    import torch
    from PIL import Image, ImageOps
    from torchvision import models, transforms

    known = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    steps = json.loads((folder / "preprocessing.json").read_text(encoding="utf-8"))
    sized = {"image_size": known["image_size"]} if known["image_size"] else {}
    model = models.get_model(known["architecture"], num_classes=len(known["labels"]), **sized).eval()
    model.load_state_dict(torch.load(folder / "model.pth", weights_only=True))
    prepare = transforms.Compose(
        [
            transforms.Resize(steps["size"], transforms.InterpolationMode(steps["interpolation"])),
            transforms.CenterCrop(steps["crop"]),
            transforms.ToTensor(),
            transforms.Normalize(steps["mean"], steps["std"]),
        ]
    )
    pictures = [ImageOps.exif_transpose(Image.open(row["image"])).convert("RGB") for row in rows]
    with torch.no_grad():
        logits = [model(prepare(picture)[None])[0].tolist() for picture in pictures]
    return {"labels": known["labels"], "logits": logits}
