"""`ftstudio compare DIR --runs A B`: which run is better on the same rows, whether that is chance, and what differs."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import a_word, add_project
from ftstudio.cli.looks import look, look_lines
from ftstudio.cli.tables import table
from ftstudio.core.quantities import score
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_, number, tr, tr_plural

SPEC = VerbSpec(key="compare", summary=N_("say which of some runs is better, and whether that is chance"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project, the runs, and the rows to compare them on."""
    add_project(parser)
    parser.add_argument(
        "--runs", metavar="RUN", nargs="+", type=a_word, required=True, help=tr("two or more runs, by id or “best”")
    )
    parser.add_argument(
        "--split",
        choices=("validation", "test"),
        help=tr("the rows to compare on (default: test rows if they were opened, else validation rows)"),
    )
    parser.add_argument("--all", action="store_true", help=tr("list all settings, not only those that differ"))


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the comparison and the settings side by side; comparing on sealed test rows is a look at them."""
    from ftstudio.core.states import Split
    from ftstudio.datasets.store import Dataset
    from ftstudio.planning.run_comparison import compare_runs
    from ftstudio.planning.settings_differences import side_by_side
    from ftstudio.project import seal
    from ftstudio.project.runs import find_run
    from ftstudio.project.store import open_project

    with open_project(arguments.project, write=False) as project:
        layout = project.layout
        found = {run.id: run for run in (find_run(layout, name) for name in arguments.runs)}
        runs, split = list(found.values()), Split(arguments.split) if arguments.split else None
        compared = compare_runs(layout, Dataset.open(layout.data), runs, split)
        sealed = [run.id for run in runs if not seal.is_open(layout, run)] if compared.split is Split.TEST else []
    settings = side_by_side(runs, everything=arguments.all)
    return {
        **compared.as_json(),
        "settings": [
            {"setting": row.key, "values": dict(zip(found, row.values, strict=True)), "differs": row.differs}
            for row in settings
        ],
        "test_looks": look(arguments.project, SPEC.key, sealed) if compared.split is Split.TEST else None,
    }


def show(document: dict[str, Any]) -> list[str]:
    """Return the sentences, the scores, and the settings that differ."""
    lines = [pair["sentence"] for pair in document["pairs"]]
    lines += ["", *_scores(document), ""]
    for pair in document["pairs"]:
        lines.append(
            tr("Rows that only {first} gets right: {left}; only {second}: {right}; McNemar's exact p = {p}").format(
                first=pair["first"],
                second=pair["second"],
                left=number(pair["only_first_right"]),
                right=number(pair["only_second_right"]),
                p=number(pair["p_value"]),
            )
        )
    lines += ["", *document["cautions"]]
    if document["settings"]:
        runs = [run["name"] for run in document["runs"]]
        rows = [[row["setting"], *map(_value, row["values"].values())] for row in document["settings"]]
        lines += ["", *table([tr("setting"), *runs], rows)]
    return [*lines, *look_lines(document)]


def _scores(document: dict[str, Any]) -> list[str]:
    metrics = list(document["runs"][0]["values"])
    rows = [[run["run"], run["name"], *(score(run["values"][key]) for key in metrics)] for run in document["runs"]]
    where = tr_plural("{count} {split} row", "{count} {split} rows", document["rows"])
    where = where.format(count=number(document["rows"]), split=tr(document["split"]))
    return [where, *table([tr("run"), tr("name"), *metrics], rows, right=[2, 3])]


def _value(value: Any) -> str:
    if value is None:
        return "–"
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
