"""Turning the values of JSON, Parquet and spreadsheets into the text the project's table holds."""

from __future__ import annotations

import datetime
import json
from typing import Any


def as_text(value: Any) -> str | None:
    """Return a value as a person would write it; None stays None, lists and objects become JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat(" ") if isinstance(value, datetime.datetime) else value.isoformat()
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
