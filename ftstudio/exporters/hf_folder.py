"""A normal Hugging Face folder: weights as safetensors, configuration with label names, tokenizer or preprocessing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.specs import ExporterSpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.trained import TrainedModel

SPEC = ExporterSpec(
    key="hf-folder",
    title=N_("Hugging Face folder"),
    summary=N_("Weights, label names and preprocessing in the form that most Python tools read."),
    runs_with=N_("Python with the transformers library"),
    suits=frozenset({"huggingface", "timm"}),
)

LOADER = Path(__file__).with_name("_load_hf_folder.py")


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write the model and its card into the empty folder `target`; returns the files. Raises `OSError`."""
    from ftstudio.engine.model_card import CARD, write_card

    for path in sorted(source.folder.iterdir()):
        if path.is_dir():
            shutil.copytree(path, target / path.name)
        elif path.name != CARD:
            shutil.copy2(path, target / path.name)
    write_card(source, target, "transformers", _usage(source))
    return sorted(path for path in target.rglob("*") if path.is_file())


def _usage(source: TrainedModel) -> str:
    question = '"picture.jpg"' if source.task.startswith("image") else '"A text to sort."'
    lines = ["from transformers import pipeline", "", f'model = pipeline("{source.task}", model="path/to/this/folder")']
    needs = ["# needs: pip install transformers torch timm torchvision pillow"] if source.source == "timm" else []
    return "\n".join([*needs, *lines, f"print(model({question}))"])
