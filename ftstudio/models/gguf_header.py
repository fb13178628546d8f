"""Reads what a GGUF file says of itself, without its weights: numbers and texts by key, and the tensors it lists.

The format is llama.cpp's (`docs/gguf.md` there). Every count is held against what is left of the file, so that a
damaged or made-up header is refused at once, and a file that was cut off by its last byte.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text

SUFFIX = ".gguf"
_MAGIC, _VERSIONS = b"GGUF", (2, 3)
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _LIST = 8, 9
_LONGEST_TEXT = 10_000_000
_MOST_DIMENSIONS = 4


@dataclass(frozen=True)
class Stored:
    """One tensor as it lies in the file: the type's name, its shape with rows first, and how many bytes it takes."""

    kind: str
    shape: tuple[int, ...]
    bytes: int

    @property
    def numbers(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class GgufHeader:
    """What a file says: `said` by key (of lists only their length), and its tensors by name."""

    said: Mapping[str, Any]
    tensors: Mapping[str, Stored]


def read_gguf_header(path: Path) -> GgufHeader:
    """Read and check the header of a GGUF file; raises `InputError` for anything but a whole, valid file."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _Reading(path, content).header()
    except OSError as error:
        raise InputError(
            text("The file {name} cannot be read: {reason}.", name=path.name, reason=error.strerror or str(error)),
            text("Check that the file exists and that you may read it."),
            file=str(path),
        ) from error
    except (struct.error, UnicodeDecodeError, ValueError, OverflowError):  # also an empty file, which cannot be mapped
        _refuse(path, text("its table of contents is damaged, or cut off"))


class _Reading:
    """Reads one thing after the other; `struct.error` where the file ends before it should."""

    def __init__(self, path: Path, content: mmap.mmap) -> None:
        self._path, self._content, self._at = path, content, 0

    def header(self) -> GgufHeader:
        if self._content[:4] != _MAGIC:
            _refuse(self._path, text("it is no GGUF file"))
        self._at = 4
        if (version := self._number("I")) not in _VERSIONS:
            _refuse(self._path, text("its version of the format ({version}) is not known", version=version))
        tensors, entries = self._number("Q"), self._number("Q")
        if (tensors + entries) * 12 > len(self._content):
            _refuse(self._path, text("its table of contents is damaged, or cut off"))
        said = {}
        for _ in range(entries):
            key = self._text()
            said[key] = self._value(self._number("I"))
        places = [self._tensor() for _ in range(tensors)]
        self._check_end(said, places)
        return GgufHeader(said, {name: stored for name, stored, _ in places})

    def _number(self, form: str) -> Any:
        value = struct.unpack_from(f"<{form}", self._content, self._at)[0]
        self._at += struct.calcsize(form)
        return value

    def _text(self) -> str:
        length = self._number("Q")
        if length > min(_LONGEST_TEXT, len(self._content) - self._at):
            raise ValueError("a text beyond the end")
        self._at += length
        return self._content[self._at - length : self._at].decode("utf-8")

    def _value(self, kind: int) -> Any:
        if kind == _TEXT:
            return self._text()
        return self._length_of_list() if kind == _LIST else self._number(_form(kind))

    def _length_of_list(self) -> int:
        kind, length = self._number("I"), self._number("Q")
        if length > len(self._content) - self._at:
            raise ValueError("a list beyond the end")
        if kind in (_TEXT, _LIST):
            for _ in range(length):
                self._value(kind)
        else:
            self._at += length * struct.calcsize(_form(kind))
        return int(length)

    def _tensor(self) -> tuple[str, Stored, int]:
        from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

        name, dimensions = self._text(), self._number("I")
        if not 0 < dimensions <= _MOST_DIMENSIONS:
            _refuse(self._path, text("the weight “{name}” has an impossible shape", name=name))
        shape = tuple(self._number("Q") for _ in range(dimensions))[::-1]
        kind = GGMLQuantizationType(self._number("I"))
        block, size = GGML_QUANT_SIZES[kind]
        if shape[-1] % block or math.prod(shape) > 2**50:
            _refuse(self._path, text("the weight “{name}” has an impossible shape", name=name))
        return name, Stored(kind.name, shape, math.prod(shape) // block * size), self._number("Q")

    def _check_end(self, said: Mapping[str, Any], places: list[tuple[str, Stored, int]]) -> None:
        step = said.get("general.alignment", 32)
        if not isinstance(step, int) or step <= 0:
            raise ValueError("an impossible alignment")
        begin = -(-self._at // step) * step
        if not places:
            _refuse(self._path, text("it holds no weights"))
        end = begin + max(offset + stored.bytes for _, stored, offset in places)
        if end > len(self._content):
            missing = end - len(self._content)
            _refuse(self._path, text("it is cut off: {missing} bytes of weights are missing", missing=missing))


def _form(kind: int) -> str:
    if kind not in _NUMBERS:
        raise ValueError("an unknown type")
    return _NUMBERS[kind]


def _refuse(path: Path, reason: Text) -> NoReturn:
    raise InputError(
        text("The GGUF file {name} cannot be used: {reason}.", name=path.name, reason=reason),
        text("Copy or download it again; an interrupted download is the usual cause."),
        file=str(path),
    )
