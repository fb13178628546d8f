"""How someone without ftstudio loads a Hugging Face folder; the check of the export and its tests run this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def predict(folder: Path, rows: list[dict[str, str]]) -> dict[str, Any]:
    """Return the labels and, for each row (`text` and `text_pair`, or `image`), one logit per label."""
    return _pictures(folder, rows) if "image" in rows[0] else _texts(folder, rows)


def _texts(folder: Path, rows: list[dict[str, str]]) -> dict[str, Any]:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    pairs = [row["text_pair"] for row in rows] if "text_pair" in rows[0] else None
    encoded = tokenizer([row["text"] for row in rows], pairs, padding=True, truncation=True, return_tensors="pt")
    with torch.no_grad():
        logits = model(**encoded).logits
    return {"labels": _labels(model), "logits": logits.float().tolist()}


def _pictures(folder: Path, rows: list[dict[str, str]]) -> dict[str, Any]:
    import torch
    from PIL import Image, ImageOps
    from transformers import AutoImageProcessor, AutoModelForImageClassification

    processor: Any = AutoImageProcessor.from_pretrained(folder)  # type: ignore[no-untyped-call]
    model = AutoModelForImageClassification.from_pretrained(folder).eval()
    pictures = [ImageOps.exif_transpose(Image.open(row["image"])).convert("RGB") for row in rows]
    with torch.no_grad():
        logits = [model(**processor(picture, return_tensors="pt")).logits[0].float().tolist() for picture in pictures]
    return {"labels": _labels(model), "logits": logits}


def _labels(model: Any) -> list[str]:
    return [model.config.id2label[number] for number in range(model.config.num_labels)]
