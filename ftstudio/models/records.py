"""What the program knows about a pretrained model before any of it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ftstudio.core.module_tree import Part
from ftstudio.core.text import Text


class ModelKind(StrEnum):
    """What a model reads and gives; tasks name the kinds that fit them."""

    TEXT_ENCODER = "text-encoder"
    TEXT_DECODER = "text-decoder"
    TEXT_TO_TEXT = "text-to-text"
    IMAGE_CLASSIFIER = "image-classifier"
    OBJECT_DETECTOR = "object-detector"
    OTHER = "other"


@dataclass(frozen=True)
class ModelRecord:
    """One pretrained model. Sizes are 0 and texts empty where the files do not tell.

    `source` says who can load it: `huggingface`, `timm`, `torchvision`; or what the worker must make a folder of first
    (`needs_preparing`): a `checkpoint` of torchvision, a `gguf` file, an `adapter` with its base. `origin` is how
    projects refer to it: `starter:NAME` or `folder`. `max_length` counts tokens, `input_size` is the side of the square
    picture it reads in pixels, `bytes` is its size on disk and `outline` its parts from input to output. `notes` are
    sentences about what to know before it is used.
    """

    name: str
    path: Path
    source: str
    kind: ModelKind
    family: str = ""
    architecture: str = ""
    origin: str = "folder"
    fingerprint: str = ""
    parameters: int = 0
    bytes: int = 0
    layers: int = 0
    hidden_size: int = 0
    vocabulary: int = 0
    input_size: int = 0
    max_length: int = 0
    licence: str = ""
    card: str = ""
    labels: tuple[str, ...] = ()
    outline: tuple[Part, ...] = ()
    pooling: str = ""
    has_tokenizer: bool = False
    needs_preparing: bool = False
    notes: tuple[Text, ...] = ()

    @property
    def starter(self) -> str:
        """The starter's name, empty for any other model."""
        return self.origin.partition(":")[2]


@dataclass(frozen=True)
class Broken:
    """A model that was found but cannot be used, and why."""

    path: Path
    reason: Text
    hint: Text | None = None


@dataclass(frozen=True)
class Found:
    """The result of a search: usable models in order of their names, and the broken ones."""

    models: tuple[ModelRecord, ...]
    broken: tuple[Broken, ...]
