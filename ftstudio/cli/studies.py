"""The verbs of studies: flags made from a study's options, and its advice and tables as text. One door for them all.

A verb's file takes `configure`, `run` and `show` from `verb_of`, so that a new study is one job and three lines.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ftstudio.cli.arguments import add_project, add_settings
from ftstudio.cli.assignments import read_settings
from ftstudio.cli.jobs import run_job
from ftstudio.cli.looks import look, look_lines
from ftstudio.cli.tables import table
from ftstudio.core import catalog
from ftstudio.core.advice import Cell, Pairs, Sample, Table
from ftstudio.core.options import Options, fields
from ftstudio.core.quantities import byte_size, duration, percent, score
from ftstudio.core.settings import SettingField
from ftstudio.core.specs import StudySpec
from ftstudio.core.text import Text
from ftstudio.core.translation import number, tr

PAIRS_SHOWN, SAMPLE_WIDTH = 5, 90
KINDS = {"int": int, "float": float}


@dataclass(frozen=True)
class StudyVerb:
    """The three functions that a verb of the command line consists of."""

    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], dict[str, Any]]
    show: Callable[[dict[str, Any]], list[str]]


def verb_of(study: str) -> StudyVerb:
    """Return the verb of the study whose job has the key `study`."""

    def configure(parser: argparse.ArgumentParser) -> None:
        add_project(parser)
        add_settings(parser)
        for field in fields(_options(study)):
            _add(parser, field)

    def run(arguments: argparse.Namespace) -> dict[str, Any]:
        chosen = {field.key: getattr(arguments, field.key) for field in fields(_options(study))}
        options = {key: value for key, value in chosen.items() if value is not None}
        if arguments.settings:
            from ftstudio.project.store import open_project

            with open_project(arguments.project, write=False) as project:
                options["settings"] = read_settings(arguments.settings, project.file.settings).model_dump()
        document = run_job(arguments, study, arguments.project, options)
        told = {one.get("test_of") for one in (*document["advice"], *document["tables"])} - {None, ""}
        looks = look(arguments.project, study.replace("_", "-"), sorted(told)) if told else None
        return {**document, "test_looks": looks}

    return StudyVerb(configure, run, show)


def show(document: dict[str, Any]) -> list[str]:
    """Return the advice with its evidence, then the tables and the first of the pairs."""
    lines: list[str] = []
    for advice in document["advice"]:
        lines += [advice["sentence"], *(f"  · {one}" for one in advice["evidence"]), ""]
    for one in document["tables"]:
        lines += [*_table(Table.model_validate(one)), ""]
    for one in document.get("pairs", []):
        lines += [*_pairs(Pairs.model_validate(one)), ""]
    return [*lines[:-1], *look_lines(document)]


def _options(study: str) -> type[Options]:
    spec: StudySpec = catalog.studies().spec(study)
    return spec.options or Options  # type: ignore[return-value]  # the spec is written without knowing pydantic models


def _add(parser: argparse.ArgumentParser, field: SettingField) -> None:
    flag = f"--{field.key.replace('_', '-')}"
    if field.kind == "bool":
        parser.add_argument(flag, dest=field.key, action=argparse.BooleanOptionalAction, help=tr(field.help))
        return
    parser.add_argument(
        flag,
        dest=field.key,
        type=KINDS.get(field.kind, str),
        choices=list(field.choices) or None,
        metavar=None if field.choices else field.key.upper(),
        help=tr(field.help),
    )


def _table(one: Table) -> list[str]:
    rows = [[_shown(cell, one.unit) for cell in row] for row in one.rows]
    right = [at for at in range(len(one.columns)) if any(isinstance(row[at], int | float) for row in one.rows)]
    return [one.title.render(), *table([column.render() for column in one.columns], rows, right=right)]


def _pairs(one: Pairs) -> list[str]:
    shown = one.pairs[:PAIRS_SHOWN]
    counted = tr("{title}: the first {shown} of {total}")
    lines = [counted.format(title=one.title.render(), shown=number(len(shown)), total=number(one.total))]
    for pair in shown:
        lines += [f"  {percent(pair.similarity)}  {_sample(pair.left)}", f"        {_sample(pair.right)}"]
    return lines


def _sample(one: Sample) -> str:
    content = " ".join((one.text or one.picture).split())
    short = content if len(content) <= SAMPLE_WIDTH else f"{content[: SAMPLE_WIDTH - 1]}…"
    return f"{one.caption.render()}: {short}"


def _shown(cell: Cell, unit: str) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, Text | str | int):
        return number(cell) if isinstance(cell, int) else str(cell)
    units: dict[str, Callable[[float], str]] = {"score": score, "seconds": duration, "bytes": byte_size}
    return units.get(unit, number)(cell)
