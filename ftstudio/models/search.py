"""Where models may lie: folders the user named, and the cache that the Hugging Face libraries share."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ftstudio.models.adapters import is_adapter
from ftstudio.models.gguf_header import SUFFIX
from ftstudio.models.model_config import CONFIG
from ftstudio.models.weights import CHECKPOINT_SUFFIXES

_DEEPEST = 4
_MOST_FOLDERS = 20_000
_CACHED = re.compile(r"models--(.+)$")


def candidates(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield model folders, checkpoint and GGUF files in and below `folders`; hidden folders and loops are left out."""
    seen: set[Path] = set()
    waiting = [(folder, 0) for folder in folders]
    while waiting and len(seen) < _MOST_FOLDERS:
        folder, depth = waiting.pop(0)
        if (real := _real_folder(folder)) is None or real in seen:
            continue
        seen.add(real)
        if _is_file(folder / CONFIG) or is_adapter(folder):
            yield folder
            continue
        for entry in _entries(folder):
            if _is_file(entry) and entry.suffix.lower() in (*CHECKPOINT_SUFFIXES, SUFFIX):
                yield entry
            elif depth < _DEEPEST and not entry.name.startswith("."):
                waiting.append((entry, depth + 1))


def cached_models() -> Iterator[Path]:
    """Yield the folder of each complete model in the local Hugging Face cache, its main or else newest snapshot.

    Where there are only GGUF files, these are yielded.
    """
    for repository in sorted(_entries(hub_cache())):
        if not _CACHED.match(repository.name):
            continue
        if snapshot := _snapshot(repository):
            yield snapshot
        else:
            found = (file for one in _entries(repository / "snapshots") for file in _entries(one))
            yield from (file for file in found if _is_file(file) and file.suffix.lower() == SUFFIX)


def hub_cache() -> Path:
    """Return where the Hugging Face libraries keep what they have downloaded."""
    if folder := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(folder).expanduser()
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(home).expanduser() / "hub"


def name_of(folder: Path) -> str:
    """Return a model's name: its folder's, or `maker/model` for one in the Hugging Face cache."""
    for part in folder.parts:
        if match := _CACHED.match(part):
            return match[1].replace("--", "/")
    return folder.name


def _snapshot(repository: Path) -> Path | None:
    snapshots = [entry for entry in _entries(repository / "snapshots") if _is_file(entry / CONFIG)]
    try:
        main = repository / "snapshots" / (repository / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        main = None
    if main in snapshots:
        return main
    return max(snapshots, key=lambda entry: entry.stat().st_mtime, default=None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that may not be looked into
        return False


def _real_folder(folder: Path) -> Path | None:
    try:
        return folder.resolve() if folder.is_dir() else None
    except OSError:
        return None


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
