"""Reads the `KEY=VALUE` pairs of the command line; every mistake in them is reported at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ftstudio.core.errors import InputError, Where
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.settings import PRESETS, Overrides, parse_assignment, settings_problems
from ftstudio.core.specs import ColumnRole
from ftstudio.core.text import Text, text


def read_settings(assignments: Sequence[str], base: Overrides | None = None) -> Overrides:
    """Lay `--set` assignments over `base`; raises one `InputError` that lists everything wrong with them."""
    base = base or Overrides()
    malformed = [_malformed(written) for written in assignments if "=" not in written]
    pairs = [parse_assignment(written) for written in assignments if "=" in written]
    given = dict(pairs)
    repeated = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
    preset = given.pop("preset", base.preset)
    problems = [*malformed, *map(_given_twice, repeated), *_preset_problems(preset), *settings_problems(given)]
    if problems:
        raise as_one_error(problems)
    return Overrides(preset=preset, values={**base.values, **given})


def read_columns(assignments: Sequence[str]) -> dict[ColumnRole, str]:
    """Read `--column ROLE=NAME`; raises `InputError` for an unknown role or one that is given twice."""
    roles: dict[ColumnRole, str] = {}
    for written in assignments:
        role, separator, column = written.partition("=")
        known = {item.value for item in ColumnRole}
        if not separator or not column or role not in known:
            raise InputError(
                text("“{written}” does not say which column has which role.", written=written),
                text("Write ROLE=NAME, where ROLE is one of: {choices}.", choices=", ".join(sorted(known))),
                field="column",
            )
        if ColumnRole(role) in roles:
            raise InputError(
                text("The role “{role}” is given to two columns.", role=role),
                text("Give each role to one column."),
                field="column",
            )
        roles[ColumnRole(role)] = column
    return roles


def as_one_error(problems: Sequence[Problem]) -> InputError:
    """Return one exception that names every problem; its place is that of the first."""
    if len(problems) == 1:
        return problems[0].as_error()
    listed = "".join(f"\n  - {_in_a_line(problem)}" for problem in problems)
    return InputError(
        text("{count} settings cannot be used:{list}", count=len(problems), list=listed),
        text("Correct them and try again; nothing was changed."),
        **problems[0].where.model_dump(),
    )


def _in_a_line(problem: Problem) -> str:
    parts: list[Text | None] = [problem.message, problem.hint]
    return " ".join(part.render() for part in parts if part)


def _malformed(written: str) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        code="bad_assignment",
        message=text("“{written}” gives a setting no value.", written=written),
        hint=text("Write KEY=VALUE, for example learning_rate=3e-5."),
        where=Where(field=written),
    )


def _given_twice(key: str) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        code="repeated_setting",
        message=text("The setting “{key}” is given more than once.", key=key),
        hint=text("Give it once, with the value that is meant."),
        where=Where(field=key),
    )


def _preset_problems(preset: Any) -> list[Problem]:
    if preset in PRESETS:
        return []
    return [
        Problem(
            severity=Severity.ERROR,
            code="bad_setting",
            message=text("There is no preset called “{preset}”.", preset=preset),
            hint=text("Choose one of: {choices}.", choices=", ".join(PRESETS)),
            where=Where(field="preset"),
        )
    ]
