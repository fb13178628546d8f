"""An ONNX network in one file, with label names, the way to decide, and the preparation of its input beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.specs import Answer, ExporterSpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.runs.trained import TrainedModel

SPEC = ExporterSpec(
    key="onnx",
    title=N_("ONNX"),
    summary=N_("One file that runs in many languages and on many devices, for a program of your own."),
    runs_with=N_("an ONNX runtime: Python, C#, Java, JavaScript, C++ …"),
    suits=frozenset({"huggingface", "timm", "torchvision"}),
    answers=frozenset(
        {Answer.LABEL, Answer.LABELS, Answer.NUMBER, Answer.SPANS, Answer.EXTRACT, Answer.BOXES, Answer.REWRITE}
    ),
    needs=("onnx", "onnxruntime", "onnxscript"),
    prepares=True,
    without=("torch", "transformers", "timm", "torchvision"),
    order=40,
)

LOADER = Path(__file__).with_name("_predict.py")
LOADER_OF_PLACES = Path(__file__).with_name("_predict_places.py")
LOADER_OF_BOXES = Path(__file__).with_name("_predict_boxes.py")
LOADER_OF_TEXTS = Path(__file__).with_name("_predict_texts.py")


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write the network and what goes with it into the empty folder `target`; returns the files."""
    from ftstudio.engine.export.model_card import write_card
    from ftstudio.engine.export.onnx_folder import usage, write_network

    write_network(source, target)
    write_card(source, target, "onnx", usage(source))
    return sorted(target.iterdir())
