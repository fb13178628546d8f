"""Problems in data and settings as lines of text; `new` and `check` show the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ftstudio.core.translation import number, tr

MARKS = {"error": "✗", "warning": "!", "note": "·"}


def problem_lines(problems: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines of a list of PROBLEM documents, the gravest first."""
    lines = []
    order = list(MARKS)
    for problem in sorted(problems, key=lambda item: order.index(item["severity"])):
        lines.append(f"{MARKS[problem['severity']]} {problem['message']}")
        examples = ", ".join(problem.get("examples") or [])
        lines += [f"    {tr('for example:')} {examples}"] * bool(examples)
        lines += [f"    → {problem['hint']}"] * bool(problem.get("hint"))
    return lines or [tr("No problems found.")]


def mending_lines(document: Mapping[str, Any]) -> list[str]:
    """Return the command that mends what can be mended in the data, or nothing."""
    codes = dict.fromkeys(one["code"] for one in document["problems"] if one["fix"] not in (None, "setting"))
    if not codes:
        return []
    options = " ".join(f"--fix {code}" for code in codes)
    command = f"ftstudio check {shlex.quote(document['project'])} {options}"
    return ["", tr("Mend the data: {command}").format(command=command)]


def row_counts(rows: Mapping[str, int]) -> str:
    """Return the number of rows of each split in one line."""
    return "  ".join(f"{tr(split)} {number(count)}" for split, count in rows.items())
