"""The ONNX network with weights of 8 bits: about a quarter of the size, a little less exact, and saying by how much."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.specs import Answer, ExporterSpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.runs.trained import TrainedModel

SPEC = ExporterSpec(
    key="onnx-int8",
    title=N_("ONNX, 8 bits"),
    summary=N_("A quarter of the size and often faster; its certificate says what that costs in exactness."),
    runs_with=N_("an ONNX runtime: Python, C#, Java, JavaScript, C++ …"),
    suits=frozenset({"huggingface", "timm", "torchvision"}),
    answers=frozenset({Answer.LABEL, Answer.LABELS, Answer.NUMBER, Answer.SPANS, Answer.EXTRACT}),
    needs=("onnx", "onnxruntime", "onnxscript"),
    prepares=True,
    lossy=True,
    without=("torch", "transformers", "timm", "torchvision"),
    order=41,
)

LOADER = Path(__file__).with_name("_predict.py")
LOADER_OF_PLACES = Path(__file__).with_name("_predict_places.py")


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write the smaller network and what goes with it into the empty folder `target`; returns the files."""
    from ftstudio.engine.export.model_card import write_card
    from ftstudio.engine.export.onnx_folder import usage, write_small_network

    write_small_network(source, target)
    write_card(source, target, "onnx", usage(source))
    return sorted(target.iterdir())
