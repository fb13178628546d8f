"""What the leak audit says: how many rows judge the model that it has learned from, why that matters, what to do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ftstudio.core.advice import MOST_PAIRS, Advice, Cell, Pair, Pairs, Remedy, Sample, Table
from ftstudio.core.problems import Fix
from ftstudio.core.quantities import percent
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets import leaks
from ftstudio.datasets.leaks import Leaks
from ftstudio.datasets.splits import CODES, NAMES
from ftstudio.engine.probes.alike_features import CHANCE, Alike

LONGEST = 600
KINDS = {
    "exact": text("exactly the same"),
    "near": text("nearly the same"),
    "group": text("of the same group"),
    "similar": text("alike to the model"),
}
TITLES = {
    "exact": text("Rows that are exactly the same"),
    "near": text("Rows that are nearly the same"),
    "similar": text("Rows that are alike to the model"),
}


def advise(found: Leaks, alike: Alike | None) -> list[Advice]:
    """Return what was found in words, the gravest first; that nothing was found is said, too."""
    told = [*_of_leaks(found), *_of_groups(found), *(_of_similar(found, alike) if alike else ())]
    if any(one.mood == "warning" for one in told):
        return told
    return [_of_nothing(found, alike), *told]


def _of_leaks(found: Leaks) -> list[Advice]:
    kinds = ("exact", "near")
    affected = [split for split in (Split.TEST, Split.VALIDATION) if len(found.rows(kinds, split, later=True))]
    if not affected:
        return []
    split = affected[0]
    count = len(found.rows(kinds, split, later=True))
    sentence = text_plural(
        "{count} {split} row ({share}) is also, exactly or nearly, in an earlier part of the data: {harm}.",
        "{count} {split} rows ({share}) are also, exactly or nearly, in an earlier part of the data: {harm}.",
        count,
        split=Text(template=split.value),
        share=_share(count, found, split),
        harm=_HARM[split],
    )
    evidence = [*_lines(found, kinds), *_with_other_labels(found, kinds)]
    return [
        Advice(
            code="leaks", mood="warning", sentence=sentence, evidence=tuple(evidence), remedies=remedies(found, kinds)
        )
    ]


_HARM = {
    Split.TEST: text("the test score looks better than it is"),
    Split.VALIDATION: text("the best step is chosen by rows that were learned from"),
}


def _of_groups(found: Leaks) -> list[Advice]:
    affected = [split for split in (Split.TEST, Split.VALIDATION) if len(found.rows(("group",), split, later=True))]
    if not affected:
        return []
    count = len(found.rows(("group",), affected[0], later=True))
    sentence = text_plural(
        "{count} {split} row ({share}) belongs to a group that is also in an earlier part of the data.",
        "{count} {split} rows ({share}) belong to groups that are also in an earlier part of the data.",
        count,
        split=Text(template=affected[0].value),
        share=_share(count, found, affected[0]),
    )
    why = text("Rows of one group are related, so the score tells little about groups that the model has never seen.")
    evidence = (*_lines(found, ("group",)), why)
    return [
        Advice(
            code="shared_groups",
            mood="warning",
            sentence=sentence,
            evidence=evidence,
            remedies=remedies(found, ("group",)),
        )
    ]


def _of_similar(found: Leaks, alike: Alike) -> list[Advice]:
    """Speak only of more rows than chance explains: one in a hundred has a row as alike within its own part."""
    counts = {split: len(found.rows(("similar",), split, later=True)) for split in (Split.TEST, Split.VALIDATION)}
    over = [split for split, count in counts.items() if count > _by_chance(alike.compared[split.value])]
    if not over:
        return []
    split = over[0]
    sentence = text_plural(
        "{count} further {split} row looks to the model almost like a row of an earlier part: look at it.",
        "{count} further {split} rows look to the model almost like rows of an earlier part: look at them.",
        counts[split],
        split=Text(template=split.value),
    )
    evidence = (
        *_lines(found, ("similar",)),
        text(
            "Compared were {rows} {split} rows; about {chance} of them would be this alike by chance.",
            rows=alike.compared[split.value],
            split=Text(template=split.value),
            chance=math.ceil(CHANCE * alike.compared[split.value]),
        ),
    )
    return [Advice(code="similar", mood="note", sentence=sentence, evidence=evidence, remedies=())]


def _by_chance(rows: int) -> float:
    expected = CHANCE * rows
    return expected + 2 * math.sqrt(expected) + 1


def _of_nothing(found: Leaks, alike: Alike | None) -> Advice:
    held = {split: int((found.view.split == CODES[split]).sum()) for split in (Split.VALIDATION, Split.TEST)}
    evidence = [
        text(
            "Looked at were {validation} validation and {test} test rows: none is the same or nearly the same as a row "
            "of an earlier part.",
            validation=held[Split.VALIDATION],
            test=held[Split.TEST],
        )
    ]
    if alike is not None and not _of_similar(found, alike):
        evidence.append(text("To the model, too, no more of them are alike than chance explains."))
    sentence = text("No row that judges the model occurs again in what it learns from.")
    return Advice(code="no_leaks", mood="good", sentence=sentence, evidence=tuple(evidence))


def remedies(found: Leaks, kinds: Sequence[str]) -> tuple[Remedy, ...]:
    """Return the two ways out: remove the earlier rows, which keeps the later parts honest, or bring pairs together."""
    drop, move = found.to_drop(kinds), found.to_move(kinds)
    count = sum(len(places) for places in move.values())
    dropping = (
        text_plural("Remove {count} row from training", "Remove {count} rows from training", len(drop))
        if len(drop) == len(found.rows(kinds, Split.TRAIN, later=False))
        else text_plural("Remove {count} row from an earlier part", "Remove {count} rows from earlier parts", len(drop))
    )
    moving = text_plural("Move {count} row to its twin", "Move {count} rows to their twins", count)
    return (
        Remedy(label=dropping, action="data", fix=Fix(key="drop_rows", label=dropping, params={"places": drop})),
        Remedy(label=moving, action="data", fix=Fix(key="move_rows", label=moving, params={"splits": move})),
    )


def _lines(found: Leaks, kinds: Sequence[str]) -> list[Text]:
    lines = []
    for kind in kinds:
        for earlier, later in leaks.ORDER:
            if count := len(set(found.between(kind, earlier, later).right)):
                lines.append(
                    text(
                        "Between {later} and {earlier}: {count} {kind}",
                        later=Text(template=later.value),
                        earlier=Text(template=earlier.value),
                        count=count,
                        kind=KINDS[kind],
                    )
                )
    return lines


def _with_other_labels(found: Leaks, kinds: Sequence[str]) -> list[Text]:
    if found.view.answer.has_places:
        return []
    labels = found.view.label_numbers
    count = sum(int((labels[found.matches[kind].left] != labels[found.matches[kind].right]).sum()) for kind in kinds)
    line = text_plural(
        "{count} pair has different labels: one of the two is probably wrong.",
        "{count} pairs have different labels: one of the two is probably wrong.",
        count,
    )
    return [line] if count else []


def _share(count: int, found: Leaks, split: Split) -> str:
    rows = int((found.view.split == CODES[split]).sum())
    return percent(count / rows, 0 if count >= 0.01 * rows else 1)


def count_table(counts: Sequence[dict[str, Any]]) -> Table:
    """Return how many rows each two parts share, by kind."""
    rows: list[tuple[Cell, ...]] = [
        (
            KINDS[one["kind"]],
            Text(template=one["later"]),
            Text(template=one["earlier"]),
            one["later_rows"],
            one["earlier_rows"],
        )
        for one in counts
    ]
    columns = (text("what"), text("later part"), text("earlier part"), text("later rows"), text("earlier rows"))
    return Table(title=text("What the parts share"), columns=columns, rows=tuple(rows), unit="plain")


def pairs(found: Leaks) -> list[Pairs]:
    """Return the pairs of each kind to be looked at, the most alike first."""
    inputs = found.view.column(ColumnRole.IMAGE) if found.view.has(ColumnRole.IMAGE) else leaks.texts_of(found.view)
    lists = []
    for kind, title in TITLES.items():
        matches = found.matches[kind]
        shown = [
            Pair(
                left=_sample(found, inputs, int(matches.left[at])),
                right=_sample(found, inputs, int(matches.right[at])),
                relation=KINDS[kind],
                similarity=float(matches.similarity[at]),
            )
            for at in range(min(MOST_PAIRS, len(matches)))
        ]
        if shown:
            lists.append(Pairs(title=title, pairs=tuple(shown), total=len(matches)))
    return lists


def _sample(found: Leaks, inputs: pa.ChunkedArray, row: int) -> Sample:
    view, value = found.view, str(inputs[row].as_py())
    caption = text(
        "{split}, row {row}, “{label}”",
        split=Text(template=NAMES[int(view.split[row])].value),
        row=int(view.row[row]),
        label=view.label_values[int(view.label_numbers[row])],
    )
    if view.has(ColumnRole.IMAGE):
        return Sample(caption=caption, picture=value)
    return Sample(caption=caption, text=value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…")
