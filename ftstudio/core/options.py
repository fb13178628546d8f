"""The options of a study as a pydantic model: one field each, from which the form and the flags are generated."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ftstudio.core.errors import InputError
from ftstudio.core.settings import SettingField, range_hint, settings_field
from ftstudio.core.text import Text, text


class Options(BaseModel):
    """The base of every study's options. A study without any uses it as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Chosen = TypeVar("Chosen", bound=Options)


def option(default: Any, title: str, description: str, *, choices: dict[str, str] | None = None, **limits: Any) -> Any:
    """Describe one option: its default, title and help (English, marked with `N_`), choices or limits (`ge`, `le`)."""
    extra: dict[str, Any] = {"group": "", "unit": "", "advanced": False, "modality": ""}
    if choices:
        extra["choices"] = choices
    return Field(default=default, title=title, description=description, json_schema_extra=extra, **limits)


def fields(model: type[Options]) -> list[SettingField]:
    """Return the options of a study in the order of their form."""
    return [settings_field(key, info) for key, info in model.model_fields.items()]


def read(model: type[Chosen], values: dict[str, Any]) -> Chosen:
    """Return `values` as options; raises `InputError` naming the first that cannot be."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        raise InputError(
            text("The option “{key}” cannot be {value}.", key=key.replace("_", "-"), value=repr(first.get("input"))),
            _hint(model, key),
            field=key,
        ) from None


def _hint(model: type[Options], key: str) -> Text:
    known = model.model_fields
    if key in known:
        return range_hint(settings_field(key, known[key]))
    return text("There is no option of this name. Known options: {choices}.", choices=", ".join(known) or "–")
