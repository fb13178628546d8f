"""A GGUF file with weights as BF16: what llama.cpp and the programs built on it read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.specs import Answer, ExporterSpec, Modality
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.runs.trained import TrainedModel

SPEC = ExporterSpec(
    key="gguf-bf16",
    title=N_("GGUF, bfloat16"),
    summary=N_("The other form of 16 bits: for models that were made in it, and newer graphics cards."),
    runs_with=N_("llama.cpp, Ollama, LM Studio and other chat programs"),
    suits=frozenset({"huggingface"}),
    modalities=frozenset({Modality.TEXT}),
    answers=frozenset({Answer.TEXT}),
    needs=("gguf",),
    lossy=True,
    least_agreement=0.97,
    most_loss=0.02,
    order=34,
)

LOADER = Path(__file__).with_name("_load_gguf.py")


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write file and card into the empty folder `target`; returns them. Raises `InputError` for other families."""
    from ftstudio.engine.export.gguf_export import write_export

    return write_export(source, target, "BF16")


def extra(source: TrainedModel) -> list[str]:
    """Return what the loader compares with: the folder of the trained model."""
    return [str(source.folder)]
