"""How someone without ftstudio puts an adapter on its base model; the check of the export and its tests run this."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

LOSSES = runpy.run_path(str(Path(__file__).with_name("_token_losses.py")))


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
        else:
            model, self.prepare, self.labels = _transformers(folder, base)
        self.writes = bool(_writer(config.get("architectures")))
        self.model = PeftModel.from_pretrained(model, str(folder)).eval()

    def logits(self, row: dict[str, str]) -> list[Any]:
        """Return one logit per label for a row (`text` and perhaps `text_pair`, or `image`); of a model that writes,
        what it makes of each token (`_token_losses.py`).
        """
        import torch
        from PIL import Image, ImageOps

        if self.writes:
            return list(LOSSES["losses"](self.model, self.prepare, row))
        if "image" in row:
            inputs = self.prepare(ImageOps.exif_transpose(Image.open(row["image"])).convert("RGB"), return_tensors="pt")
        else:
            inputs = self.prepare(row["text"], row.get("text_pair"), truncation=True, return_tensors="pt")
        with torch.no_grad():
            output = self.model(**inputs) if isinstance(inputs, dict) or hasattr(inputs, "keys") else self.model(inputs)
        values: list[float] = getattr(output, "logits", output)[0].float().tolist()
        return values


def _writer(architectures: list[str] | None) -> str:
    """Return what transformers calls the kind of a model that writes, empty for any other."""
    first = (architectures or [""])[0]
    if first.endswith(("ForConditionalGeneration", "MTModel")):
        return "AutoModelForSeq2SeqLM"
    return "AutoModelForCausalLM" if first.endswith(("ForCausalLM", "LMHeadModel")) else ""


def _transformers(folder: Path, base: str) -> tuple[Any, Any, list[str]]:
    import transformers

    config = transformers.AutoConfig.from_pretrained(folder)
    if writer := _writer(config.architectures):
        return (
            getattr(transformers, writer).from_pretrained(base),
            transformers.AutoTokenizer.from_pretrained(folder),
            [],
        )
    reads_texts = (folder / "tokenizer_config.json").is_file()
    kind: Any = (
        transformers.AutoModelForSequenceClassification if reads_texts else transformers.AutoModelForImageClassification
    )
    preparer: Any = transformers.AutoTokenizer if reads_texts else transformers.AutoImageProcessor
    model = kind.from_pretrained(base, config=config, ignore_mismatched_sizes=True)
    return model, preparer.from_pretrained(folder), [config.id2label[number] for number in range(config.num_labels)]


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
    return model, lambda picture, **_: prepare(picture)[None]
