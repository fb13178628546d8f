"""What was asked of several runs, side by side: the settings in which they differ, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ftstudio.core.settings import SettingField, fields
from ftstudio.core.translation import N_
from ftstudio.core.tuning_methods import matters
from ftstudio.project.runs import RunSummary

MODEL, DATA = N_("Model"), N_("Data")


@dataclass(frozen=True)
class SettingRow:
    """One setting of some runs: its value for each, None where it was not used. `field` is None for what is no
    setting but differs, too: the model and the state of the data.
    """

    key: str
    title: str
    values: tuple[Any, ...]
    field: SettingField | None = None

    @property
    def differs(self) -> bool:
        """Whether the runs do not all have the same."""
        return any(value != self.values[0] for value in self.values[1:])


def side_by_side(runs: Sequence[RunSummary], *, everything: bool = False) -> list[SettingRow]:
    """Return the settings of runs in the order of the form, only those that differ unless `everything` is wanted.

    A setting that a run's tuning method does not use counts as not set.
    """
    rows = [
        SettingRow("model", MODEL, tuple(run.request.model.name if run.request else None for run in runs)),
        SettingRow("data", DATA, _states_of_data(runs)),
        *(
            SettingRow(field.key, field.title, tuple(_value(run, field.key) for run in runs), field)
            for field in fields()
        ),
    ]
    used = [row for row in rows if any(value is not None for value in row.values)]
    return [row for row in used if row.differs or everything]


def _value(run: RunSummary, key: str) -> Any:
    settings = run.request.settings if run.request is not None else {}
    return settings.get(key) if matters(key, str(settings.get("tuning_method", ""))) else None


def _states_of_data(runs: Sequence[RunSummary]) -> tuple[str | None, ...]:
    """Return a letter for each state that the data was in: A for that of the first run, B for another, and so on."""
    seen: list[str] = []
    states: list[str | None] = []
    for run in runs:
        if run.request is None:
            states.append(None)
            continue
        if run.request.data_fingerprint not in seen:
            seen.append(run.request.data_fingerprint)
        at = seen.index(run.request.data_fingerprint)
        states.append(chr(ord("A") + at) if at < 26 else str(at))
    return tuple(states)
