"""Where the program keeps its own things on this computer (settings, logs, prepared models) and new projects.

`FTSTUDIO_HOME` moves all of it, for tests and for portable installations. A folder that cannot be written is
replaced by one in the temporary directory, so that the program always starts.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import appdirs

APPLICATION = "ftstudio"


def settings_folder() -> Path:
    """Return the folder of the window's settings and the list of recent projects."""
    return _usable(_home("settings") or Path(appdirs.user_config_dir(APPLICATION, appauthor=False)))


def data_folder() -> Path:
    """Return the folder of models prepared for use (starters, converted checkpoints)."""
    return _usable(_home("data") or Path(appdirs.user_data_dir(APPLICATION, appauthor=False)))


def cache_folder() -> Path:
    """Return the folder of what can be made again: cached features, thumbnails."""
    return _usable(_home("cache") or Path(appdirs.user_cache_dir(APPLICATION, appauthor=False)))


def log_folder() -> Path:
    """Return the folder of the program's own log files."""
    return _usable(_home("log") or Path(appdirs.user_log_dir(APPLICATION, appauthor=False)))


def projects_folder() -> Path:
    """Return where new projects are put unless the user says otherwise (not created here)."""
    return _home("projects") or Path.home() / "Fine-Tuning Studio"


def _home(part: str) -> Path | None:
    home = os.environ.get("FTSTUDIO_HOME")
    return Path(home) / part if home else None


def _usable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    fallback = Path(tempfile.gettempdir()) / f"{APPLICATION}-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    fallback = fallback / folder.name
    fallback.mkdir(parents=True, exist_ok=True)
    return fallback
