"""What a check finds in data, settings or models: one `Problem` each, with count, examples and a fix."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from ftstudio.core.errors import InputError, Where
from ftstudio.core.text import Text


class Severity(StrEnum):
    """How much a problem matters: an error prevents training, a warning may spoil it, a note is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Fix(BaseModel):
    """A remedy that one click applies to the project's copy of the data or to the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    label: Text
    params: dict[str, Any] = {}


class Problem(BaseModel):
    """One finding. `examples` holds up to a handful of rows or values, as short strings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    severity: Severity
    code: str
    message: Text
    hint: Text | None = None
    count: int = 1
    where: Where = Where()
    examples: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    fix: Fix | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the PROBLEM document of the command line."""
        return {
            "severity": self.severity.value,
            "code": self.code,
            "message": self.message.render(),
            "hint": self.hint.render() if self.hint else "",
            "count": self.count,
            "where": self.where.model_dump(exclude_none=True),
            "examples": list(self.examples),
            "fix": self.fix.key if self.fix else None,
        }

    def as_error(self) -> InputError:
        """Return the exception that refuses to go on because of this problem."""
        return InputError(self.message, self.hint, **self.where.model_dump())
