"""Fills a folder with a TensorFlow Lite network: traced here, converted by another Python that has the converter."""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from pathlib import Path

import torch
from torch import Tensor

from ftstudio.core.errors import StudioError
from ftstudio.core.specs import Modality
from ftstudio.core.text import text
from ftstudio.engine.export.onnx_folder import write_surroundings
from ftstudio.engine.export.onnx_graph import Graph, example
from ftstudio.engine.runs.trained import TrainedModel
from ftstudio.engine.task import Bundle, Task

NETWORK = "model.tflite"
_LONGEST = 1_800.0


def write_network(source: TrainedModel, target: Path, interpreter: Path, converter: Path) -> None:
    """Write the network for one row of the longest length the model was trained to read, and what goes with it.

    `interpreter` is a Python that has the converter, `converter` the program for it. Raises `StudioError` for networks
    that it cannot convert.
    """
    task, bundle = source.load()
    inputs = _one_row(task, bundle, pairs=source.pairs)
    with tempfile.TemporaryDirectory(prefix="ftstudio-") as scratch:
        program, values = Path(scratch) / "network.pt2", Path(scratch) / "inputs.pt"
        _trace(task, bundle, inputs, program)
        torch.save(tuple(inputs.values()), values)
        _convert([str(interpreter), "-P", str(converter), str(program), str(values), str(target / NETWORK)])
    write_surroundings(source, task, bundle, list(inputs), target)


def _one_row(task: Task, bundle: Bundle, *, pairs: bool) -> dict[str, Tensor]:
    inputs = {name: value[:1].contiguous() for name, value in example(task, bundle, pairs=pairs).items()}
    if task.SPEC.modality is not Modality.TEXT:
        return inputs
    length = int(bundle.processor.model_max_length)
    return {name: torch.nn.functional.pad(value[:, :length], (0, max(0, length - value.shape[1])))
            for name, value in inputs.items()}  # fmt: skip


def _trace(task: Task, bundle: Bundle, inputs: dict[str, Tensor], target: Path) -> None:
    graph = Graph(task, bundle, list(inputs)).eval()
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.export.save(torch.export.export(graph, tuple(inputs.values())), target)
    except OSError:
        raise
    except Exception as error:  # whatever tracing a network of any make meets
        raise _unconvertible(str(error)) from error


def _convert(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=_LONGEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unconvertible(str(error)) from error
    if done.returncode != 0:
        raise _unconvertible(next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "-"))


def _unconvertible(reason: str) -> StudioError:
    first = next((line.strip() for line in reason.splitlines() if line.strip()), "-")
    return StudioError(
        text("This network cannot be written for TensorFlow Lite: {reason}", reason=first),
        text("Export it as ONNX instead."),
    )
