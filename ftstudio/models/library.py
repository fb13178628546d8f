"""The model browser's knowledge: reads one model, or finds all models on this computer. No torch, no network."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.module_tree import BLOCK, outline
from ftstudio.core.text import text
from ftstudio.models import adapters, details, search, starters
from ftstudio.models.gguf_files import read_gguf
from ftstudio.models.gguf_header import SUFFIX
from ftstudio.models.model_config import CONFIG, read_config, refuse_mismatch
from ftstudio.models.records import Broken, Found, ModelKind, ModelRecord
from ftstudio.models.weights import CHECKPOINT_SUFFIXES, names_a_detector, read_weights


def resolve(reference: str) -> ModelRecord:
    """Return the model that `starter:NAME` or a path names; raises `InputError`."""
    if reference.startswith("starter:"):
        return starter(reference.removeprefix("starter:"))
    return read_model(Path(reference).expanduser())


def starter(name: str) -> ModelRecord:
    """Return a model that was installed with the program; raises `InputError` if it was not."""
    definition = starters.find(name)
    origin = f"starter:{name}"
    if definition.needs_preparing and not (definition.prepared() / CONFIG).is_file():
        return starters.unprepared(definition)
    record = read_model(definition.prepared() if definition.needs_preparing else definition.installed())
    return dataclasses.replace(record, name=definition.title, origin=origin, licence=definition.licence)


def read_model(path: Path) -> ModelRecord:
    """Describe the model in a folder (or a checkpoint or GGUF file) without loading it.

    Raises `InputError` for everything that could not be trained later: no weights, broken or pickled weights,
    code of its own, a config that is impossible or belongs to other weights.
    """
    path = path.absolute()
    try:
        return _read(path)
    except OSError as error:
        raise InputError(
            text("The model at {path} cannot be read: {reason}.", path=str(path), reason=error.strerror or str(error)),
            text("Check that the drive is there and that you may read it."),
            file=str(path),
        ) from error


def _read(path: Path) -> ModelRecord:
    if path.is_file() and path.suffix.lower() in CHECKPOINT_SUFFIXES:
        return _checkpoint(path)
    if path.is_file() and path.suffix.lower() == SUFFIX:
        return read_gguf(path)
    if not path.is_dir():
        raise InputError(
            text("There is no model at {path}.", path=str(path)),
            text("Choose a folder with config.json and model.safetensors, a GGUF file, or a torchvision .pth file."),
            file=str(path),
        )
    return _adapter(path) if adapters.is_adapter(path) else _folder(path)


def base_of(adapter: adapters.Adapter, places: Iterable[Path] = ()) -> ModelRecord | None:
    """Return the model that an adapter was made for, None if it is not on this computer.

    It is looked for at the path that the adapter names, among the starters, beside it, in `places` and in the cache.
    Raises `InputError` if what is called so has other layers.
    """
    around = search.candidates([adapter.folder.parent, *places, starters.prepared_folder()])
    found = ((search.name_of(path), path) for path in (*around, *search.cached_models()) if path.is_dir())
    refused: InputError | None = None
    for folder in adapters.base_folders(adapter, found):
        if adapters.is_adapter(folder):
            continue
        record = _folder(folder)
        reason = adapters.misfit(adapter, read_weights(folder).shapes)
        if reason is None:
            return record
        refused = refused or adapters.wrong_base(adapter, folder, reason)
    if refused is not None:
        raise refused
    return None


def _adapter(folder: Path) -> ModelRecord:
    adapter = adapters.read_adapter(folder)
    base = base_of(adapter)
    about = text(
        "It is an adapter for {base}; both are joined once, and what you train goes on from there.", base=adapter.base
    )
    known = base or ModelRecord(adapter.base, folder, "adapter", adapter.kind, has_tokenizer=True)
    missing = () if base else (text("Its base model was not found yet. It must be on this computer."),)
    return dataclasses.replace(
        known,
        name=search.name_of(folder),
        path=folder,
        source="adapter",
        origin="folder",
        fingerprint="",
        bytes=details.disk_size(folder),
        card=details.card(folder)[0],
        labels=(),
        has_tokenizer=known.has_tokenizer or details.has_tokenizer(folder),
        needs_preparing=True,
        notes=(about, *missing),
    )


def _folder(folder: Path) -> ModelRecord:
    config = read_config(folder)
    weights = read_weights(folder)
    parts = outline(weights.shapes)
    refuse_mismatch(folder / CONFIG, config, weights.shapes, parts)
    body, licence = details.card(folder)
    return ModelRecord(
        name=search.name_of(folder),
        path=folder,
        source=config.source,
        kind=config.kind,
        family=config.architecture if config.source != "huggingface" else config.model_type,
        architecture=config.architecture,
        fingerprint=weights.fingerprint,
        parameters=sum(part.parameters for part in parts),
        bytes=details.disk_size(folder),
        layers=sum(part.kind == BLOCK for part in parts),
        hidden_size=config.hidden_size or _head_width(weights.shapes),
        vocabulary=details.vocabulary(config, weights.shapes),
        input_size=details.input_size(folder, config),
        max_length=details.max_length(folder, config, weights.shapes),
        licence=licence,
        card=body,
        labels=details.labels(config),
        outline=tuple(parts),
        pooling=details.pooling(folder),
        has_tokenizer=details.has_tokenizer(folder),
    )


def _head_width(shapes: details.Shapes) -> int:
    """Return the width of what the head reads, for networks whose config does not tell."""
    head = next((part for part in outline(shapes) if part.kind == "head"), None)
    matrices = [shapes[name] for name in head.weights if len(shapes[name]) >= 2] if head else []
    return matrices[-1][1] if matrices else 0


def _checkpoint(path: Path) -> ModelRecord:
    """Describe a `.pth` file as far as can be told without unpickling it, which only the worker does."""
    return ModelRecord(
        name=path.stem,
        path=path,
        source="checkpoint",
        kind=ModelKind.OBJECT_DETECTOR if names_a_detector(path) else ModelKind.IMAGE_CLASSIFIER,
        bytes=path.stat().st_size,
        needs_preparing=True,
    )


def find_models(folders: Iterable[Path], progress: Callable[[int], None] | None = None) -> Found:
    """Find the starters, the models in `folders`, those prepared earlier and the local Hugging Face cache.

    `progress` is told how many places have been looked at. What cannot be used is returned with its reason.
    """
    models: dict[Path, ModelRecord] = {}
    broken: list[Broken] = []
    for count, (path, read) in enumerate(_readers(folders), start=1):
        try:
            record = read()
            models.setdefault(record.path.resolve(), record)
        except InputError as error:
            broken.append(Broken(path, error.message, error.hint))
        if progress:
            progress(count)
    ordered = sorted(models.values(), key=lambda record: (not record.starter, record.name.casefold()))
    return Found(tuple(ordered), tuple(broken))


def _readers(folders: Iterable[Path]) -> Iterator[tuple[Path, Callable[[], ModelRecord]]]:
    for definition in starters.STARTERS:
        if definition.is_installed():
            yield definition.prepared(), partial(starter, definition.name)
    for path in search.candidates([*folders, starters.prepared_folder()]):
        yield path, partial(read_model, path)
    for path in search.cached_models():
        yield path, partial(read_model, path)
