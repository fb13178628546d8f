"""Answers with the model in this folder. Needs only Python with {packages}.

    python predict.py {example}
    python predict.py --json {example}

{inputs}
A folder stands for all such files in it; without any input, each line of standard input is one. The answers come as
a table, or with --json as one JSON list. To use the model in a program of your own:

    from predict import Model
    model = Model("path/to/this/folder")
    print(model.answer({row}))
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

RESAMPLING = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
PICTURES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}


class Model:
    """The network with its labels, its preparation of the input and its way to decide."""

    def __init__(self, folder: Any = ".") -> None:
        """Open the folder that this file came in."""
        folder = Path(folder)
        self.labels: list[str] = read_json(folder / "labels.json")["labels"]
        self.decision: dict[str, Any] = read_json(folder / "decision.json")
        self.recipe: dict[str, Any] = read_json(folder / "preprocessing.json")
        self.network = open_network(folder, self.recipe)
        self.reads_texts = self.recipe["kind"] == "text"
        self.tokenizer: Any = self._tokenizer(folder) if self.reads_texts else None

    def answer(self, row: dict[str, str]) -> dict[str, Any]:
        """Return the label of {"text": …, "text_pair": …} or {"image": file}, its certainty, and all probabilities.

        Of a model that gives several labels, or a number, the `label` is the list of them, or the number.
        """
        return self.decided(self.logits(row))

    def decided(self, logits: list[float]) -> dict[str, Any]:
        """Return the answer that follows from what the network said."""
        kind = self.recipe.get("answer", "label")
        if kind == "number":
            return {"label": logits[0], "known": True, "probabilities": {}}
        if kind == "labels":
            return several(np.array(logits) / self.decision["temperature"], self.labels, self.decision)
        shares = probabilities(np.array(logits) / self.decision["temperature"])
        best, known = decide(shares, self.labels, self.decision)
        return {
            "label": self.labels[best],
            "known": known,
            "probabilities": {label: float(share) for label, share in zip(self.labels, shares, strict=True)},
        }

    def logits(self, row: dict[str, str]) -> list[float]:
        """Return what the network says of a row, one number a label."""
        inputs = self._tokens(row) if self.reads_texts else self._pixels(row["image"])
        values: list[float] = self.network(inputs).tolist()
        return values

    # Texts

    def _tokenizer(self, folder: Path) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    def _tokens(self, row: dict[str, str]) -> dict[str, Any]:
        limit, way = self.recipe["max_length"], self.recipe["long_text"]
        pair = row.get("text_pair")
        if pair is not None:
            side = "left" if way == "tail" else "right"
            self.tokenizer.enable_truncation(limit, strategy="longest_first", direction=side)
        encoded = self.tokenizer.encode(row["text"], pair)
        ids, segments = np.array([encoded.ids]), np.array([encoded.type_ids])
        if ids.shape[1] > limit:  # keep the first and the last token, which are special ones
            before = {"tail": 1, "both": limit // 2}.get(way, limit - 1)
            ids = np.concatenate([ids[:, :before], ids[:, before - limit :]], axis=1)
            segments = segments[:, :limit]
        values = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": segments}
        return {name: values[name].astype(np.int64) for name in self.recipe["inputs"]}

    # Pictures

    def _pixels(self, path: str) -> dict[str, Any]:
        picture, recipe = open_picture(path), self.recipe
        if recipe["resize"]:
            picture = picture.resize(new_size(picture.size, recipe), RESAMPLING[recipe["interpolation"]])
        pixels = np.asarray(picture)
        if recipe["crop"]:
            pixels = centre(pixels, recipe["crop"])
        values = (pixels.astype(np.float32) / np.float32(255) - np.float32(recipe["mean"])) / np.float32(recipe["std"])
        return {"pixel_values": np.ascontiguousarray(values.transpose(2, 0, 1)[None])}


def open_network(folder: Path, recipe: dict[str, Any]) -> Any:
    """Return what turns the inputs of one row, by name, into its logits."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    return lambda inputs: session.run(["logits"], inputs)[0][0]


def open_picture(path: str) -> Any:
    """Read a picture as RGB: turned by its EXIF data, transparency over white, 16-bit and fractional grey scaled."""
    from PIL import Image, ImageOps

    picture = ImageOps.exif_transpose(Image.open(path))
    if picture.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(picture, dtype=np.float64))
        top = 65535 if picture.mode.startswith("I;16") or values.max() > 255 else 255
        top = 1 if picture.mode == "F" and values.max() <= 1 else top
        picture = Image.fromarray((values * 255 / top).clip(0, 255).astype(np.uint8))
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def new_size(size: tuple[int, int], recipe: dict[str, Any]) -> tuple[int, int]:
    """Return width and height after resizing: given ones, or the shorter side given and the longer in proportion."""
    height, width = recipe["size"]
    if recipe["resize"] == "exact":
        return width, height
    short, long = min(size), max(size)
    longer = int(height * long / short)
    return (height, longer) if size[0] <= size[1] else (longer, height)


def centre(pixels: Any, crop: list[int]) -> Any:
    """Cut the middle out of pixels [height, width, 3]; what is too small gets a black margin."""
    lacking = [max(0, wanted - side) for wanted, side in zip(crop, pixels.shape, strict=False)]
    if any(lacking):
        pixels = np.pad(pixels, [(lack // 2, (lack + 1) // 2) for lack in lacking] + [(0, 0)])
    top, left = (round((side - wanted) / 2) for side, wanted in zip(pixels.shape, crop, strict=False))
    return pixels[top : top + crop[0], left : left + crop[1]]


def probabilities(logits: Any) -> Any:
    """Return softmax."""
    shifted = np.exp(logits - logits.max())
    return shifted / shifted.sum()


def decide(shares: Any, labels: list[str], decision: dict[str, Any]) -> tuple[int, bool]:
    """Return which label is the answer, and whether the model is certain enough to give it."""
    best = int(shares.argmax())
    if decision["positive"] in labels and len(labels) == 2:
        positive = labels.index(decision["positive"])
        best = positive if shares[positive] >= decision["threshold"] else 1 - positive
    return best, bool(shares[best] >= decision["dont_know_below"])


def several(logits: Any, labels: list[str], decision: dict[str, Any]) -> dict[str, Any]:
    """Return every label that is likely enough by itself: from its own threshold on, or from one half."""
    shares = dict(zip(labels, (0.5 + 0.5 * np.tanh(logits / 2)).tolist(), strict=True))
    given = [label for label, share in shares.items() if share >= decision["thresholds"].get(label, 0.5)]
    return {"label": given, "known": True, "probabilities": shares}


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def rows(recipe: dict[str, Any], inputs: list[str]) -> list[dict[str, str]]:
    """Return one row for each input: a text (two, parted by a tab, for pairs), a file, or each file of a folder."""
    found = []
    for one in inputs:
        path = Path(one)
        is_path = os.path.exists(one)  # noqa: PTH110  (any text may be asked about, and most are no path at all)
        paths = sorted(file for file in path.rglob("*") if file.is_file()) if is_path and path.is_dir() else [path]
        if recipe["kind"] == "image":
            found += [{"image": str(file)} for file in paths if file is path or file.suffix.lower() in PICTURES]
            continue
        texts = [file.read_text(encoding="utf-8") for file in paths] if is_path else [one]
        for text in texts:
            first, _, second = text.partition("\t") if recipe["pairs"] else (text, "", "")
            found.append({"text": first, "text_pair": second} if recipe["pairs"] else {"text": first})
    return found


def main() -> None:
    """Answer what the command line or standard input asks."""
    words = sys.argv[1:]
    if "--help" in words or "-h" in words:
        print(__doc__)
        return
    model = Model(Path(__file__).parent)
    inputs = [word for word in words if word != "--json"] or sys.stdin.read().splitlines()
    asked = rows(model.recipe, inputs)
    answers = [{**row, **model.answer(row)} for row in asked]
    if "--json" in words:
        print(json.dumps(answers, ensure_ascii=False, indent=1))
        return
    for row, answer in zip(asked, answers, strict=True):
        print(f"{shown(answer):38s} {' | '.join(row.values())[:100]!r}")


def shown(answer: dict[str, Any]) -> str:
    """Return an answer on one line."""
    said, shares = answer["label"], answer["probabilities"]
    if isinstance(said, float):
        return f"{said:.6g}"
    if isinstance(said, list):
        return ", ".join(f"{label} {shares[label]:.1%}" for label in said) or "none"
    label = said if answer["known"] else f"don't know ({said}?)"
    return f"{label:30s} {shares[said]:6.1%} "


if __name__ == "__main__":
    main()
