"""Which files of a model folder hold its weights, and what is in them. Only safetensors is read.

Pickled weights can run any code when they are opened, so they are named and refused, never opened.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.models.json_files import read_object
from ftstudio.models.safetensors_header import Header, read_header

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
CHECKPOINT_SUFFIXES = (".pth", ".pt")
_PICKLES = ("*.bin", "*.ckpt", "*.pkl", "*.pt", "*.pth", "*.msgpack", "*.h5")
_LARGEST_INDEX = 64_000_000  # bytes of the names in a checkpoint
_SAMPLES, _SAMPLE_BYTES = 16, 4096


@dataclass(frozen=True)
class Weights:
    """The weights of a model: the shape of each by name, the files that hold them, and a short fingerprint."""

    shapes: Mapping[str, tuple[int, ...]]
    files: tuple[Path, ...]
    fingerprint: str


def read_weights(folder: Path) -> Weights:
    """Read what the safetensors files of a model folder hold; raises `InputError` when they cannot be used."""
    if (folder / SINGLE).is_file():
        headers = {folder / SINGLE: read_header(folder / SINGLE)}
    elif (folder / INDEX).is_file():
        headers = _read_shards(folder / INDEX)
    else:
        raise _without_weights(folder)
    shapes = {name: shape for header in headers.values() for name, shape in header.shapes.items()}
    if not shapes:
        raise InputError(
            text("The model folder {name} holds an empty weights file.", name=folder.name),
            text("Copy or download the model again."),
            file=str(folder),
        )
    return Weights(shapes, tuple(headers), _fingerprint(headers))


def names_a_detector(checkpoint: Path) -> bool:
    """Whether the names of weights in a `.pth` file are those of a detector. Its bytes are searched, nothing is run."""
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            names = next((name for name in archive.namelist() if name.endswith("/data.pkl")), None)
            content = archive.read(names) if names and archive.getinfo(names).file_size <= _LARGEST_INDEX else b""
    except (OSError, zipfile.BadZipFile, RuntimeError):
        return False
    return any(mark in content for mark in (b"roi_heads.box_predictor", b"head.classification_head."))


def _read_shards(index: Path) -> dict[Path, Header]:
    placed = read_object(index).get("weight_map")
    if not isinstance(placed, dict) or not all(isinstance(file, str) for file in placed.values()):
        raise _broken_index(index, "weight_map")
    headers: dict[Path, Header] = {}
    for file in sorted(set(placed.values())):
        if not _is_plain_name(file):
            raise _broken_index(index, file)
        if not (index.parent / file).is_file():
            raise InputError(
                text("The model lacks a part of its weights: {file} is missing.", file=file),
                text("Copy or download the model again, with all its files."),
                file=str(index.parent / file),
            )
        headers[index.parent / file] = read_header(index.parent / file)
    for name, file in placed.items():
        if name not in headers[index.parent / file].tensors:
            raise _broken_index(index, name)
    return headers


def _is_plain_name(file: str) -> bool:
    return file.endswith(".safetensors") and not any(mark in file for mark in ("/", "\\", ":", "\0"))


def _broken_index(index: Path, entry: str) -> InputError:
    return InputError(
        text("The list of weight files {name} is broken at “{entry}”.", name=index.name, entry=entry),
        text("It may only name safetensors files in the same folder. Copy or download the model again."),
        file=str(index),
    )


def _without_weights(folder: Path) -> InputError:
    pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
    if (folder / "adapter_config.json").is_file():
        return InputError(
            text("The folder {name} holds an adapter, not a whole model.", name=folder.name),
            text("Choose the folder of the base model that the adapter was made for."),
            file=str(folder),
        )
    if pickles:
        return InputError(
            text("The model {name} has its weights only as {file}.", name=folder.name, file=pickles[0]),
            text(
                "Such files can run any program when they are opened, so they are not. Get the model as safetensors: "
                "most models offer a model.safetensors beside it, or its maker can save it anew."
            ),
            file=str(folder / pickles[0]),
        )
    return InputError(
        text("The folder {name} has no weights: there is no model.safetensors in it.", name=folder.name),
        text("Choose the folder that holds config.json together with model.safetensors."),
        file=str(folder),
    )


def _fingerprint(headers: Mapping[Path, Header]) -> str:
    digest = hashlib.sha256()
    for path, header in headers.items():
        digest.update(repr((path.name, path.stat().st_size, sorted(header.shapes.items()))).encode())
        for piece in _samples(path):
            digest.update(piece)
    return digest.hexdigest()[:32]


def _samples(path: Path) -> list[bytes]:
    """Read a few pieces spread over the file: enough to tell two models apart, at once for any size."""
    step = max(path.stat().st_size // _SAMPLES, 1)
    pieces = []
    with path.open("rb") as file:
        for number in range(_SAMPLES):
            file.seek(number * step)
            pieces.append(file.read(_SAMPLE_BYTES))
    return pieces
