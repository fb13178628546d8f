"""The columns of a table of runs, told once for the window, the command line and the exported file.

They read only what a list of runs knows already, so that a thousand runs are sorted and filtered at once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ftstudio.core.quantities import duration, score
from ftstudio.core.states import Split
from ftstudio.core.table_cells import safe_row
from ftstudio.core.translation import N_, number, tr
from ftstudio.core.tuning_methods import METHODS
from ftstudio.project.runs import RunSummary

Visible = Callable[[RunSummary], bool]


@dataclass(frozen=True)
class RunColumn:
    """One column: `value` is sorted and exported (None: not known), `write` makes of it what a person reads.

    `short` is its title where there is little room.
    """

    key: str
    title: str
    value: Callable[[RunSummary], Any]
    write: Callable[[Any], str] = str
    is_number: bool = False
    short: str = ""


def columns(test_is_visible: Visible) -> list[RunColumn]:
    """Return all columns in their order; the test score is shown only of runs whose test result was opened."""

    def test(run: RunSummary) -> float | None:
        return _score(run, Split.TEST.value) if test_is_visible(run) else None

    return [
        RunColumn("star", N_("Star"), lambda run: run.notes.star, lambda star: "★" if star else ""),
        RunColumn("name", N_("Name"), lambda run: run.name),
        RunColumn("state", N_("State"), lambda run: run.status.state.value, tr),
        RunColumn("started", N_("When"), lambda run: run.status.started or None, moment),
        RunColumn("method", N_("Method"), lambda run: _setting(run, "tuning_method"), _method),
        RunColumn(
            "learning_rate", N_("Learning rate"), lambda run: _setting(run, "learning_rate"), number, True, N_("Rate")
        ),
        RunColumn("epochs", N_("Epochs"), _epochs, lambda value: number(round(value, 1)), True),
        RunColumn("steps", N_("Steps"), lambda run: run.status.step, number, True),
        RunColumn("time", N_("Time"), lambda run: run.status.seconds or None, duration, True),
        RunColumn(
            "best", N_("Validation"), lambda run: run.status.best.value if run.status.best else None, score, True
        ),
        RunColumn("test", N_("Test"), test, score, True),
        RunColumn("notes", N_("Notes"), lambda run: run.notes.notes, lambda notes: " ".join(notes.split())),
    ]


def written(column: RunColumn, run: RunSummary) -> str:
    """Return what a person reads in a cell."""
    value = column.value(run)
    return "" if value is None else column.write(value)


def ordered(runs: Iterable[RunSummary], column: RunColumn, *, falling: bool) -> list[RunSummary]:
    """Return runs sorted by a column; those without a value stand last either way, equal ones keep their order."""
    known: list[RunSummary] = []
    unknown: list[RunSummary] = []
    for run in runs:
        (unknown if column.value(run) in (None, "") else known).append(run)
    return [*sorted(known, key=lambda run: _sortable(column.value(run)), reverse=falling), *unknown]


def matching(
    runs: Iterable[RunSummary], words: str = "", states: Iterable[str] = (), *, starred: bool = False
) -> list[RunSummary]:
    """Return the runs in one of `states` (empty: in any) in which every one of `words` occurs, small or large."""
    wanted, allowed = words.casefold().split(), set(states)
    found = [run for run in runs if (not allowed or run.status.state.value in allowed)]
    return [run for run in found if (run.notes.star or not starred) and all(word in _said(run) for word in wanted)]


def as_csv(runs: Sequence[RunSummary], shown: Sequence[RunColumn]) -> str:
    """Return runs as a CSV table with exact values; no cell of it runs as a formula in a spreadsheet."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    keys = [column.key for column in shown]
    writer.writerow(["run", *keys, "metric"])
    for run in runs:
        values = [column.value(run) for column in shown]
        plain = [int(value) if isinstance(value, bool) else value for value in values]
        writer.writerow(safe_row([run.id, *plain, run.status.best.metric if run.status.best else None]))
    return table.getvalue()


def moment(written_as: str) -> str:
    """Write an ISO moment in local time, so that moments line up and sort as text: `2026-11-28 10:42`."""
    try:
        return f"{datetime.fromisoformat(written_as).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return written_as


def _setting(run: RunSummary, key: str) -> Any:
    return run.request.settings.get(key) if run.request is not None else None


def _method(key: str) -> str:
    return tr(METHODS[key].title).split(":")[0] if key in METHODS else key


def _epochs(run: RunSummary) -> float | None:
    """Return the epochs done, or those asked for while there is no result."""
    if run.head is not None and run.head.epochs is not None:
        return run.head.epochs
    asked = _setting(run, "epochs")
    return float(asked) if isinstance(asked, int | float) else None


def _score(run: RunSummary, split: str) -> float | None:
    """Return the score on a split by the metric that the run was monitored by."""
    if run.head is None or run.status.best is None:
        return None
    return run.head.metrics.get(split, {}).get(run.status.best.metric)


def _sortable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _said(run: RunSummary) -> str:
    """Return all words of a run that are searched."""
    method = _setting(run, "tuning_method")
    model = run.request.model.name if run.request is not None else ""
    state = tr(run.status.state.value)
    return " ".join((run.id, run.name, state, _method(method) if method else "", model, run.notes.notes)).casefold()
