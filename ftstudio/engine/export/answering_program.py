"""Puts the short program that answers by itself into an export, with words about its use that fit the model."""

from __future__ import annotations

from pathlib import Path

from ftstudio.core import catalog
from ftstudio.core.specs import Answer, Modality
from ftstudio.engine.runs.trained import TrainedModel
from ftstudio.project import atomic

PROGRAM, REQUIREMENTS = "predict.py", "requirements.txt"
_TEXT_PACKAGES, _PICTURE_PACKAGES = "numpy tokenizers", "numpy pillow"
_KINDS = {
    "text": {
        "{packages}": _TEXT_PACKAGES,
        "{example}": '"A text to sort." letter.txt letters/',
        "{inputs}": "An input is a text, or a file (UTF-8) that holds one text.",
        "{row}": '{"text": "A text to sort."}',
    },
    "pairs": {
        "{packages}": _TEXT_PACKAGES,
        "{example}": '"A text<TAB>and its second text" pair.txt pairs/',
        "{inputs}": "An input is two texts parted by a tab, or a file (UTF-8) that holds them so.",
        "{row}": '{"text": "A text", "text_pair": "and its second text"}',
    },
    "question": {
        "{packages}": _TEXT_PACKAGES,
        "{example}": '"Who pays?<TAB>The tenant pays the rent." question.txt questions/',
        "{inputs}": "An input is a question, a tab and the text to search, or a file (UTF-8) that holds them so.",
        "{row}": '{"text": "Who pays?", "text_pair": "The tenant pays the rent."}',
    },
    "spans": {
        "{packages}": _TEXT_PACKAGES,
        "{example}": '"A text to read." letter.txt letters/',
        "{inputs}": "An input is a text, or a file (UTF-8) that holds one text.",
        "{row}": '{"text": "A text to read."}',
    },
    "rewrite": {
        "{packages}": _TEXT_PACKAGES,
        "{example}": '"A text to rewrite." letter.txt letters/',
        "{inputs}": "An input is a text, or a file (UTF-8) that holds one text.",
        "{row}": '{"text": "A text to rewrite."}',
    },
    "image": {
        "{packages}": _PICTURE_PACKAGES,
        "{example}": "photo.jpg photos/",
        "{inputs}": "An input is a picture.",
        "{row}": '{"image": "photo.jpg"}',
    },
}


def write_program(source: TrainedModel, program: str, runtime: str, target: Path) -> str:
    """Write the source `program` with its blanks filled, and what it requires; returns how it is used, as commands.

    `runtime` is the package that runs the network.
    """
    kind = _kind(source)
    words = {**_KINDS[kind], "{packages}": f"{runtime} {_KINDS[kind]['{packages}']}"}
    for place, word in words.items():
        program = program.replace(place, word)
    atomic.write_text(target / PROGRAM, program)
    atomic.write_text(target / REQUIREMENTS, words["{packages}"].replace(" ", "\n") + "\n")
    return f"# pip install -r {REQUIREMENTS}\n# python {PROGRAM} {words['{example}']}"


def _kind(source: TrainedModel) -> str:
    spec = catalog.tasks().spec(source.task)
    if spec.answer.has_places:
        return "question" if spec.answer is Answer.EXTRACT else "spans"
    if spec.answer is Answer.REWRITE:
        return "rewrite"
    return "image" if spec.modality is Modality.IMAGE else "pairs" if source.pairs else "text"
