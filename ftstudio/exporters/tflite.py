"""A TensorFlow Lite network for phones and small devices, made by a converter in an environment of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.specs import Answer, ExporterSpec
from ftstudio.core.translation import N_
from ftstudio.planning import litert

if TYPE_CHECKING:
    from ftstudio.engine.runs.trained import TrainedModel

SPEC = ExporterSpec(
    key="tflite",
    title=N_("TensorFlow Lite"),
    summary=N_("For phones, small devices and the world of Keras and TensorFlow; one row at a time."),
    runs_with=N_("LiteRT (TensorFlow Lite) on Android, iOS, Linux or in Python"),
    suits=frozenset({"huggingface", "timm", "torchvision"}),
    answers=frozenset({Answer.LABEL, Answer.LABELS, Answer.NUMBER}),
    missing=litert.missing,
    prepares=True,
    without=("torch", "transformers", "timm", "torchvision", "tensorflow"),
    order=50,
)

LOADER = Path(__file__).with_name("_predict.py")
PROGRAM = "predict.py"
_CONVERTER = Path(__file__).with_name("_convert_tflite.py")
_NETWORK = Path(__file__).with_name("_open_tflite.py")


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write the network, what goes with it, and a program that asks it into the empty folder `target`."""
    from ftstudio.engine.export.answering_program import write_program
    from ftstudio.engine.export.model_card import write_card
    from ftstudio.engine.export.tflite_folder import write_network

    write_network(source, target, litert.interpreter(), _CONVERTER)
    usage = write_program(source, _program(), "ai-edge-litert", target)
    write_card(source, target, "tf-lite", usage)
    return sorted(target.iterdir())


def interpreter() -> Path:
    """Return the Python in which the export is tried."""
    return litert.interpreter()


def _program() -> str:
    """Return the program with the part that runs the network replaced."""
    begins = "def open_network"
    whole, other = (path.read_text(encoding="utf-8") for path in (LOADER, _NETWORK))
    before, _, after = whole.partition(begins)
    return before + begins + other.partition(begins)[2].rstrip() + "\n\n\n" + after.partition("\n\n\n")[2]
