"""Finds things in pictures with the model in this folder. Needs only Python with {packages}.

    python predict.py {example}
    python predict.py --json {example}

{inputs}
A folder stands for all pictures in it; without any input, each line of standard input is one. The boxes found come as a
table, or with --json as one JSON list. To use the model in a program of your own:

    from predict import Model
    model = Model("path/to/this/folder")
    print(model.answer({row}))

How boxes are made of what the network says (`draw`): it gives a row of numbers for each place it looks at: a logit for
nothing and one for each kind; four offsets; the corners of the place (left, top, right, bottom, in shares of the
picture). Softmax of the logits is how likely each kind is there. The offsets say how far the box lies from the place:
its centre is that of the place plus a tenth of the first two times the sides of the place, its sides are those of the
place times e to the fifth part of the other two. Of boxes of one kind that overlap by more than a half only the
likeliest stays. Networks that draw boxes themselves have -10000 for nothing and for all offsets: each kind is then as
likely as the sigmoid of its logit, the corners are the box, and all boxes stay.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

RESAMPLING = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
PICTURES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
GEOMETRY = 8  # the last numbers of a row: offsets and corners
APART = -1e4  # in place of numbers that a network which draws boxes itself does not have
FAINTEST, SAME_THING = 0.01, 0.5
MOST_PLACES, MOST_BOXES = 200, 100
LARGEST_STRETCH = np.log(1000 / 16)


class Model:
    """The network with its kinds of things, its preparation of pictures and its way to decide."""

    def __init__(self, folder: Any = ".") -> None:
        """Open the folder that this file came in."""
        import onnxruntime

        folder = Path(folder)
        self.labels: list[str] = read_json(folder / "labels.json")["labels"]
        self.decision: dict[str, Any] = read_json(folder / "decision.json")
        self.recipe: dict[str, Any] = read_json(folder / "preprocessing.json")
        self.network = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])

    def answer(self, row: dict[str, str]) -> dict[str, Any]:
        """Return the things found in {"image": file}, the likeliest first, with their boxes in pixels."""
        picture = open_picture(row["image"])
        said = self._said(picture)
        boxes = [
            {
                "label": self.labels[kind],
                "probability": round(share, 4),
                "left": round(left * picture.width, 1),
                "top": round(top * picture.height, 1),
                "width": round((right - left) * picture.width, 1),
                "height": round((bottom - top) * picture.height, 1),
            }
            for kind, share, (left, top, right, bottom) in self._shown(said)
        ]
        return {"boxes": boxes}

    def decided(self, said: list[list[float]]) -> dict[str, Any]:
        """Return kind, probability and corners (in shares of the picture) of what is found."""
        return {
            "label": [[kind, share, *corners] for kind, share, corners in self._shown(np.array(said))],
            "known": True,
        }

    def logits(self, row: dict[str, str]) -> list[list[float]]:
        """Return what the network says of each place in a picture."""
        values: list[list[float]] = self._said(open_picture(row["image"])).tolist()
        return values

    def _shown(self, said: Any) -> list[tuple[int, float, list[float]]]:
        return [box for box in draw(said) if box[1] >= self.decision["threshold"]]

    def _said(self, picture: Any) -> Any:
        recipe = self.recipe
        height, width = recipe["size"]
        pixels = np.asarray(picture.resize((width, height), RESAMPLING[recipe["interpolation"]]), np.float32)
        values = (pixels / np.float32(255) - np.float32(recipe["mean"])) / np.float32(recipe["std"])
        inputs = {"pixel_values": np.ascontiguousarray(values.transpose(2, 0, 1)[None])}
        return self.network.run(["logits"], inputs)[0][0]


def draw(said: Any) -> list[tuple[int, float, list[float]]]:
    """Return kind, probability and corners of the boxes that follow from what a network says, the likeliest first."""
    said = np.asarray(said, np.float64).reshape(-1, np.shape(said)[-1] if len(said) else GEOMETRY + 1)
    itself = bool(len(said)) and bool((said[:, 0] <= APART / 2).all())
    logits = said[:, :-GEOMETRY]
    shares = sigmoid(logits[:, 1:]) if itself else softmax(logits)[:, 1:]
    most = shares.max(axis=1, initial=0.0)
    places = np.argsort(-most, kind="stable")[:MOST_PLACES]
    places = places[most[places] >= FAINTEST]
    corners = np.clip(said[places, -4:], 0.0, 1.0) if itself else moved(said[places])
    found: list[tuple[int, float, list[float]]] = []
    for kind in range(shares.shape[1]):
        of_kind = shares[places, kind]
        order = [at for at in np.argsort(-of_kind, kind="stable") if of_kind[at] >= FAINTEST]
        kept = order if itself else separate(corners, order)
        found += [(kind, float(of_kind[at]), corners[at].tolist()) for at in kept]
    return sorted(found, key=lambda box: -box[1])[:MOST_BOXES]


def moved(said: Any) -> Any:
    """Return the corners of the boxes that lie by their offsets from their places, cut at the picture's edges."""
    offsets, places = said[:, -8:-4], said[:, -4:]
    sides = places[:, 2:] - places[:, :2]
    centres = places[:, :2] + sides / 2 + offsets[:, :2] / 10 * sides
    half = sides * np.exp(np.minimum(offsets[:, 2:] / 5, LARGEST_STRETCH)) / 2
    return np.clip(np.concatenate([centres - half, centres + half], axis=1), 0.0, 1.0)


def separate(corners: Any, order: list[Any]) -> list[Any]:
    """Return which boxes, given the likeliest first, are of things of their own (non-maximum suppression)."""
    kept: list[Any] = []
    for at in order:
        if all(overlap(corners[at], corners[other]) <= SAME_THING for other in kept):
            kept.append(at)
    return kept


def overlap(one: Any, other: Any) -> float:
    """Return the share of two boxes' common area in the area they cover together."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    common = float(np.prod(np.maximum(sides, 0.0)))
    areas = sum(float(np.prod(box[2:] - box[:2])) for box in (one, other))
    return common / (areas - common) if areas > common else 0.0


def softmax(values: Any) -> Any:
    """Return the shares of each row."""
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def sigmoid(values: Any) -> Any:
    """Return how likely each value is by itself."""
    return 1.0 / (1.0 + np.exp(np.minimum(-values, 700.0)))


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


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def files(inputs: list[str]) -> list[str]:
    """Return the pictures that the inputs name: files, or folders of them."""
    found = []
    for one in inputs:
        inside = sorted(Path(one).rglob("*")) if os.path.isdir(one) else []  # noqa: PTH112
        found += [str(file) for file in inside if file.suffix.lower() in PICTURES] if inside else [one]
    return found


def main() -> None:
    """Answer what the command line or standard input asks."""
    words = sys.argv[1:]
    if "--help" in words or "-h" in words:
        print(__doc__)
        return
    model = Model(Path(__file__).parent)
    asked = files([word for word in words if word != "--json"] or sys.stdin.read().splitlines())
    answers = [{"image": file, **model.answer({"image": file})} for file in asked]
    if "--json" in words:
        print(json.dumps(answers, ensure_ascii=False, indent=1))
        return
    for one in answers:
        print(one["image"] if one["boxes"] else f"{one['image']}: nothing found")
        for box in one["boxes"]:
            place = f"{box['left']:8.1f}{box['top']:8.1f}{box['width']:8.1f}{box['height']:8.1f}"
            print(f"  {box['label']:28s} {box['probability']:6.1%} {place}")


if __name__ == "__main__":
    main()
