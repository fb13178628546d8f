"""Writes a trained network as ONNX: one file, any number of rows at once, texts of any length the model reads."""

from __future__ import annotations

import tempfile
import warnings
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from PIL import Image
from torch import Tensor, nn
from tqdm import tqdm

from ftstudio.core.errors import StudioError
from ftstudio.core.specs import Answer, Modality
from ftstudio.core.text import text
from ftstudio.engine.export import box_graph
from ftstudio.engine.task import Bundle, Task

OUTPUT = "logits"
LARGEST_INLINE = 1_900_000_000  # bytes; one file of the format's kind holds at most 2 GB
_TEXTS = ("The first of two texts, so that neither number of tokens is one.", "A shorter one.")


class Graph(nn.Module):
    """The network from its inputs by position to float32 logits, shape [rows, classes].

    Of models whose answers are places these are of tokens, [rows, tokens, classes]: which of them speak for which word
    is for the receiver to find (`exporters/_predict_places.py`).
    """

    def __init__(self, task: Task, bundle: Bundle, names: list[str]) -> None:
        super().__init__()
        self.model, self.names = bundle.model, names
        self.said = getattr(task, "graph_logits", getattr(task, "token_logits", task.logits))

    def forward(self, *values: Tensor) -> Tensor:
        """Run the model on inputs in the order of `names`."""
        logits: Tensor = self.said(self.model, dict(zip(self.names, values, strict=True)))
        return logits.float()


def write_graph(task: Task, bundle: Bundle, path: Path, *, pairs: bool) -> list[str]:
    """Write the network to `path` and return the names of its inputs; raises `StudioError` if it cannot be written so.

    Weights beyond what one such file holds go to a second one, `path` with `.data` at its end.
    """
    inputs = example(task, bundle, pairs=pairs)
    names = list(inputs)
    graph = Graph(task, bundle, names).eval()
    free = (_free_sizes(task, bundle, names),)
    with _followed(task, bundle):
        write_onnx(graph, tuple(inputs.values()), path, names=(names, [OUTPUT]), free=free)
    return names


def write_onnx(
    graph: nn.Module, inputs: tuple[Any, ...], path: Path, *, names: tuple[list[str], list[str]], free: tuple[Any, ...]
) -> None:
    """Write a module called with `inputs` to `path`; raises `StudioError` if it cannot be written so.

    `names` are those of its inputs and outputs, `free` the sizes of each input that may differ, as torch is told them.
    """
    held = sum(value.numel() * value.element_size() for value in graph.state_dict().values())
    tqdm.monitor_interval = 0  # or a thread that watches progress bars stays behind
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                graph,
                inputs,
                str(path),
                dynamo=True,
                input_names=names[0],
                output_names=names[1],
                dynamic_shapes=free,
                custom_translation_table=box_graph.translations(),
                external_data=held > LARGEST_INLINE,
                verbose=False,
            )
    except OSError:
        raise
    except Exception as error:  # whatever tracing a network of any make meets
        raise StudioError(
            text("This network cannot be written as ONNX: {reason}", reason=_first_line(error)),
            text("Export it as a Hugging Face folder or a torchvision checkpoint."),
        ) from error


def _followed(task: Task, bundle: Bundle) -> AbstractContextManager[None]:
    return box_graph.traceable(bundle.model) if task.SPEC.answer is Answer.BOXES else nullcontext()


def example(task: Task, bundle: Bundle, *, pairs: bool, texts: tuple[str, ...] = _TEXTS) -> dict[str, Tensor]:
    """Return the inputs of two made-up rows, by name; no row of the user's is needed to write a graph."""
    if task.SPEC.modality is Modality.TEXT:
        columns = {"text": list(texts), **({"text_pair": list(texts[::-1])} if pairs else {})}
        examples = task.encode(bundle, pa.table(columns), Path())
        return read_by_network(bundle, examples.batch(range(len(texts)), None).inputs)
    with tempfile.TemporaryDirectory(prefix="ftstudio-") as scratch:
        Image.fromarray(np.full((300, 300, 3), 128, np.uint8)).save(Path(scratch) / "grey.png")
        examples = task.encode(bundle, pa.table({"image": ["grey.png"] * 2}), Path(scratch))
        return examples.batch([0, 1], None).inputs


def read_by_network(bundle: Bundle, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Leave out of a batch of texts what is no matter of the network: which tokens speak for which words."""
    return {name: value for name, value in inputs.items() if name in bundle.processor.model_input_names}


def _free_sizes(task: Task, bundle: Bundle, names: list[str]) -> tuple[dict[int, Any], ...]:
    free: dict[int, Any] = {0: torch.export.Dim("rows")}
    if task.SPEC.modality is Modality.TEXT:
        free[1] = any_length(bundle)
    return tuple(dict(free) for _ in names)


def any_length(bundle: Bundle) -> Any:
    """Return the size `tokens` of a graph: any number that the model has places for."""
    most = getattr(getattr(bundle.model, "config", None), "max_position_embeddings", None)
    return torch.export.Dim("tokens", max=most) if most and most > 0 else torch.export.Dim("tokens")


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
