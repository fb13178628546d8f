"""Libraries that write weights report a full disk each in its own way; here all become one sentence with a hint."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ftstudio.core.errors import StudioError
from ftstudio.project import disk_errors

_SYSTEM_ERROR = re.compile(r"\bos error (\d+)\b")


@contextmanager
def told(target: Path) -> Iterator[None]:
    """Raise `StudioError` about `target` for any failed write inside; other errors pass."""
    try:
        yield
    except StudioError:
        raise
    except Exception as error:
        cause = system_error(error)
        if cause is None:
            raise
        raise disk_errors.explain(cause, target) from error


def system_error(error: BaseException) -> OSError | None:
    """Return the system's refusal behind a library's error, None if there is none.

    safetensors writes the number into its text, torch hides the original behind an error of its own.
    """
    if isinstance(error, OSError):
        return error
    if isinstance(error.__context__, OSError):
        return error.__context__
    if match := _SYSTEM_ERROR.search(str(error)):
        return OSError(int(match[1]), os.strerror(int(match[1])))
    return None
