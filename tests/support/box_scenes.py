"""Real things with boxes: scenes of Fashion-MNIST garments, no garment in two parts, and a photo of 24 coins.

Scenes: the garments are divided first (training ones from the training file, validation and test ones from halves of
the test file), then laid on canvases, so that no garment that is learned is asked for. Coins: `skimage.data.coins`, one
photo; crops are cut from its left part for training and from its right part for validation and test.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.support.real_data import fashion_arrays

KINDS = {1: "trousers", 3: "dress", 7: "sneaker", 8: "bag"}
SIDE, GROUND = 192, 70
VISIBLE = 26  # grey value from which a pixel is of a garment
MOST_COMMON = 0.2  # share of a garment that another may cover


def write_scenes(folder: Path, train: int, validation: int, test: int, seed: int = 11) -> Path:
    """Write scenes of one to three garments and `scenes.json` (COCO, with the parts); returns that file."""
    chance = np.random.default_rng(seed)
    known, asked = fashion_arrays("train"), fashion_arrays("t10k")
    half = len(asked[1]) // 2
    sources = {
        "train": known,
        "validation": (asked[0][:half], asked[1][:half]),
        "test": (asked[0][half:], asked[1][half:]),
    }
    counts = {"train": train, "validation": validation, "test": test}
    images: list[dict[str, Any]] = []
    things: list[dict[str, Any]] = []
    (folder / "images").mkdir(parents=True)
    for split, (pixels, labels) in sources.items():
        chosen = np.flatnonzero(np.isin(labels, list(KINDS)))
        for number in range(counts[split]):
            scene, boxes = _scene(
                chance, pixels, labels, chance.choice(chosen, int(chance.integers(1, 4)), replace=False)
            )
            name = f"{split}-{number:04}.png"
            Image.fromarray(scene).save(folder / "images" / name)
            images.append({"id": len(images), "file_name": name, "split": split})
            things += [{"image_id": images[-1]["id"], "category_id": kind, "bbox": box} for kind, box in boxes]
    return _write(folder / "scenes.json", images, things, KINDS)


def _scene(chance: np.random.Generator, pixels: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> tuple[Any, Any]:
    scene = np.repeat(chance.integers(0, GROUND, (SIDE // 8, SIDE // 8, 1)), 3, axis=2).astype(np.uint8)
    canvas = np.array(Image.fromarray(scene).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    boxes: list[tuple[int, list[int]]] = []
    for row in rows:
        side = int(chance.integers(44, 92))
        garment = np.array(Image.fromarray(pixels[row]).resize((side, side), Image.Resampling.BICUBIC))
        seen = garment >= VISIBLE
        down, across = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        x, y = (int(one) for one in chance.integers(0, SIDE - side + 1, 2))
        box = [x + int(across[0]), y + int(down[0]), int(across[-1] - across[0]) + 1, int(down[-1] - down[0]) + 1]
        if any(_common(box, other) > MOST_COMMON for _, other in boxes):
            continue
        tint = chance.uniform(0.6, 1.0, 3)
        place = canvas[y : y + side, x : x + side]
        place[seen] = (garment[..., None] * tint)[seen].astype(np.uint8)
        boxes.append((int(labels[row]), box))
    return canvas, boxes


def _common(one: list[int], other: list[int]) -> float:
    sides = [min(one[at] + one[at + 2], other[at] + other[at + 2]) - max(one[at], other[at]) for at in (0, 1)]
    return max(0, sides[0]) * max(0, sides[1]) / min(one[2] * one[3], other[2] * other[3])


def coins() -> tuple[Image.Image, list[list[int]]]:
    """Return the photo and left, top, width and height of its 24 coins (found as in scikit-image's own gallery)."""
    from skimage import data, filters, measure, morphology, segmentation

    photo = data.coins()
    markers = np.zeros_like(photo, dtype=int)
    markers[photo < 30], markers[photo > 150] = 1, 2
    coin = segmentation.watershed(filters.sobel(photo), markers) == 2
    found = measure.regionprops(measure.label(morphology.closing(coin, morphology.disk(2))))
    edges = [one.bbox for one in found if one.area > 500]
    return Image.fromarray(photo).convert("RGB"), [[x, y, right - x, low - y] for y, x, low, right in edges]


def write_coins(folder: Path, train: int, others: int, seed: int = 3, side: int = 160) -> Path:
    """Write crops of the photo and `coins.json` (COCO, with the parts): no coin is in two parts; returns that file."""
    chance = np.random.default_rng(seed)
    photo, boxes = coins()
    middle, right = photo.width * 0.55, photo.width * 0.775
    spans = {"train": (0, middle), "validation": (middle, right), "test": (right, photo.width)}
    counts = {"train": train, "validation": others, "test": others}
    images: list[dict[str, Any]] = []
    things: list[dict[str, Any]] = []
    (folder / "images").mkdir(parents=True)
    for split, (low, high) in spans.items():
        for number in range(counts[split]):
            wide = int(min(side, high - low))
            x, y = int(chance.uniform(low, high - wide)), int(chance.uniform(0, photo.height - side))
            name = f"{split}-{number:03}.png"
            photo.crop((x, y, x + wide, y + side)).save(folder / "images" / name)
            images.append({"id": len(images), "file_name": name, "split": split})
            for box in boxes:
                cut = _cut(box, x, y, wide, side)
                if cut is not None:
                    things.append({"image_id": images[-1]["id"], "category_id": 1, "bbox": cut})
    return _write(folder / "coins.json", images, things, {1: "coin"})


def _cut(box: list[int], x: int, y: int, width: int, height: int) -> list[int] | None:
    """Return a box in a crop, None where less than half of it is in there."""
    left, top = max(0, box[0] - x), max(0, box[1] - y)
    right, bottom = min(width, box[0] + box[2] - x), min(height, box[1] + box[3] - y)
    if right <= left or bottom <= top or (right - left) * (bottom - top) < box[2] * box[3] / 2:
        return None
    return [left, top, right - left, bottom - top]


def _write(path: Path, images: list[dict[str, Any]], things: list[dict[str, Any]], kinds: dict[int, str]) -> Path:
    document = {
        "images": images,
        "annotations": [{"id": at, **thing} for at, thing in enumerate(things)],
        "categories": [{"id": number, "name": name} for number, name in kinds.items()],
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
