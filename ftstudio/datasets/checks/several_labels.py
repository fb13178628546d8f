"""Rows with any number of labels: what they have, and what can hardly be learned from them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftstudio.core import label_sets
from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets.checks import MOST_EXAMPLES, Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.span_labels import NOTHING
from ftstudio.datasets.splits import LEFT_OUT
from ftstudio.datasets.view import Mask

ANSWERS = frozenset({Answer.LABELS})
FEWEST = 8


def find(case: Case) -> Iterator[Problem]:
    """Report unreadable cells, how many labels rows have, rows with none, and labels that are rare or everywhere."""
    view = case.view
    unreadable: Mask = (view.label_numbers < 0) & view.filled(ColumnRole.LABEL)
    if count := int(unreadable.sum()):
        told = text_plural(
            "{count} row has labels that cannot be read; it is left out.",
            "{count} rows have labels that cannot be read; they are left out.",
            count,
        )
        hint = text("Write labels as sport|politics, or as a list in JSON.")
        fix = Fix(key="drop_left_out", label=text("Remove these rows"))
        yield _of_rows(case, "unreadable_labels", unreadable, Severity.WARNING, told, hint, fix)
    counts, taught = view.counts_by_label(), view.counts_by_label(Split.TRAIN)
    usable = view.split != LEFT_OUT
    if counts and usable.any():
        yield _counted(case, counts, int(usable.sum()))
    yield from _without(case, usable)
    yield from _rare(case, counts, taught)
    yield from _everywhere(case, taught)


def _counted(case: Case, counts: dict[str, int], rows: int) -> Problem:
    sets = _sets(case)
    often = sorted(counts.items(), key=lambda one: -one[1])
    return Problem(
        severity=Severity.NOTE,
        code="several_labels",
        message=text(
            "Rows may have several labels: {labels} different ones in {sets} combinations, {mean} a row on average.",
            labels=len(counts),
            sets=len(sets),
            mean=round(sum(counts.values()) / rows, 2),
        ),
        hint=text("If each row has one label, choose “One class” as the kind of label."),
        count=len(counts),
        where=_column(case),
        examples=tuple(f"{label}: {count}" for label, count in often[:MOST_EXAMPLES]),
    )


def _sets(case: Case) -> set[frozenset[str]]:
    """Return the combinations of labels that rows have, however they are written."""
    found = set()
    for cell in case.view.column(ColumnRole.LABEL).unique().to_pylist():
        try:
            found |= {frozenset(label_sets.read(cell))} if cell and cell.strip() else set()
        except ValueError:
            continue
    return found


def _without(case: Case, usable: Mask) -> Iterator[Problem]:
    marked = case.view.marked
    none = marked.having(NOTHING) & usable if marked is not None else np.zeros_like(usable)
    if count := int(none.sum()):
        told = text_plural("{count} row has none of the labels.", "{count} rows have none of the labels.", count)
        hint = text("They teach when to give none. If their labels are only missing, remove them.")
        fix = Fix(key="drop_labels", label=text("Remove these rows"), params={"labels": [NOTHING]})
        yield _of_rows(case, "rows_without_labels", none, Severity.NOTE, told, hint, fix)


def _rare(case: Case, counts: dict[str, int], taught: dict[str, int]) -> Iterator[Problem]:
    rare = {label: taught.get(label, 0) for label in counts if taught.get(label, 0) < FEWEST}
    if not rare:
        return
    yield Problem(
        severity=Severity.WARNING,
        code="rare_labels",
        message=text_plural(
            "{count} label is in fewer than {fewest} training rows.",
            "{count} labels are in fewer than {fewest} training rows.",
            len(rare),
            fewest=FEWEST,
        ),
        hint=text("They will hardly be given. Add rows with them, or leave these labels out; their rows stay."),
        count=len(rare),
        where=_column(case),
        examples=tuple(f"{label}: {count}" for label, count in sorted(rare.items(), key=_by_count)[:MOST_EXAMPLES]),
        fix=Fix(key="drop_labels", label=text("Leave them out"), params={"labels": sorted(rare)})
        if len(rare) < len(counts)
        else None,
    )


def _everywhere(case: Case, taught: dict[str, int]) -> Iterator[Problem]:
    rows = int(case.view.in_split(Split.TRAIN).sum())
    if always := [label for label, count in taught.items() if count == rows]:
        yield Problem(
            severity=Severity.WARNING,
            code="labels_everywhere",
            message=text_plural(
                "{count} label is in every training row.", "{count} labels are in every training row.", len(always)
            ),
            hint=text("When not to give it cannot be learned. Add rows without it, or leave it out."),
            count=len(always),
            where=_column(case),
            examples=tuple(always[:MOST_EXAMPLES]),
        )


def _by_count(one: tuple[str, int]) -> int:
    return one[1]


def _column(case: Case) -> Where:
    return Where(column=case.dataset.roles.get(ColumnRole.LABEL))


def _of_rows(case: Case, code: str, which: Mask, severity: Severity, message: Text, hint: Text, fix: Fix) -> Problem:
    return Problem(
        severity=severity,
        code=code,
        message=message,
        hint=hint,
        count=int(which.sum()),
        where=_column(case),
        fix=fix,
        **places(case.view, which),
    )
