"""Verbs that print test figures write each look down, and say how often the test rows have been looked at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ftstudio.core.errors import StudioError
from ftstudio.core.text import Text, text


def look(project: Path, verb: str, runs: Sequence[str]) -> dict[str, Any]:
    """Record that `verb` shows the test results of `runs`; returns `test_looks` for its document.

    A look that cannot be written down (the folder may be read only) does not keep a finished verb from answering.
    """
    from ftstudio.project import seal
    from ftstudio.project.layout import ProjectLayout
    from ftstudio.project.runs import summarise

    layout = ProjectLayout(Path(os.path.realpath(project)))
    problem: StudioError | None = None
    try:
        seal.record(layout, [summarise(layout.run(run)) for run in runs], "verb", verb)
    except StudioError as error:
        problem = error
    found = seal.looks(layout)
    return {
        "count": len(found),
        "last": found[-1].when if found else None,
        "sentence": seal.told(layout).render(),
        "not_recorded": problem.message.render() if problem else None,
    }


def look_lines(document: dict[str, Any]) -> list[str]:
    """Return the line that says how often the test rows were looked at; none where they were not shown."""
    found = document.get("test_looks")
    if not found:
        return []
    missed = found["not_recorded"]
    return [
        "",
        found["sentence"],
        *([_not_recorded(missed).render()] if missed else []),
    ]


def _not_recorded(reason: str) -> Text:
    return text("This look could not be written down: {reason}", reason=reason)
