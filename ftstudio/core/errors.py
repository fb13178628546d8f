"""Errors that are meant for people: what happened, why, where, and what to do next.

Everything a user can cause or meet raises one of these; anything else is a fault of ours and is reported as such.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from ftstudio.core.text import Text, text


class Where(BaseModel):
    """The place of a mistake; `row` counts from 1 as a person would, the header not counted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None


class StudioError(Exception):
    """Something went wrong while working: the user gets `message` and `hint`; nothing was lost."""

    exit_code = 1

    def __init__(self, message: Text, hint: Text | None = None, **where: Any) -> None:
        super().__init__(message.template)
        self.message = message
        self.hint = hint
        self.where = Where(**where)

    def __str__(self) -> str:
        return self.message.render()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.where.model_dump())


class InputError(StudioError):
    """Wrong use or bad input: found before anything was changed on disk."""

    exit_code = 2


class CancelledError(StudioError):
    """The user asked to stop; whatever was half done has been removed."""

    def __init__(self) -> None:
        super().__init__(text("Cancelled. Nothing was changed."))


def _rebuild(kind: type[StudioError], message: Text, hint: Text | None, where: dict[str, Any]) -> StudioError:
    error = kind.__new__(kind)
    StudioError.__init__(error, message, hint, **where)
    return error


class ErrorDocument(BaseModel):
    """An error as it travels: over the wire, into a run's folder, onto `--json` output."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: Text
    hint: Text | None = None
    where: Where = Where()
    exit_code: int = 1
    details: str = ""

    @classmethod
    def of(cls, error: BaseException, details: str = "") -> ErrorDocument:
        """Describe any exception; one that is not a `StudioError` is named as a fault of the program."""
        if isinstance(error, StudioError):
            return cls(
                message=error.message,
                hint=error.hint,
                where=error.where,
                exit_code=error.exit_code,
                details=details,
            )
        return cls(
            message=text("Something went wrong inside the program: {reason}", reason=_reason(error)),
            hint=text("Nothing of yours was lost. The report under Details helps to mend it."),
            details=details,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the document printed by every verb under `error`."""
        return {
            "message": self.message.render(),
            "hint": self.hint.render() if self.hint else "",
            "where": self.where.model_dump(exclude_none=True),
            **({"details": self.details} if self.details else {}),
        }


def _reason(error: BaseException) -> str:
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else ""
    return f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__
