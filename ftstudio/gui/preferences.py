"""What the window remembers between starts: theme, language, size, stage. A damaged file means defaults, not a stop."""

from __future__ import annotations

import contextlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ftstudio.core import paths


class Preferences(BaseModel):
    """The remembered choices. `geometry` is Qt's own description of size and place, in base 64."""

    model_config = ConfigDict(extra="ignore", validate_assignment=True)

    theme: str = "system"
    language: str = ""
    geometry: str = ""
    stage: str = "home"
    rail_folded: bool = False
    keep_awake: bool = True


def file() -> Path:
    """Return where they are kept."""
    return paths.settings_folder() / "window.json"


def load() -> Preferences:
    """Read them; anything wrong with the file gives the defaults."""
    try:
        return Preferences.model_validate_json(file().read_bytes())
    except (OSError, ValidationError):
        return Preferences()


def save(preferences: Preferences) -> None:
    """Write them; a full disk must not disturb the closing of a window."""
    from ftstudio.project import atomic

    with contextlib.suppress(OSError):
        atomic.write_text(file(), preferences.model_dump_json(indent=2) + "\n")
