"""Which pictures are of one recording (frames of a video, slices of a scan), told by the names of their files.

Such pictures are nearly the same, so they must lie in one split: else a model is tested on what it has learned from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ftstudio.core.translation import N_

FEWEST_GROUPS = 4
LEAST_COVERED = 0.9
LARGEST_SHARE = 0.5
PICTURES_A_GROUP = 3
_END = re.compile(r"[_\-. ]*[^\W\d_]*[_\-. ]*\d+[_\-. ]*$")
_BEGINNING = re.compile(r"\D*\d+[^_\-. ]*(?=[_\-. ])")
_YEAR = re.compile(r"(19|20)\d\d")


class Way(StrEnum):
    """How the recording that a picture is of is told from its name."""

    ALONE = "alone"
    FOLDER = "folder"
    BEGINNING = "beginning"
    SERIES = "series"


TITLES = {
    Way.ALONE: N_("Every picture by itself"),
    Way.FOLDER: N_("Pictures in the same folder"),
    Way.BEGINNING: N_("Names with the same beginning, up to the first number"),
    Way.SERIES: N_("Names that differ only in the number at the end"),
}
"""What the ways are called where people choose among them."""


@dataclass(frozen=True)
class Grouped:
    """What a way makes of some names: how many recordings, and the largest ones with how many pictures each has."""

    count: int
    examples: tuple[tuple[str, int], ...]


def recording_of(name: str | None, way: Way) -> str:
    """Return the recording that the picture with a path belongs to, "" where its name tells none."""
    parts = (name or "").strip().replace("\\", "/").split("/")
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    if way is Way.FOLDER:
        return parts[-2] if len(parts) > 1 else ""
    if way is Way.BEGINNING:
        found = _BEGINNING.match(stem)
        return found[0] if found else ""
    return _END.sub("", stem, count=1) if way is Way.SERIES and _END.search(stem) else ""


def grouped(names: Iterable[str | None], way: Way, most: int = 3) -> Grouped:
    """Return how many recordings a way tells from some names, and the `most` largest of them."""
    counts = Counter(recording for name in names if (recording := recording_of(name, way)))
    return Grouped(len(counts), tuple(counts.most_common(most)))


def offered(names: Sequence[str | None], labels: Iterable[str | None] = ()) -> dict[Way, Grouped]:
    """Return what each way makes of some names, without those that only tell the classes or every picture apart."""
    classes = _classes(labels)
    found = {}
    for way in Way:
        groups = {recording_of(name, way) for name in names} - {""}
        if 1 < len(groups) < len(names) and not {group.casefold() for group in groups} <= classes:
            found[way] = grouped(names, way)
    return found


def _classes(labels: Iterable[str | None]) -> set[str]:
    return {label.strip().casefold() for label in labels if label}


def propose(names: Sequence[str | None], labels: Iterable[str | None] = ()) -> Way:
    """Return the way that names were most likely given in, `ALONE` unless they plainly are of several recordings.

    The coarser of two is taken: what is kept together without need costs little, what is torn apart spoils the test.
    """
    classes = _classes(labels)
    for way in (Way.FOLDER, Way.BEGINNING, Way.SERIES):
        counts = Counter(recording_of(name, way) for name in names)
        if _is_plain(counts, classes):
            return way
    return Way.ALONE


def _is_plain(counts: Counter[str], classes: set[str]) -> bool:
    """Tell whether groups look like recordings: numbered, neither classes nor years, with several pictures each."""
    total = sum(counts.values())
    groups = {name: count for name, count in counts.items() if _is_recording(name, classes)}
    covered = sum(groups.values())
    return (
        len(groups) >= FEWEST_GROUPS
        and covered >= LEAST_COVERED * total
        and covered >= PICTURES_A_GROUP * len(groups)
        and max(groups.values()) <= LARGEST_SHARE * total
    )


def _is_recording(name: str, classes: set[str]) -> bool:
    has_number = any(letter.isdigit() for letter in name)
    return has_number and name.casefold() not in classes and not _YEAR.fullmatch(name)
