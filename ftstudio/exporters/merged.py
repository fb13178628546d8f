"""What LoRA learned, merged into the base model: a normal Hugging Face folder that needs no peft."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.specs import Answer, ExporterSpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.runs.trained import TrainedModel

SPEC = ExporterSpec(
    key="merged",
    title=N_("Adapter merged"),
    summary=N_("What LoRA learned, inside the weights: a Hugging Face folder like any other."),
    runs_with=N_("Python with the transformers library"),
    suits=frozenset({"huggingface", "timm"}),
    answers=frozenset(Answer),
    methods=frozenset({"lora"}),
    order=31,
)

LOADER = Path(__file__).with_name("_load_hf_folder.py")


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write the merged model and its card into the empty folder `target`; returns the files. Raises `OSError`."""
    from ftstudio.engine.export.model_folder import write_transformers_folder

    return write_transformers_folder(source, target)
