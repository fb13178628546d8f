"""What the model browser lists, and which of it a filter lets through. No Qt: plain rules over records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ftstudio.core.quantities import byte_size, parameter_count
from ftstudio.core.specs import TaskSpec
from ftstudio.core.translation import N_, tr
from ftstudio.models.compatibility import fits
from ftstudio.models.records import Broken, Found, ModelRecord
from ftstudio.models.search import hub_cache

PLACES = {
    "": N_("Everywhere"),
    "starter": N_("Came with the program"),
    "folder": N_("My folders"),
    "cache": N_("Hugging Face cache"),
}
SIZES = {
    "": N_("Any size"),
    "small": N_("Up to 30 M"),
    "middle": N_("30 M to 150 M"),
    "large": N_("Over 150 M"),
}
_LIMITS = {
    "": (0, 1 << 62),
    "small": (0, 30_000_000),
    "middle": (30_000_001, 150_000_000),
    "large": (150_000_001, 1 << 62),
}


@dataclass(frozen=True)
class Entry:
    """One line of the browser: a usable model (`record`) or a broken one; `why_not` says what is in the way."""

    name: str
    path: Path
    place: str
    record: ModelRecord | None = None
    why_not: str = ""
    hint: str = ""

    @property
    def usable(self) -> bool:
        """Whether it can be chosen for the task."""
        return self.record is not None and not self.why_not

    @property
    def facts(self) -> str:
        """Family, parameters and size in one line."""
        if self.record is None:
            return str(self.path.parent)
        size = parameter_count(self.record.parameters) if self.record.parameters else ""
        words = (self.record.family, size, byte_size(self.record.bytes) if self.record.bytes else "")
        return " · ".join(word for word in words if word)

    @property
    def verdict(self) -> str:
        """Whether it fits, in words."""
        if self.record is None:
            return tr("Cannot be used: {reason}").format(reason=self.why_not)
        return self.why_not or tr("Fits this task")


@dataclass(frozen=True)
class ModelFilter:
    """What the user wants to see."""

    words: str = ""
    only_fitting: bool = True
    size: str = ""
    place: str = ""

    def lets_through(self, entry: Entry) -> bool:
        """Whether `entry` is to be shown."""
        if self.only_fitting and not entry.usable:
            return False
        if self.place and entry.place != self.place:
            return False
        low, high = _LIMITS[self.size]
        parameters = entry.record.parameters if entry.record else 0
        if self.size and not low <= parameters <= high:
            return False
        text = f"{entry.name} {entry.facts} {entry.path}".casefold()
        return all(word in text for word in self.words.casefold().split())


def entries(found: Found, task: TaskSpec | None) -> list[Entry]:
    """Return everything found, what fits first, broken models last."""
    usable = [_entry(record, task) for record in found.models]
    usable.sort(key=lambda entry: (not entry.usable, entry.place != "starter", entry.name.casefold()))
    return usable + [_broken(broken) for broken in found.broken]


def _entry(record: ModelRecord, task: TaskSpec | None) -> Entry:
    reason = fits(record, task) if task else None
    return Entry(record.name, record.path, _place(record.path, record.starter), record, str(reason) if reason else "")


def _broken(broken: Broken) -> Entry:
    hint = str(broken.hint) if broken.hint else ""
    return Entry(broken.path.name, broken.path, _place(broken.path, ""), None, str(broken.reason), hint)


def _place(path: Path, starter: str) -> str:
    if starter:
        return "starter"
    return "cache" if path.is_relative_to(hub_cache()) else "folder"
