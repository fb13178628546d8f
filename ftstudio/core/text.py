"""Texts that a person reads, made anywhere and translated where they are shown.

A `Text` is an English template plus its parameters. It travels through the wire, into files and across
processes unchanged; whoever shows it renders it in the reader's language (`core.translation`).
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from ftstudio.core import translation
from ftstudio.core.row_words import name_rows


class Text(BaseModel):
    """A sentence for the user: `template` in `str.format` style, filled with `params`.

    `plural`, when given, is the template used for every `params["count"]` but one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: str
    plural: str = ""
    params: dict[str, Any] = {}

    def __str__(self) -> str:
        return self.render()

    def render(self) -> str:
        """Return the sentence in the language in use, with numbers in its notation."""
        if self.plural:
            template = translation.tr_plural(self.template, self.plural, int(self.params.get("count", 0)))
        else:
            template = translation.tr(self.template)
        template = name_rows(template, self.template)
        try:
            return template.format(**{key: _shown(value) for key, value in self.params.items()})
        except (KeyError, IndexError, ValueError):
            return template


def text(template: str, /, **params: Any) -> Text:
    """Make a translatable text. The template must be a literal, so that it can be collected for translation."""
    return Text(template=template, params=params)


def text_plural(one: str, many: str, /, count: int, **params: Any) -> Text:
    """Make a text with a singular and a plural form, chosen by `count` in the reader's language."""
    return Text(template=one, plural=many, params={"count": count, **params})


def as_score(value: float) -> dict[str, float]:
    """Return a metric as a parameter that is written as scores are, with three decimals, wherever it is shown."""
    return {"score": value}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return translation.number(value)
    if isinstance(value, Text):
        return value.render()
    if isinstance(value, dict) and set(value) == {"score"}:
        return translation.number(float(value["score"]), 3)
    if isinstance(value, dict) and "template" in value:
        return Text.model_validate(value).render()
    return str(value)
