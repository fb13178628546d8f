"""JSON for files that others may have touched: UTF-8, no repeated keys, no NaN or infinity, no bottomless nesting."""

from __future__ import annotations

import json
import math
from typing import Any

from ftstudio.core.text import Text, text


class JsonError(ValueError):
    """The bytes are not JSON as the standard knows it; `reason` is a sentence for people."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.template)
        self.reason = reason


def parse(data: bytes) -> Any:
    """Return the value that `data` holds; raises `JsonError`."""
    if not data.strip():
        raise JsonError(text("it is empty."))
    try:
        return json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_constant, parse_float=_finite
        )
    except JsonError:
        raise
    except RecursionError:
        raise JsonError(text("it is nested too deeply.")) from None
    except UnicodeDecodeError:
        raise JsonError(text("it is not a text file.")) from None
    except json.JSONDecodeError as error:
        raise JsonError(text("it breaks off or is garbled at line {line}.", line=error.lineno)) from None
    except ValueError:
        raise JsonError(text("a number in it is too long.")) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise JsonError(text("the field “{key}” occurs twice.", key=next(k for k in keys if keys.count(k) > 1)))
    return found


def _constant(written: str) -> Any:
    raise JsonError(text("it holds {value}, which is not a number.", value=written))


def _finite(written: str) -> float:
    value = float(written)
    if not math.isfinite(value):
        raise JsonError(text("it holds {value}, which is too large.", value=written))
    return value
