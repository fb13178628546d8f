"""What the program advises after measuring: a sentence, the evidence for it, and remedies that one click applies.

Studies and the overfitting doctor speak in these words; whoever shows them needs to know no study by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from ftstudio.core.problems import Fix
from ftstudio.core.text import Text

MOST_PAIRS = 200


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Remedy(_Shown):
    """One way to act on advice, as a button.

    `settings` lays `values` over the project's settings; `stop` ends the running training and keeps its best model;
    `study` starts the study with the key `values["study"]`; `data` applies `fix` to the project's copy of the data;
    `look` changes nothing and shows `values["view"]`.
    """

    label: Text
    action: Literal["settings", "stop", "study", "data", "look"]
    values: dict[str, Any] = {}
    fix: Fix | None = None

    @property
    def name(self) -> str:
        """What it does, in the words of settings and verbs, for records: `stop`, `settings epochs=5.0`."""
        values = [f"{key}={value}" for key, value in self.values.items()]
        return " ".join([self.action, *values, *([self.fix.key] if self.fix else [])])


class Advice(_Shown):
    """One finding in plain words. `mood` decides colour and icon; the words carry the meaning.

    `test_of` is given when it tells figures of test rows: the id of the run they are of, "" for those of no run.
    """

    code: str
    mood: Literal["good", "note", "warning", "error"] = "note"
    sentence: Text
    evidence: tuple[Text, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    test_of: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the advice as the command line's documents hold it, in the language in use."""
        return {
            "code": self.code,
            "mood": self.mood,
            "sentence": self.sentence.render(),
            "evidence": [one.render() for one in self.evidence],
            "remedies": [
                {"label": one.label.render(), "action": one.action, "values": one.values} for one in self.remedies
            ],
            "test_of": self.test_of,
        }


class Series(_Shown):
    """One line of a chart; `low` and `high` draw a band around it (empty: none). All lists are equally long."""

    name: Text
    x: list[float]
    y: list[float]
    low: list[float] = []
    high: list[float] = []
    style: Literal["line", "muted", "points", "dashed"] = "line"


class Mark(_Shown):
    """A place on the x axis with a word: a suggestion or a limit."""

    x: float
    label: Text
    kind: Literal["suggested", "limit", "note"] = "note"


class Chart(_Shown):
    """One picture of evidence. `message` says in words what it shows, for those who cannot see it.

    `band` shades a stretch of the x axis. `names`, when given, label the places 0, 1, 2… of the x axis.
    """

    key: str
    title: Text
    x_title: Text
    y_title: Text
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    band: tuple[float, float] | None = None
    log_x: bool = False
    names: tuple[str, ...] = ()
    message: Text


Cell = str | int | float | None | Text


class Table(_Shown):
    """Evidence as figures: texts are aligned left, numbers right; `unit` says what the fractional numbers are.

    `test_of` as with `Advice`.
    """

    title: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    unit: Literal["score", "seconds", "bytes", "plain"] = "score"
    test_of: str | None = None


class Sample(_Shown):
    """One row as evidence: its `text`, or its `picture` as a path below the data folder; `caption` says which it is."""

    caption: Text
    text: str = ""
    picture: str = ""


class Pair(_Shown):
    """Two rows to be looked at beside each other: what they are to each other, and how alike they are, 0 to 1."""

    left: Sample
    right: Sample
    relation: Text
    similarity: float


class Pairs(_Shown):
    """Evidence as rows side by side. `total` counts all there are, `pairs` holds at most `MOST_PAIRS` of them."""

    title: Text
    pairs: tuple[Pair, ...]
    total: int


def as_json(advice: Sequence[Advice]) -> list[dict[str, Any]]:
    """Return several pieces of advice for a document of the command line."""
    return [one.as_json() for one in advice]
