"""Values of settings as a person reads them, in the window and in reports."""

from __future__ import annotations

from typing import Any

from ftstudio.core.row_words import name_rows
from ftstudio.core.settings import SettingField
from ftstudio.core.translation import number, tr


def value_in_words(field: SettingField, value: Any) -> str:
    """Write a value as a person reads it: a choice by the start of its title, numbers in the reader's notation."""
    if field.kind == "choice":
        return name_rows(tr(field.choices.get(str(value), str(value)))).split(":")[0]
    if field.kind == "bool":
        return tr("yes") if value else tr("no")
    if isinstance(value, int | float):
        written = number(int(value)) if float(value).is_integer() else number(value)
        return f"{written} {name_rows(tr(field.unit))}".strip() if field.unit else written
    return str(value)
