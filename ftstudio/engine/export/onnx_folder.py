"""Fills a folder with an ONNX network and all that is needed to ask it: labels, decision, preparation, tokenizer."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ftstudio.core.best_answer import LONGEST
from ftstudio.core.errors import StudioError
from ftstudio.core.specs import Answer, Modality
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.engine.export import onnx_rewriter
from ftstudio.engine.export.model_folder import DECISION
from ftstudio.engine.export.onnx_graph import example, read_by_network, write_graph
from ftstudio.engine.export.quantising import Inputs, quantise
from ftstudio.engine.language.passages import overlap
from ftstudio.engine.rows import some_rows
from ftstudio.engine.runs.trained import TrainedModel
from ftstudio.engine.task import Bundle, Task
from ftstudio.engine.vision.picture_recipes import recipe_of
from ftstudio.project import atomic

NETWORK, LABELS, PREPROCESSING, TOKENIZER = "model.onnx", "labels.json", "preprocessing.json", "tokenizer.json"

ONNX_USAGE = """
import json, onnxruntime

network = onnxruntime.InferenceSession("model.onnx")
labels = json.load(open("labels.json"))["labels"]
print([(one.name, one.shape) for one in network.get_inputs()])  # made as preprocessing.json says
# logits, = network.run(["logits"], {...}); the answer is labels[logits[0].argmax()], unless decision.json says more
"""

ONNX_USAGE_OF_LABELS = """
import json, onnxruntime

network = onnxruntime.InferenceSession("model.onnx")
labels, thresholds = json.load(open("labels.json"))["labels"], json.load(open("decision.json"))["thresholds"]
print([(one.name, one.shape) for one in network.get_inputs()])  # made as preprocessing.json says
# logits, = network.run(["logits"], {...}); shares = 1 / (1 + numpy.exp(-logits[0]))  # one a label, each by itself
# the answer is every label whose share is at least thresholds.get(label, 0.5)
"""

ONNX_USAGE_OF_NUMBERS = """
import onnxruntime

network = onnxruntime.InferenceSession("model.onnx")
print([(one.name, one.shape) for one in network.get_inputs()])  # made as preprocessing.json says
# logits, = network.run(["logits"], {...}); the answer is the number logits[0, 0]
"""

ONNX_USAGE_OF_PLACES = """
import onnxruntime, tokenizers

network = onnxruntime.InferenceSession("model.onnx")
tokenizer = tokenizers.Tokenizer.from_file("tokenizer.json")
print([(one.name, one.shape) for one in network.get_inputs()])  # made as preprocessing.json says
# logits, = network.run(["logits"], {...})  # [rows, tokens, labels]; a word takes what is said of its first token
"""

ONNX_USAGE_OF_ANSWERS = """
import onnxruntime, tokenizers

network = onnxruntime.InferenceSession("model.onnx")
tokenizer = tokenizers.Tokenizer.from_file("tokenizer.json")  # a question and a text; see preprocessing.json
# logits, = network.run(["logits"], {...})  # [windows, tokens, 2]: how well an answer begins and ends at each token;
# the first token stands for no answer, which is given where it is better by more than decision.json says
"""

ONNX_USAGE_OF_BOXES = """
import json, onnxruntime

network = onnxruntime.InferenceSession("model.onnx")
labels = json.load(open("labels.json"))["labels"]
print([(one.name, one.shape) for one in network.get_inputs()])  # made as preprocessing.json says
# logits, = network.run(["logits"], {...})  # [pictures, places, 1 + kinds + 8]: for each place nothing and each kind,
# four offsets, four corners; of a network that draws its boxes itself, -10000 in place of what it does not say; how
# these become boxes is told and done in predict.py of the standalone folder
"""

ONNX_USAGE_OF_TEXTS = """
import onnxruntime, tokenizers

reader, writer = (onnxruntime.InferenceSession(f"{name}.onnx") for name in ("encoder", "decoder"))
tokenizer = tokenizers.Tokenizer.from_file("tokenizer.json")
print([(one.name, one.shape) for one in writer.get_inputs()])
# encoder.onnx gives read_0, read_1 … of a text once; decoder.onnx takes them, the token written last, and past_0,
# past_1 …: of no token at first, then what it gave as now_0, now_1 …; logits[0, -1].argmax() is the next token.
# How a text begins and ends is told under "writes" in preprocessing.json; predict.py of the standalone folder does it
"""

_USAGES = {
    Answer.LABELS: ONNX_USAGE_OF_LABELS,
    Answer.NUMBER: ONNX_USAGE_OF_NUMBERS,
    Answer.SPANS: ONNX_USAGE_OF_PLACES,
    Answer.EXTRACT: ONNX_USAGE_OF_ANSWERS,
    Answer.BOXES: ONNX_USAGE_OF_BOXES,
    Answer.REWRITE: ONNX_USAGE_OF_TEXTS,
}
CALIBRATION_ROWS, _ROWS_AT_ONCE = 96, 16


def usage(source: TrainedModel) -> str:
    """Return plain Python that opens the network of an export, for its card."""
    return _USAGES.get(source.answer, ONNX_USAGE)


def write_network(source: TrainedModel, target: Path) -> None:
    """Write all of it into the empty folder `target`; raises `StudioError` for networks that cannot be written so."""
    task, bundle = source.load()
    if task.SPEC.answer is Answer.REWRITE:
        names = onnx_rewriter.write_rewriter(task, bundle, target)
    else:
        names = write_graph(task, bundle, target / NETWORK, pairs=source.pairs)
    write_surroundings(source, task, bundle, names, target)


def write_small_network(source: TrainedModel, target: Path) -> None:
    """Write the network with weights of 8 bits and all that goes with it; raises as `write_network` does."""
    task, bundle = source.load()
    with tempfile.TemporaryDirectory(prefix="ftstudio-") as scratch:
        exact = Path(scratch) / NETWORK
        names = write_graph(task, bundle, exact, pairs=source.pairs)
        quantise(exact, target / NETWORK, _calibration(source, task, bundle))
    write_surroundings(source, task, bundle, names, target)


def _calibration(source: TrainedModel, task: Task, bundle: Bundle) -> Iterator[Inputs]:
    """Yield training rows, from all over the data, as the network gets them; made-up ones where there is no data."""
    try:
        dataset = Dataset.open(source.data)
    except StudioError:
        dataset = None
    if dataset is None or not dataset.count(Split.TRAIN):
        yield {name: value.numpy() for name, value in example(task, bundle, pairs=source.pairs).items()}
        return
    table = some_rows(dataset.table(Split.TRAIN), CALIBRATION_ROWS)
    examples = task.encode(bundle, table, dataset.folder)
    for start in range(0, len(examples), _ROWS_AT_ONCE):
        inputs = examples.batch(range(start, min(start + _ROWS_AT_ONCE, len(examples))), None).inputs
        if task.SPEC.modality is Modality.TEXT:
            inputs = read_by_network(bundle, inputs)
        yield {name: value.contiguous().numpy() for name, value in inputs.items()}


def write_surroundings(source: TrainedModel, task: Task, bundle: Bundle, inputs: list[str], target: Path) -> None:
    """Write what goes with the network: the names of its answers, how to decide, how its input is made."""
    atomic.write_json(target / LABELS, {"labels": list(source.labels)})
    atomic.write_json(target / DECISION, source.decision.model_dump())
    recipe = (
        _of_texts(source, bundle, inputs, target) if task.SPEC.modality is Modality.TEXT else _of_pictures(task, bundle)
    )
    atomic.write_json(target / PREPROCESSING, {**recipe, **_of_answers(task, bundle)})


def _of_answers(task: Task, bundle: Bundle) -> dict[str, Any]:
    """Return how places are read from what is said of tokens, or how a text is written."""
    answer = task.SPEC.answer
    if answer is Answer.REWRITE:
        return {"answer": answer.value, "writes": onnx_rewriter.manner(bundle)}
    if answer is not Answer.EXTRACT:
        return {"answer": answer.value}
    limit = int(bundle.processor.model_max_length)
    return {"answer": answer.value, "overlap": overlap(limit), "longest": LONGEST}


def _of_texts(source: TrainedModel, bundle: Bundle, inputs: list[str], target: Path) -> dict[str, Any]:
    inner = getattr(bundle.processor, "backend_tokenizer", None)
    if inner is None:
        raise StudioError(
            text("The tokenizer of this model works only inside the transformers library."),
            text("Export it as a Hugging Face folder."),
        )
    inner.no_truncation()
    inner.no_padding()
    atomic.write_text(target / TOKENIZER, inner.to_str(pretty=True))
    return {
        "kind": "text",
        "pairs": source.pairs,
        "max_length": int(bundle.processor.model_max_length),
        "long_text": bundle.settings.long_text,
        "inputs": inputs,
        "pad": int(bundle.processor.pad_token_id or 0),
    }


def _of_pictures(task: Task, bundle: Bundle) -> dict[str, Any]:
    processor, preparer = bundle.processor
    return recipe_of(processor, preparer, whole=task.SPEC.answer is Answer.BOXES)
