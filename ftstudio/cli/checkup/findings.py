"""What a look at the computer yields: the thing, its state, what was found and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ftstudio.core.text import Text

State = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One line of the report. An error keeps the program from its main job; `hint` says what to do."""

    key: str
    title: str
    state: State
    found: Text
    hint: Text | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the finding as `doctor --json` prints it."""
        return {
            "check": self.key,
            "title": self.title,
            "state": self.state,
            "found": self.found.render(),
            "hint": self.hint.render() if self.hint else "",
        }
