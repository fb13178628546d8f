"""A GGUF file with weights as F16: what llama.cpp and the programs built on it read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.specs import Answer, ExporterSpec, Modality
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.runs.trained import TrainedModel

SPEC = ExporterSpec(
    key="gguf",
    title=N_("GGUF"),
    summary=N_("One file with all that chat programs need, weights in 16 bits: the most exact form."),
    runs_with=N_("llama.cpp, Ollama, LM Studio and other chat programs"),
    suits=frozenset({"huggingface"}),
    modalities=frozenset({Modality.TEXT}),
    answers=frozenset({Answer.TEXT}),
    needs=("gguf",),
    lossy=True,
    least_agreement=0.99,
    most_loss=0.01,
    order=33,
)

LOADER = Path(__file__).with_name("_load_gguf.py")


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write file and card into the empty folder `target`; returns them. Raises `InputError` for other families."""
    from ftstudio.engine.export.gguf_export import write_export

    return write_export(source, target, "F16")


def extra(source: TrainedModel) -> list[str]:
    """Return what the loader compares with: the folder of the trained model."""
    return [str(source.folder)]
