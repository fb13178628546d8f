"""Reads the names, types and shapes of the weights in a safetensors file without reading the weights.

The file is checked as strictly as the format demands (offsets in order, without holes or overlaps, ending exactly
at the end of the file), so that a truncated or damaged model is refused in the browser and not minutes later.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ftstudio.core.errors import InputError
from ftstudio.core.strict_json import JsonError, parse
from ftstudio.core.text import Text, text

_LARGEST_HEADER = 100_000_000
_MOST_DIMENSIONS = 64
_BITS = {
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "F64": 64,
    "I64": 64,
    "U64": 64,
    "C64": 64,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
}


@dataclass(frozen=True)
class Tensor:
    """One weight: type as the format names it, shape, and its byte range counted from the end of the header."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Header:
    """All weights of one file by name, its free-form metadata, and the header's length in bytes."""

    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str]
    length: int

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every weight by its name."""
        return {name: tensor.shape for name, tensor in self.tensors.items()}


def read_header(path: Path) -> Header:
    """Read and check the header of a safetensors file; raises `InputError` for anything but a whole, valid file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = _header_length(path, file.read(8), size)
            raw = file.read(length)
    except OSError as error:
        raise InputError(
            text("The file {name} cannot be read: {reason}.", name=path.name, reason=error.strerror or str(error)),
            text("Check that the file exists and that you may read it."),
            file=str(path),
        ) from error
    if len(raw) != length:
        _refuse(path, text("it ends in the middle of its table of contents"))
    tensors, metadata = _parse(path, raw)
    _check_layout(path, tensors, size - 8 - length)
    return Header(tensors, metadata, length)


def _header_length(path: Path, raw: bytes, size: int) -> int:
    if len(raw) < 8:
        _refuse(path, text("it is only {count} bytes long", count=len(raw)))
    (length,) = struct.unpack("<Q", raw)
    if length > _LARGEST_HEADER:
        _refuse(path, text("its table of contents claims an impossible size"))
    if length > size - 8:
        _refuse(path, text("it ends in the middle of its table of contents"))
    return int(length)


def _parse(path: Path, raw: bytes) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        document = parse(raw)
    except JsonError:
        _refuse(path, text("its table of contents is damaged"))
    metadata = document.pop("__metadata__", {}) if isinstance(document, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        _refuse(path, text("its table of contents is damaged"))
    return {name: _tensor(path, name, entry) for name, entry in document.items()}, metadata


def _tensor(path: Path, name: str, entry: Any) -> Tensor:
    fields = entry if isinstance(entry, dict) else {}
    dtype, shape, offsets = fields.get("dtype"), _counts(fields.get("shape")), _counts(fields.get("data_offsets"))
    if not isinstance(dtype, str) or dtype not in _BITS:
        _refuse(path, text("the weight “{name}” has an unknown type", name=name))
    if shape is None or len(shape) > _MOST_DIMENSIONS:
        _refuse(path, text("the weight “{name}” has an impossible shape", name=name))
    if offsets is None or len(offsets) != 2 or offsets[0] > offsets[1]:
        _refuse(path, text("the weight “{name}” has an impossible place in the file", name=name))
    if math.prod(shape) * _BITS[dtype] != 8 * (offsets[1] - offsets[0]):
        _refuse(path, text("the weight “{name}” has a size that does not match its shape", name=name))
    return Tensor(dtype, shape, offsets[0], offsets[1])


def _counts(value: Any) -> tuple[int, ...] | None:
    if isinstance(value, list) and all(type(item) is int and 0 <= item < 2**63 for item in value):
        return tuple(value)
    return None


def _check_layout(path: Path, tensors: Mapping[str, Tensor], available: int) -> None:
    position = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: (item[1].begin, item[1].end)):
        if tensor.begin < position:
            _refuse(path, text("the weight “{name}” overlaps another one", name=name))
        if tensor.begin > position:
            _refuse(path, text("there is a hole before the weight “{name}”", name=name))
        position = tensor.end
    if position > available:
        _refuse(path, text("it is cut off: {missing} bytes of weights are missing", missing=position - available))
    if position < available:
        _refuse(path, text("it has {count} bytes too many at its end", count=available - position))


def _refuse(path: Path, reason: Text) -> NoReturn:
    raise InputError(
        text("The weights file {name} is broken: {reason}.", name=path.name, reason=reason),
        text("Copy or download the model again; an interrupted download is the usual cause."),
        file=str(path),
    )
