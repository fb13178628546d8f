"""What is known before training, gathered from the project's data, its model and this computer. No torch.

Lengths are counted with the model's own tokenizer on a bounded number of rows, so a million rows cost no more.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core import catalog, chats
from ftstudio.core.errors import InputError
from ftstudio.core.presets import Facts
from ftstudio.core.specs import Answer, ColumnRole, Modality, TaskSpec
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets import documents, lengths
from ftstudio.datasets.store import Dataset
from ftstudio.models import library
from ftstudio.models.compatibility import fits
from ftstudio.models.records import ModelKind, ModelRecord
from ftstudio.planning.machine import accelerator
from ftstudio.project import modelbook
from ftstudio.project.schema import ModelReference
from ftstudio.project.store import Project

COUNTED_ROWS = 2_000
TOKENS_A_WORD = 1.4  # where a model has no fast tokenizer


def locate_model(reference: ModelReference | None) -> ModelRecord:
    """Return the model a project refers to, as it lies on this computer; raises `InputError` when it does not."""
    if reference is None:
        raise InputError(text("No model is chosen yet."), text("Choose one on the Model page, or with --model."))
    if reference.source.startswith("starter:"):
        return library.resolve(reference.source)
    path = modelbook.locate(reference)
    if path is None:
        raise InputError(
            text("The model “{name}” is not on this computer, or it has changed.", name=reference.name),
            text("Choose its folder on the Model page, or another model."),
            field="model",
        )
    return library.read_model(path)


def task_of(project: Project, dataset: Dataset) -> TaskSpec:
    """Return the task of a project as the labels of its rows shape it; raises `InputError` where they do not fit."""
    spec: TaskSpec = catalog.tasks().spec(project.file.task)
    return spec.shaped(dataset.answer if dataset.answer in spec.answers else None)


def gather(project: Project) -> Facts:
    """Return the facts of a project; raises `InputError` when its data or model is missing or does not fit."""
    dataset = Dataset.open(project.layout.data)
    record = locate_model(project.file.model)
    task = task_of(project, dataset)
    mismatch = fits(record, task)
    if mismatch is not None:
        raise InputError(mismatch, text("Choose a model that fits the task."), field="model")
    return gather_from(dataset, record, task.modality)


def refuse_foreign_tokenizer(record: ModelRecord) -> None:
    """Raise `InputError` for a model whose tokenizer makes tokens that its weights do not know, as of another model.

    Tokens that were added later are not looked at: many folders have some that never occur.
    """
    tokenizer = lengths.load_tokenizer(record.path) if record.vocabulary else None
    if tokenizer is None:
        return
    made = max(tokenizer.get_vocab(with_added_tokens=False).values(), default=-1) + 1
    if made > record.vocabulary:
        raise InputError(
            text(
                "The tokenizer of “{name}” makes {made} different tokens, but its weights know only {known}: it "
                "belongs to another model.",
                name=record.name,
                made=made,
                known=record.vocabulary,
            ),
            text("Get the folder again from where it came from, or choose another model."),
            file=str(record.path / "tokenizer.json"),
            field="model",
        )


def gather_from(dataset: Dataset, record: ModelRecord, modality: Modality) -> Facts:
    """Return the facts of a data set and a model; raises `InputError` where the model is not whole."""
    if modality is Modality.TEXT:
        refuse_foreign_tokenizer(record)
    counts = dataset.label_counts(Split.TRAIN)
    counted = _counted(dataset, record) if modality is Modality.TEXT else np.zeros(0, np.int64)
    median, long = _usual(counted)
    texts, text_lengths = _read_on(dataset, counted)
    device, memory = accelerator()
    return Facts(
        rows=dataset.count(Split.TRAIN),
        classes=len(dataset.labels),
        smallest_class=min(counts.values(), default=0),
        median_length=median,
        long_length=long,
        long_answer=answer_length(dataset, record),
        texts=texts,
        text_lengths=text_lengths,
        parameters=record.parameters,
        blocks=record.layers,
        hidden_size=record.hidden_size,
        model_max_length=record.max_length,
        input_size=record.input_size,
        new_detector=dataset.answer is Answer.BOXES and record.kind is ModelKind.IMAGE_CLASSIFIER,
        model_source=record.source,
        model_kind=record.kind.value,
        device=device,
        memory_bytes=memory or int(psutil.virtual_memory().available),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
    )


def token_lengths(dataset: Dataset, record: ModelRecord) -> tuple[int, int]:
    """Return the median and the 95th percentile of the training texts' lengths, in tokens, special ones counted."""
    return _usual(_counted(dataset, record))


def _usual(counted: NDArray[np.int64]) -> tuple[int, int]:
    return (int(np.median(counted)), int(np.percentile(counted, 95))) if len(counted) else (0, 0)


def _read_on(dataset: Dataset, counted: NDArray[np.int64]) -> tuple[int, tuple[int, ...]]:
    """Return how many training texts are read on in blocks, and the lengths of some of them in tokens.

    `counted` are the lengths of the rows of `_some`. A conversation is read in one. Of pieces the length is reckoned
    from how many follow each other.
    """
    table = dataset.table(Split.TRAIN)
    if dataset.answer is not Answer.TEXT or ColumnRole.LABEL.value in table.column_names or not len(counted):
        return 0, ()
    if documents.COLUMN not in table.column_names:
        is_chat = [chats.is_one(one or "") for one in _some(table)["text"].to_pylist()]
        return table.num_rows, tuple(np.where(is_chat, 1, counted + 1).tolist())  # a token tells that a text ends
    sizes = np.sort(np.diff(np.flatnonzero(~documents.goes_on(table)), append=table.num_rows))
    some = sizes[np.linspace(0, len(sizes) - 1, min(COUNTED_ROWS, len(sizes))).astype(np.int64)]
    return len(sizes), tuple(np.ceil(some * counted.mean()).astype(np.int64).tolist())


def _counted(dataset: Dataset, record: ModelRecord) -> NDArray[np.int64]:
    """Return the lengths of some training texts in tokens, special ones counted."""
    table = dataset.table(Split.TRAIN)
    if ColumnRole.TEXT.value not in table.column_names or not table.num_rows:
        return np.zeros(0, np.int64)
    some = _some(table)
    texts = [value or "" for value in some["text"].to_pylist()]
    if dataset.answer is Answer.TEXT and ColumnRole.LABEL.value in some.column_names:
        texts = [f"{one} {other or ''}" for one, other in zip(texts, some["label"].to_pylist(), strict=True)]
    elif dataset.manifest.answer is Answer.TEXT:
        texts = [chats.in_words(one) for one in texts]
    if ColumnRole.TEXT_PAIR.value in some.column_names:
        texts = [f"{one} {other or ''}" for one, other in zip(texts, some["text_pair"].to_pylist(), strict=True)]
    return np.array(count_tokens(texts, record.path / "tokenizer.json"), dtype=np.int64)


def answer_length(dataset: Dataset, record: ModelRecord) -> int:
    """Return the 95th percentile of the lengths of texts to be written in place of others, in tokens; 0 without any."""
    if dataset.manifest.answer is not Answer.REWRITE:
        return 0
    some = _some(dataset.table(Split.TRAIN))
    answers = [value or "" for value in some["label"].to_pylist()]
    return int(np.percentile(count_tokens(answers, record.path / "tokenizer.json"), 95)) if answers else 0


def _some(table: pa.Table) -> pa.Table:
    return table.take(np.linspace(0, table.num_rows - 1, min(COUNTED_ROWS, table.num_rows)).astype(np.int64))


def count_tokens(texts: list[str], tokenizer: Path) -> list[int]:
    """Return the number of tokens of each text, estimated from its words where there is no `tokenizer.json`."""
    if not tokenizer.is_file():
        return [int(len(one.split()) * TOKENS_A_WORD) + 2 for one in texts]
    from tokenizers import Tokenizer

    fast = Tokenizer.from_file(str(tokenizer))
    fast.no_truncation()
    fast.no_padding()
    return [len(encoding.ids) for encoding in fast.encode_batch_fast(texts)]
