"""`python -m tests.benchmarks.detection`: SSDLite at 224 on the real MobileNetV2, ours against a torchvision loop.

Both get the same scenes, network, batches and epochs. The plain loop is as torchvision's references have it: pictures
are decoded and changed to numbers whenever they are needed, torchvision's SSD scales them, matches the places and says
the losses, SGD steps. (Its own SSDLite takes no MobileNetV2, so its SSD gets our layers.) Ours runs with and without
its crops, and its checks count. Each contender runs in a process of its own and prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TRAIN, OTHERS, EPOCHS, BATCH, SIDE = 160, 16, 2, 8, 224
TASK = "object-detection"


def ours(folder: Path, **settings: Any) -> dict[str, Any]:
    """Import the scenes into a project, train, and return what the run told; checks are part of its time."""
    from ftstudio.core import catalog
    from ftstudio.core.messages import Request
    from ftstudio.core.settings import Overrides
    from ftstudio.datasets.importing import ImportPlan, import_data
    from ftstudio.engine.run import execute
    from ftstudio.models.library import read_model
    from ftstudio.project import modelbook
    from ftstudio.project.schema import ModelReference
    from ftstudio.project.store import create_project
    from tests.benchmarks.mobilenet import network
    from tests.support.box_scenes import write_scenes

    source, model = write_scenes(folder / "scenes", TRAIN, OTHERS, OTHERS), network(folder)
    reference = ModelReference(name=model.name, source="folder", fingerprint=read_model(model).fingerprint)
    modelbook.remember(reference, model)
    with create_project(folder / "project", "project", TASK) as project:
        import_data(project.layout.data, catalog.tasks().spec(TASK), ImportPlan(sources=(source,)))
        project.save(project.file.model_copy(update={"model": reference}))
    seconds = [0.0]

    def hear(event: Any) -> None:
        if event.kind == "measured" and event.split == "train":
            seconds.append(event.seconds)

    values = {"epochs": float(EPOCHS), "batch_size": BATCH, "picture_size": SIDE, "early_stopping": False, **settings}
    asked = {"settings": Overrides(values=values).model_dump()}
    execute(Request(job="train", project=folder / "project", options=asked), hear)
    return {"seconds": seconds[-1]}


def plain(folder: Path) -> dict[str, Any]:
    """Train torchvision's SSD with the same layers on the same scenes; nothing is checked in between."""
    import torch
    from torch.utils.data import DataLoader

    from tests.support.box_scenes import write_scenes

    pictures = _Pictures(write_scenes(folder / "scenes", TRAIN, OTHERS, OTHERS))
    model = _torchvision_ssdlite(len(pictures.kinds)).train()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    began = time.perf_counter()
    for _ in range(EPOCHS):
        for batch in DataLoader(pictures, BATCH, shuffle=True, collate_fn=list):
            losses = model([pixels for pixels, _ in batch], [boxes for _, boxes in batch])
            optimiser.zero_grad()
            sum(losses.values()).backward()
            optimiser.step()
    return {"seconds": time.perf_counter() - began}


def _torchvision_ssdlite(kinds: int) -> Any:
    import torch
    from torchvision.models import mobilenet_v2

    from ftstudio.engine.vision import detector_network
    from tests.support import real_data

    classifier = mobilenet_v2()
    classifier.load_state_dict(torch.load(real_data.mobilenet_v2(), weights_only=True))
    return detector_network.build(detector_network.layers_of(classifier), kinds, SIDE)


class _Pictures:
    """The training scenes of a COCO file, decoded at each look."""

    def __init__(self, file: Path) -> None:
        document = json.loads(file.read_text(encoding="utf-8"))
        self.folder = file.parent / "images"
        self.kinds = [one["id"] for one in document["categories"]]
        self.images = [one for one in document["images"] if one["split"] == "train"]
        self.things: dict[int, list[Any]] = {one["id"]: [] for one in document["images"]}
        for thing in document["annotations"]:
            self.things[thing["image_id"]].append(thing)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, at: int) -> tuple[Any, dict[str, Any]]:
        import torch
        from PIL import Image
        from torchvision.transforms.functional import to_tensor

        image = self.images[at]
        things = self.things[image["id"]]
        corners = [[x, y, x + wide, y + high] for x, y, wide, high in (thing["bbox"] for thing in things)]
        with Image.open(self.folder / image["file_name"]) as picture:
            pixels = to_tensor(picture.convert("RGB"))
        kinds = [1 + self.kinds.index(thing["category_id"]) for thing in things]
        return pixels, {"boxes": torch.tensor(corners, dtype=torch.float32), "labels": torch.tensor(kinds)}


CONTENDERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "ours": lambda folder: ours(folder, augmentation="none"),
    "ours_crops": lambda folder: ours(folder, augmentation="light"),
    "plain": plain,
}


def _contend(name: str) -> dict[str, Any]:
    from ftstudio.engine import backend
    from tests.benchmarks.peers import peak_memory

    backend.prepare()
    with tempfile.TemporaryDirectory(prefix="ftstudio-detection-") as folder:
        os.environ["FTSTUDIO_HOME"] = str(Path(folder) / "home")
        found = CONTENDERS[name](Path(folder))
    return {**found, "speed": EPOCHS * TRAIN / found["seconds"], "memory": peak_memory()}


def _run(name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.detection", "--contender", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Run the benchmark, or one contender of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contender", choices=list(CONTENDERS))
    arguments = parser.parse_args()
    if arguments.contender:
        print(json.dumps(_contend(arguments.contender)))
        return
    found = {name: _run(name) for name in CONTENDERS}
    print("| SSDLite at 224 | pictures/s | to the plain loop | peak memory |")
    print("|---|---|---|---|")
    for name, one in found.items():
        ratio = one["speed"] / found["plain"]["speed"]
        print(f"| {name} | {one['speed']:.1f} | {ratio:.2f} | {one['memory'] / 1e9:.1f} GB |")


if __name__ == "__main__":
    main()
