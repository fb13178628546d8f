"""A normal Hugging Face folder: weights as safetensors, configuration with label names, tokenizer or preprocessing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.specs import Answer, ExporterSpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.runs.trained import TrainedModel

SPEC = ExporterSpec(
    key="hf-folder",
    title=N_("Hugging Face folder"),
    summary=N_("Weights, label names and preprocessing in the form that most Python tools read."),
    runs_with=N_("Python with the transformers library"),
    suits=frozenset({"huggingface", "timm"}),
    answers=frozenset(Answer),
    order=20,
)

LOADER_OF_BOXES = Path(__file__).with_name("_load_hf_detector.py")
LOADER = Path(__file__).with_name("_load_hf_folder.py")


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write the model and its card into the empty folder `target`; returns the files. Raises `OSError`."""
    from ftstudio.engine.export.model_folder import write_transformers_folder

    return write_transformers_folder(source, target)
