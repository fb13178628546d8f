"""How someone without ftstudio loads a Hugging Face folder; the check of the export and its tests run this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class Model:
    """The model of the folder, as plain transformers loads it."""

    def __init__(self, folder: Path) -> None:
        """Load it, with its tokenizer or its preparation of pictures."""
        import transformers

        config = transformers.AutoConfig.from_pretrained(folder)
        self.labels = [config.id2label[number] for number in range(config.num_labels)]
        self.reads_pictures = (folder / "preprocessor_config.json").is_file() or not (
            folder / "tokenizer_config.json"
        ).is_file()
        if self.reads_pictures:
            kind: Any = transformers.AutoModelForImageClassification
            preparer: Any = transformers.AutoImageProcessor
        else:
            kind, preparer = transformers.AutoModelForSequenceClassification, transformers.AutoTokenizer
        self.model = kind.from_pretrained(folder).eval()
        self.prepare = preparer.from_pretrained(folder)

    def logits(self, row: dict[str, str]) -> list[float]:
        """Return one logit per label for a row (`text` and perhaps `text_pair`, or `image`)."""
        import torch
        from PIL import Image, ImageOps

        if self.reads_pictures:
            picture = ImageOps.exif_transpose(Image.open(row["image"])).convert("RGB")
            inputs = self.prepare(picture, return_tensors="pt")
        else:
            inputs = self.prepare(row["text"], row.get("text_pair"), truncation=True, return_tensors="pt")
        with torch.no_grad():
            values: list[float] = self.model(**inputs).logits[0].float().tolist()
        return values
