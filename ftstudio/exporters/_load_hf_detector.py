"""How someone without ftstudio loads a detector of a Hugging Face folder; the check of the export runs this file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

APART = -1e4  # in place of numbers that a detector which draws its boxes itself does not have
FAINTEST = 0.01


class Model:
    """The detector of the folder, as plain transformers loads it."""

    def __init__(self, folder: Path) -> None:
        """Load it, with its preparation of pictures."""
        import transformers

        kind: Any = transformers.AutoModelForObjectDetection
        preparer: Any = transformers.AutoImageProcessor
        self.model = kind.from_pretrained(folder).eval()
        self.prepare = preparer.from_pretrained(folder)
        config = self.model.config
        self.labels = [config.id2label[number] for number in range(config.num_labels)]

    def logits(self, row: dict[str, str]) -> list[list[float]]:
        """Return a row of numbers for each box that transformers' own decoding gives for a picture (`image`).

        `APART`; a logit for each kind, `APART` but for the kind it is of; four times `APART`; left, top, right and
        bottom in shares of the picture.
        """
        import torch
        from PIL import Image, ImageOps

        picture = ImageOps.exif_transpose(Image.open(row["image"])).convert("RGB")
        inputs = self.prepare(picture, return_tensors="pt")
        with torch.no_grad():
            said = self.model(**inputs)
        found = self.prepare.post_process_object_detection(said, threshold=FAINTEST, target_sizes=[(1, 1)])[0]
        boxes = zip(found["labels"].tolist(), found["scores"].tolist(), found["boxes"].tolist(), strict=True)
        return [self._row(*box) for box in boxes]

    def _row(self, kind: int, share: float, corners: list[float]) -> list[float]:
        logits = [APART] * len(self.labels)
        logits[kind] = math.log(max(share, 1e-6) / max(1 - share, 1e-6))
        return [APART, *logits, APART, APART, APART, APART, *corners]
