"""How someone without ftstudio puts an adapter on its base model; the check of the export and its tests run this."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

ASKING = runpy.run_path(str(Path(__file__).with_name("_ask_transformers.py")))


class Model:
    """The base model with the adapter of the folder, as plain peft loads it."""

    def __init__(self, folder: Path, base: str) -> None:
        """Load the base model from the folder `base`, and the adapter on top."""
        from peft import PeftModel

        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config["model_type"] == "torchvision":
            names = config["id2label"]
            self.labels = [names[str(number)] for number in range(len(names))]
            model, self.prepare = _torchvision(config, folder, Path(base))
            self.ask: Any = _of_network
        else:
            model, self.prepare, self.labels, self.ask = _transformers(folder, base)
        self.model = PeftModel.from_pretrained(model, str(folder)).eval()

    def logits(self, row: dict[str, str]) -> list[Any]:
        """Return one logit per label for a row (`text` and perhaps `text_pair`, or `image`); or such a list a word; of
        a model that writes, what it makes of each token (`_token_losses.py`).
        """
        return list(self.ask(self.model, self.prepare, row))


def _transformers(folder: Path, base: str) -> tuple[Any, Any, list[str], Any]:
    import transformers

    config = transformers.AutoConfig.from_pretrained(folder)
    kind = ASKING["kind_of"](config, folder)
    headed = {} if kind.writes else {"config": config, "ignore_mismatched_sizes": True}
    model = getattr(transformers, kind.model).from_pretrained(base, **headed)
    return (
        model,
        getattr(transformers, kind.preparer).from_pretrained(folder),
        ASKING["labels_of"](config, kind),
        kind.ask,
    )


def _of_network(model: Any, prepare: Any, row: dict[str, str]) -> list[Any]:
    import torch
    from PIL import Image, ImageOps

    with torch.no_grad():
        values: list[Any] = model(prepare(ImageOps.exif_transpose(Image.open(row["image"])).convert("RGB")))[0].tolist()
    return values


def _torchvision(config: dict[str, Any], folder: Path, base: Path) -> tuple[Any, Any]:
    from safetensors.torch import load_file
    from torchvision import models, transforms

    sized = {"image_size": config["image_size"]} if config.get("image_size") else {}
    model = models.get_model(config["architecture"], num_classes=config["num_labels"], **sized)
    own = model.state_dict()
    weights = load_file(base / "model.safetensors")
    fitting = {name: value for name, value in weights.items() if value.shape == own[name].shape}
    model.load_state_dict(fitting, strict=False)
    steps = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))
    prepare = transforms.Compose(
        [
            transforms.Resize(steps["size"], transforms.InterpolationMode(steps["interpolation"])),
            transforms.CenterCrop(steps["crop"]),
            transforms.ToTensor(),
            transforms.Normalize(steps["mean"], steps["std"]),
        ]
    )
    return model, lambda picture: prepare(picture)[None]
