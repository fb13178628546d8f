"""A folder that answers by itself: the network, its labels and decision, and a short program that needs no torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.specs import Answer, ExporterSpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.runs.trained import TrainedModel

SPEC = ExporterSpec(
    key="standalone",
    title=N_("Standalone folder"),
    summary=N_("The model with a short program that answers by itself: ready to use."),
    runs_with=N_("Python with onnxruntime, numpy, and tokenizers or pillow"),
    suits=frozenset({"huggingface", "timm", "torchvision"}),
    answers=frozenset(
        {Answer.LABEL, Answer.LABELS, Answer.NUMBER, Answer.SPANS, Answer.EXTRACT, Answer.BOXES, Answer.REWRITE}
    ),
    needs=("onnx", "onnxruntime", "onnxscript"),
    prepares=True,
    without=("torch", "transformers", "timm", "torchvision"),
    order=10,
)

LOADER = Path(__file__).with_name("_predict.py")
LOADER_OF_PLACES = Path(__file__).with_name("_predict_places.py")
LOADER_OF_BOXES = Path(__file__).with_name("_predict_boxes.py")
LOADER_OF_TEXTS = Path(__file__).with_name("_predict_texts.py")
PROGRAM = "predict.py"  # the export brings its own loader, and the check uses that


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write the network, what goes with it, and the program into the empty folder `target`; returns the files."""
    from ftstudio.engine.export.answering_program import write_program
    from ftstudio.engine.export.model_card import write_card
    from ftstudio.engine.export.onnx_folder import write_network

    write_network(source, target)
    others = {Answer.BOXES: LOADER_OF_BOXES, Answer.REWRITE: LOADER_OF_TEXTS}
    program = LOADER_OF_PLACES if source.answer.has_places else others.get(source.answer, LOADER)
    usage = write_program(source, program.read_text(encoding="utf-8"), "onnxruntime", target)
    write_card(source, target, "onnx", usage)
    return sorted(target.iterdir())
