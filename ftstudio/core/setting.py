"""How one setting of a run is described: default, group of the form, title, help, unit, choices and limits."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ftstudio.core.specs import Answer

CHOOSING = tuple(one.value for one in Answer if not one.writes)
"""The answers for which a model has a layer of its own: what concerns that layer means nothing to one that writes."""

LABELLING = (Answer.LABEL.value, Answer.LABELS.value, Answer.SPANS.value)
"""The answers that choose among labels: rare and frequent, sure and unsure mean something there."""


def setting(
    default: Any,
    group: str,
    title: str,
    description: str,
    *,
    unit: str = "",
    advanced: bool = False,
    choices: dict[str, str] | None = None,
    modality: str = "",
    answers: tuple[str, ...] = (),
    needs: str = "",
    **limits: Any,
) -> Any:
    """Describe one setting: default, group, title and help (English, marked with `N_`), unit, choices and limits.

    It concerns only tasks that read the `modality` and give one of the `answers` (`core.specs`); empty: all. What
    `needs` a package is offered where that is installed.
    """
    extra: dict[str, Any] = {"group": group, "unit": unit, "advanced": advanced, "modality": modality}
    if answers:
        extra["answers"] = list(answers)
    if needs:
        extra["needs"] = needs
    if choices:
        extra["choices"] = choices
    return Field(default=default, title=title, description=description, json_schema_extra=extra, **limits)


class SettingsGroup(BaseModel):
    """Some of the settings of a run; `TrainingSettings` is made of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)
