"""`python -m tests.benchmarks.mobilenet`: the real MobileNetV2 at 224 pixels, ours against transformers’ Trainer.

Both get the same network, photos and number of epochs. Trainer has its usual pipeline for pictures: each is decoded and
prepared by transformers' own processor whenever it is needed. Photos are crops of brick, grass and gravel, saved small,
large (1 280 x 960) or as cameras do (12 megapixels): there decoding counts. Each contender runs in a process of its own
and prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import real_data
from tests.support.real_data import Row

TASK = "image-classification"
ROWS, TEST_ROWS, EPOCHS, HEAD_EPOCHS = 96, 48, 2, 5
CAMERA, LARGE, SMALL = (4032, 3024), (1280, 960), (256, 256)


def photos(folder: Path, size: tuple[int, int], seed: int) -> tuple[list[Row], list[Row]]:
    """Write crops of three photos as JPEGs of `size`; returns training and test rows."""
    from PIL import Image

    rows = []
    for path, label in real_data.textures(folder / "crops"):
        target = folder / label / f"{Path(path).stem}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(path) as image:
            image.convert("RGB").resize(size).save(target, quality=90)
        rows.append((str(target), label))
    random.Random(seed).shuffle(rows)
    return rows[:ROWS], rows[ROWS : ROWS + TEST_ROWS]


def network(folder: Path) -> Path:
    """Return torchvision's published MobileNetV2 as the program keeps it."""
    from ftstudio.engine.conversion import torchvision

    target = folder / "mobilenet"
    target.mkdir()
    torchvision.convert(real_data.mobilenet_v2(), target)
    return target


def ours(seed: int, size: tuple[int, int], **settings: Any) -> dict[str, Any]:
    """Train with the Balanced preset's settings but for those given; `epochs_seconds` are those of each epoch."""
    from tests.benchmarks.in_memory import train_in_memory
    from tests.benchmarks.peers import peak_memory

    ends: dict[int, float] = {}

    def hear(event: Any) -> None:
        if event.kind == "measured" and event.split == "train":
            ends[round(event.epoch + 0.4999)] = event.seconds

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        train, test = photos(folder, size, seed)
        model = network(folder)
        values = {"epochs": float(EPOCHS), "seed": seed, "batch_size": 16, **settings}
        accuracy, rows, seconds = train_in_memory(TASK, str(model), train, test, values, model, hear)
    times = [ends[at] - ends.get(at - 1, 0.0) for at in sorted(ends)]
    return {"accuracy": accuracy, "rows": rows, "seconds": seconds, "memory": peak_memory(), "epochs": times}


def trainer(seed: int, size: tuple[int, int], *, frozen: bool = False, **arguments: Any) -> dict[str, Any]:
    """Train the same network with Trainer at its defaults but for the arguments given."""
    from ftstudio.engine import backend

    backend.prepare()
    import transformers as hf

    from tests.benchmarks import peers

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        train, test = photos(folder, size, seed)
        names = sorted({label for _, label in train})
        model = _for_trainer(network(folder), names, frozen=frozen)
        processor = hf.MobileNetV2ImageProcessor(image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
        sets = [peers.PictureRows(processor, rows, names) for rows in (train, [], test)]
        options = {"num_train_epochs": EPOCHS, "per_device_train_batch_size": 16, **arguments}
        done = peers._train(model, sets, hf.DefaultDataCollator(), seed, None, options)
    return {"accuracy": done.accuracy, "rows": done.rows, "seconds": done.seconds, "memory": peers.peak_memory()}


def _for_trainer(folder: Path, names: list[str], *, frozen: bool) -> Any:
    import torch

    from ftstudio.engine.vision.image_classifiers import load_classifier

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            (self.network, _, _), _ = load_classifier(folder, names, trained=False)
            for name, weight in self.network.named_parameters():
                weight.requires_grad = not frozen or name.startswith("classifier")

        def forward(self, pixel_values: Any, labels: Any = None) -> dict[str, Any]:
            logits = self.network(pixel_values)
            return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}

    return Model()


_HEAD = {"tuning_method": "head", "epochs": float(HEAD_EPOCHS), "learning_rate": 1e-3}
CONTENDERS: dict[str, Callable[[int], dict[str, Any]]] = {
    "ours": lambda seed: ours(seed, SMALL),
    "trainer": lambda seed: trainer(seed, SMALL),
    "trainer_bf16": lambda seed: trainer(seed, SMALL, bf16=True),
    "ours_large": lambda seed: ours(seed, LARGE, probe_first=False),
    "trainer_large": lambda seed: trainer(seed, LARGE),
    "ours_camera": lambda seed: ours(seed, CAMERA, probe_first=False),
    "trainer_camera": lambda seed: trainer(seed, CAMERA),
    "ours_growing": lambda seed: ours(seed, SMALL, progressive_resizing=True, epochs=3.0),
    "ours_three": lambda seed: ours(seed, SMALL, epochs=3.0),
    "ours_head": lambda seed: ours(seed, SMALL, **_HEAD),
    "trainer_head": lambda seed: trainer(seed, SMALL, frozen=True, num_train_epochs=HEAD_EPOCHS, learning_rate=1e-3),
}
PAIRS = [
    ("full tuning, against Trainer's defaults", "ours", "trainer", "≥ 1.5"),
    ("full tuning, against Trainer in bf16", "ours", "trainer_bf16", ""),
    ("full tuning, large photos", "ours_large", "trainer_large", "≥ 1.5"),
    ("full tuning, photos of a camera", "ours_camera", "trainer_camera", "≥ 1.5"),
    (f"head, {HEAD_EPOCHS} epochs", "ours_head", "trainer_head", "≥ 10"),
    ("small pictures first, against whole ones", "ours_growing", "ours_three", ""),
]


def _run(contender: str, seed: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.mobilenet", "--contender", contender, "--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{contender}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def show(found: dict[str, dict[str, Any]]) -> None:
    """Print the pairs, and what the second epoch is to the first."""
    print("| what | ours, rows/s | other | ratio | wanted | memory | right |")
    print("|---|---|---|---|---|---|---|")
    for title, one, other, wanted in PAIRS:
        if one in found and other in found:
            mine, theirs = (found[name]["rows"] / found[name]["seconds"] for name in (one, other))
            memory = " / ".join(f"{found[name]['memory'] / 1e9:.1f} GB" for name in (one, other))
            right = " / ".join(f"{100 * found[name]['accuracy']:.0f} %" for name in (one, other))
            print(f"| {title} | {mine:.1f} | {theirs:.1f} | {mine / theirs:.2f} | {wanted} | {memory} | {right} |")
    for name, one in found.items():
        if one.get("epochs"):
            times = one["epochs"]
            quicker = f", the second {times[0] / times[1]:.2f} times as fast" if times[1] else ""
            print(f"{name}: seconds an epoch {', '.join(f'{seconds:.1f}' for seconds in times)}{quicker}")


def main() -> None:
    """Run the benchmark, or one contender of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(CONTENDERS), choices=list(CONTENDERS))
    parser.add_argument("--contender", choices=list(CONTENDERS))
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    os.environ.setdefault("FTSTUDIO_HOME", str(Path(tempfile.gettempdir()) / "ftstudio-benchmark"))
    if arguments.contender:
        print(json.dumps(CONTENDERS[arguments.contender](arguments.seed)))
        return
    show({name: _run(name, arguments.seed) for name in arguments.only})


if __name__ == "__main__":
    main()
