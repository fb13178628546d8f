"""Keeps standard output clean: only the answer of a verb goes there, whatever libraries print meanwhile.

While a verb works, descriptor 1 points at standard error, so that even a print from C ends up beside the progress
bar. Then the answer is written: one JSON document with `--json`, else readable lines. Where a launcher runs several
processes of one command, the first alone answers.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ftstudio.core.errors import ErrorDocument, InputError, StudioError
from ftstudio.core.text import text
from ftstudio.core.translation import tr

# What moves a terminal's cursor, changes its colours or turns the rest of a line around: data must not do that.
_TRICKS = dict.fromkeys((*range(32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)), " ")
_TRICKS |= {ord(letter): letter for letter in "\n\t"}


class LostAnswerError(StudioError):
    """The command has done its work, but standard output does not take the answer."""


@contextlib.contextmanager
def claimed_stdout() -> Iterator[None]:
    """Send everything that is printed within to standard error, also what bypasses Python."""
    python_stream = sys.stdout
    with contextlib.suppress(OSError, ValueError):
        python_stream.flush()
    saved = _moved(1, onto=2)
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        sys.stdout = python_stream
        if saved is not None:
            os.dup2(saved, 1)
            os.close(saved)


def _moved(descriptor: int, onto: int) -> int | None:
    """Point `descriptor` at what `onto` is; return a copy of what it was, or None where there is no such thing."""
    try:
        saved = os.dup(descriptor)
        os.dup2(onto, descriptor)
    except OSError:
        return None
    return saved


def answers() -> bool:
    """Whether this process speaks for the command: the only one, or the first that torchrun or accelerate started."""
    return os.environ.get("RANK", "0") == "0"


def deliver() -> None:
    """Hand over what was printed so far; raises `LostAnswerError` if it cannot be written, `BrokenPipeError` too."""
    with _delivered():
        sys.stdout.flush()


def hang_up() -> None:
    """Send what is still unwritten to nowhere: the interpreter would complain about it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


@contextlib.contextmanager
def _delivered() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        hang_up()
        raise LostAnswerError(
            text("The answer could not be written: {reason}", reason=error.strerror or str(error)),
            text("The command itself was carried out. Free some disk space or send its output elsewhere."),
        ) from error


def print_document(document: Mapping[str, Any]) -> None:
    """Write one JSON document to standard output, as UTF-8 whatever the locale says."""
    _print(json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False), encoding="utf-8")


def print_lines(lines: Sequence[str]) -> None:
    """Write readable lines to standard output; letters that the terminal lacks are escaped, tricks left out."""
    _print("\n".join(lines).translate(_TRICKS), encoding=None)


def print_error(error: ErrorDocument, *, as_json: bool) -> None:
    """Report an error: as a document on standard output, or as sentences on standard error."""
    if not answers() and error.exit_code == InputError.exit_code:
        return  # bad input is the same for all of several processes
    if as_json and answers():
        with contextlib.suppress(LostAnswerError):
            print_document({"error": error.as_json()})
            return
    lines = [f"{tr('Error:')} {error.message.render()}"]
    place = _place(error)
    if place:
        lines.append(f"  {place}")
    if error.hint:
        lines.append(f"  {error.hint.render()}")
    print("\n".join(lines).translate(_TRICKS), file=sys.stderr)
    if error.details and not error.hint:
        print(error.details, file=sys.stderr)


def plain(value: Any) -> Any:
    """Return `value` as JSON has it: paths as text, numbers that are not finite as null."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump(mode="python"))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Enum):
        return plain(value.value)
    return str(value) if isinstance(value, Path) else value


def _print(written: str, encoding: str | None) -> None:
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        # A lone surrogate (from a file name) becomes `\udcNN`, which is a valid escape inside a JSON string, too.
        reconfigure(errors="backslashreplace", **({"encoding": encoding} if encoding else {}))
    with _delivered():
        print(written, flush=True)


def _place(error: ErrorDocument) -> str:
    where = error.where
    parts = [
        (tr("file"), where.file),
        (tr("row"), where.row),
        (tr("column"), where.column),
        (tr("field"), where.field),
    ]
    return ", ".join(f"{name} {value}" for name, value in parts if value is not None)
