"""The settings of a run: typed, with range, unit, help and group, so that forms and the command line are generated.

A project stores only what the user changed (`Overrides`); the preset of the task fills in the rest with a reason
for each value. Every mistake is reported at once, beside its field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from ftstudio.core.errors import Where
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.text import Text, text
from ftstudio.core.training_settings import GROUPS, TrainingSettings
from ftstudio.core.translation import N_

__all__ = [
    "DEFAULT_PRESET",
    "GROUPS",
    "PRESETS",
    "Overrides",
    "Preset",
    "SettingField",
    "TrainingSettings",
    "build",
    "fields",
    "parse_assignment",
    "range_hint",
    "settings_field",
    "settings_problems",
]

Preset = Literal["quick", "balanced", "thorough"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
DEFAULT_PRESET: Preset = "balanced"


class Overrides(BaseModel):
    """What the user chose: a preset and the values that differ from it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    preset: Preset = DEFAULT_PRESET
    values: dict[str, Any] = {}


@dataclass(frozen=True)
class SettingField:
    """One setting as a form or a help text shows it. Texts are English and translated where shown."""

    key: str
    title: str
    help: str
    group: str
    unit: str
    advanced: bool
    modality: str
    kind: Literal["bool", "int", "float", "choice", "text"]
    optional: bool
    default: Any
    choices: dict[str, str]
    minimum: float | None
    maximum: float | None
    minimum_is_open: bool
    answers: tuple[str, ...] = ()
    needs: str = ""

    def concerns(self, modality: str, answer: str = "") -> bool:
        """Whether it means anything for tasks that read a modality and answer so; an empty one is any."""
        reads = not (self.modality and modality) or self.modality == modality
        return reads and (not (self.answers and answer) or answer in self.answers)


def fields() -> list[SettingField]:
    """Return the settings in form order."""
    return [settings_field(key, info) for key, info in TrainingSettings.model_fields.items()]


def settings_field(key: str, info: FieldInfo) -> SettingField:
    """Describe one field of a pydantic model whose extras were made by `_setting` or `core.options.option`."""
    extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    kinds = get_args(info.annotation) or (info.annotation,)
    limits = {type(limit).__name__.lower(): limit for limit in info.metadata}
    minimum = getattr(limits.get("ge"), "ge", getattr(limits.get("gt"), "gt", None))
    kind: Any = "text"
    if "choices" in extra:
        kind = "choice"
    elif bool in kinds:
        kind = "bool"
    elif float in kinds:
        kind = "float"
    elif int in kinds:
        kind = "int"
    return SettingField(
        key=key,
        title=info.title or key,
        help=info.description or "",
        group=extra["group"],
        unit=extra["unit"],
        advanced=extra["advanced"],
        modality=extra["modality"],
        kind=kind,
        optional=type(None) in kinds,
        default=info.default,
        choices=extra.get("choices", {}),
        minimum=minimum,
        maximum=getattr(limits.get("le"), "le", None),
        minimum_is_open="gt" in limits,
        answers=tuple(extra.get("answers", ())),
        needs=str(extra.get("needs", "")),
    )


def parse_assignment(assignment: str) -> tuple[str, Any]:
    """Split `KEY=VALUE` as given to `--set`; the value is read as the setting's kind where it can be."""
    key, _, written = assignment.partition("=")
    key, written = key.strip(), written.strip()
    known = {field.key: field for field in fields()}
    return key, _read(written, known[key]) if key in known else written


def _read(written: str, field: SettingField) -> Any:
    if field.optional and written.lower() in ("", "none", "auto"):
        return None
    if field.kind == "bool" and written.lower() in ("true", "false", "yes", "no", "on", "off", "1", "0"):
        return written.lower() in ("true", "yes", "on", "1")
    try:
        return {"int": int, "float": float}[field.kind](written)
    except (KeyError, ValueError):
        return written


def settings_problems(values: dict[str, Any]) -> list[Problem]:
    """Return everything wrong with `values` (key to value), one problem a field; empty when all is well."""
    try:
        TrainingSettings.model_validate(_integers_as_floats(values))
    except ValidationError as error:
        return [_problem(dict(item)) for item in error.errors()]
    return []


def build(values: dict[str, Any]) -> TrainingSettings:
    """Return valid settings from `values`; raises the first problem as `InputError`."""
    problems = settings_problems(values)
    if problems:
        raise problems[0].as_error()
    return TrainingSettings.model_validate(_integers_as_floats(values))


def _integers_as_floats(values: dict[str, Any]) -> dict[str, Any]:
    floats = {field.key for field in fields() if field.kind == "float"}
    return {
        key: float(value) if key in floats and isinstance(value, int) and not isinstance(value, bool) else value
        for key, value in values.items()
    }


def _problem(item: dict[str, Any]) -> Problem:
    key = str(item["loc"][0]) if item["loc"] else ""
    field = next((field for field in fields() if field.key == key), None)
    where = Where(field=key)
    if field is None:
        return Problem(
            severity=Severity.ERROR,
            code="unknown_setting",
            message=text("There is no setting called “{key}”.", key=key),
            hint=text("Known settings: {choices}.", choices=", ".join(TrainingSettings.model_fields)),
            where=where,
        )
    return Problem(
        severity=Severity.ERROR,
        code="bad_setting",
        message=text("“{title}” cannot be {value}.", title=text(field.title), value=repr(item["input"])),
        hint=range_hint(field),
        where=where,
    )


def range_hint(field: SettingField) -> Text:
    """Return what may be given for `field`, as a sentence."""
    if field.choices:
        return text("Choose one of: {choices}.", choices=", ".join(field.choices))
    if field.minimum is not None and field.maximum is not None:
        kind = (
            N_("Give a whole number from {low} to {high}.")
            if field.kind == "int"
            else N_("Give a number from {low} to {high}.")
        )
        if field.minimum_is_open:
            kind = N_("Give a number above {low}, at most {high}.")
        return text(kind, low=_limit(field.minimum), high=_limit(field.maximum))
    if field.kind == "bool":
        return text("Give true or false.")
    return text("Give a text.")


def _limit(value: float) -> float | str:
    """Return a limit as it is to be shown: with all its digits where rounding would make it another, as of 0.99999."""
    return value if abs(value) < 1e-3 or value == round(value, 3) else str(value)
