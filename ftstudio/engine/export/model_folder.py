"""Copies the folder of a trained model into an export, as a normal folder of the library it came from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from ftstudio.core.specs import Answer
from ftstudio.engine.export.model_card import CARD, write_card
from ftstudio.engine.runs.trained import TrainedModel
from ftstudio.project import atomic

DECISION = "decision.json"


def copy_model(source: TrainedModel, target: Path, keep: Callable[[str], bool] = lambda name: True) -> None:
    """Copy the files of the model whose names `keep` wants into the empty folder `target`; raises `OSError`.

    Its card stays behind; how it decides goes along.
    """
    for path in sorted(source.folder.iterdir()):
        if path.is_dir():
            shutil.copytree(path, target / path.name)
        elif path.name != CARD and keep(path.name):
            shutil.copy2(path, target / path.name)
    atomic.write_json(target / DECISION, source.decision.model_dump())


def write_transformers_folder(source: TrainedModel, target: Path) -> list[Path]:
    """Write the whole model and a card that says how transformers loads it; returns the files."""
    copy_model(source, target)
    write_card(source, target, "transformers", _usage(source))
    return sorted(path for path in target.rglob("*") if path.is_file())


_READING = """import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")
model = AutoModelForQuestionAnswering.from_pretrained("path/to/this/folder")
question, passage = "Who pays?", "The tenant pays the rent."
inputs = tokenizer(question, passage, truncation="only_second", return_tensors="pt")
with torch.no_grad():
    said = model(**inputs)
first, last = int(said.start_logits.argmax()), int(said.end_logits.argmax())  # both 0: no answer
print(tokenizer.decode(inputs["input_ids"][0][first : last + 1]))
"""

_REWRITING = """from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")
model = AutoModelForSeq2SeqLM.from_pretrained("path/to/this/folder")
inputs = tokenizer("A text to rewrite.", truncation=True, return_tensors="pt")
written = model.generate(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])  # or with num_beams=4
print(tokenizer.decode(written[0], skip_special_tokens=True))
"""
_WITHOUT_PIPELINE = {Answer.EXTRACT: _READING, Answer.REWRITE: _REWRITING}  # transformers has none for these any more


_ASKED = {
    Answer.LABELS: ', top_k=None, function_to_apply="sigmoid"',
    Answer.NUMBER: ', function_to_apply="none"',
}
"""What a pipeline is told where its scores are of labels by themselves, or the number itself."""


def _usage(source: TrainedModel) -> str:
    if source.answer in _WITHOUT_PIPELINE:
        return _WITHOUT_PIPELINE[source.answer]
    question = '"picture.jpg"' if source.task.startswith("image") else '"A text to sort."'
    by_word = ', aggregation_strategy="first"' if source.task.startswith("token") else ""
    made = f'model = pipeline("{source.task}", model="path/to/this/folder"{by_word})'
    lines = ["from transformers import pipeline", "", made]
    needs = ["# needs: pip install transformers torch timm torchvision pillow"] if source.source == "timm" else []
    asked = question + _ASKED.get(source.answer, "")
    return "\n".join([*needs, *lines, f"print(model({asked}))"])
