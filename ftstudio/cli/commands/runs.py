"""`ftstudio runs DIR`: the runs of a project, newest first."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import add_project
from ftstudio.cli.looks import look
from ftstudio.cli.tables import table
from ftstudio.core.quantities import duration, score
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_, tr

SPEC = VerbSpec(key="runs", summary=N_("list the runs of a project"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project's folder."""
    add_project(parser)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return every run with its state, best value and metrics; test results shown for the first time are looks."""
    from ftstudio.project import seal
    from ftstudio.project.runs import list_runs
    from ftstudio.project.store import open_project

    with open_project(arguments.project, write=False) as project:
        found = list_runs(project.layout)
        sealed = [run.id for run in found if seal.has_test(run) and not seal.is_open(project.layout, run)]
    looks = look(arguments.project, SPEC.key, sealed) if arguments.json else None
    return {"runs": [_run(summary) for summary in found], "test_looks": looks}


def show(document: dict[str, Any]) -> list[str]:
    """Return the runs as a table; those that did not end well say why."""
    if not document["runs"]:
        return [tr("There are no runs yet. “ftstudio train DIR” makes the first.")]
    rows = [
        [run["run"], run["name"], tr(run["state"]), _best(run["best"]), duration(run["seconds"])]
        for run in document["runs"]
    ]
    lines = table([tr("run"), tr("name"), tr("state"), tr("best"), tr("time")], rows, right=[4])
    return [*lines, *(f"{run['run']}: {run['message']}" for run in document["runs"] if run["message"])]


def _run(summary: Any) -> dict[str, Any]:
    status = summary.status
    report = summary.report.document if summary.report else {}
    return {
        "run": summary.id,
        "name": summary.name,
        "state": status.state.value,
        "started": status.started,
        "ended": status.ended,
        "steps": status.step,
        "seconds": status.seconds,
        "best": status.best.model_dump() if status.best else None,
        "metrics": report.get("metrics") or {},
        "message": status.message.render() if status.message else "",
        "hint": status.hint.render() if status.hint else "",
    }


def _best(best: dict[str, Any] | None) -> str:
    return f"{best['metric']} {score(best['value'])}" if best else ""
