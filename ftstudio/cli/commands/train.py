"""`ftstudio train DIR`: fine-tune the project's model; `--sample NAME` does it on a fresh sample project."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ftstudio.cli.arguments import a_word, add_project, add_settings
from ftstudio.cli.assignments import read_settings
from ftstudio.cli.baselines import against_baselines
from ftstudio.cli.jobs import run_job
from ftstudio.cli.looks import look, look_lines
from ftstudio.cli.sample_project import make_sample
from ftstudio.cli.tables import pairs, table
from ftstudio.cli.verdict import verdict_lines, written_out
from ftstudio.core.errors import InputError
from ftstudio.core.metrics import shown_title
from ftstudio.core.quantities import byte_size, duration, rate, score
from ftstudio.core.specs import VerbSpec
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_, number, tr

SPEC = VerbSpec(key="train", summary=N_("fine-tune the project's model on its data"))

MOST_NAMES = 5
_SENTENCES = ("stopped_because", "kept_because", "made_whole", "forgetting")


def configure(parser: argparse.ArgumentParser) -> None:
    """Take a project or a sample, and how to train it."""
    add_project(parser, optional=True)
    parser.add_argument("--sample", metavar="NAME", help=tr("train a fresh copy of this sample project"))
    parser.add_argument(
        "--resume", metavar="RUN", type=a_word, help=tr("go on with a run that was stopped or interrupted")
    )
    parser.add_argument("--name", metavar="TEXT", help=tr("a name for the run"))
    add_settings(parser)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Train, and return the result of the run; raises `InputError` before anything is written."""
    from ftstudio.project.store import open_project

    if (arguments.project is None) == (arguments.sample is None):
        raise InputError(
            text("Say what to train: a project's folder, or a sample."), text("Give DIR or “--sample NAME”, not both.")
        )
    if arguments.resume and arguments.settings:
        raise InputError(
            text("A resumed run keeps its settings."), text("Leave out --set, or start a new run."), field="set"
        )
    read_settings(arguments.settings)
    project: Path = arguments.project or make_sample(arguments, arguments.sample)
    options: dict[str, Any] = {"name": arguments.name, "resume": arguments.resume}
    if arguments.settings:
        with open_project(project, write=False) as opened:
            options["settings"] = read_settings(arguments.settings, opened.file.settings).model_dump()
    document = run_job(arguments, "train", project, options)
    sentences = {key: _rendered(document.get(key)) for key in _SENTENCES}
    diagnosis = written_out(document.get("diagnosis"))
    looks = look(project, SPEC.key, [document["run"]]) if (document.get("metrics") or {}).get("test") else None
    return {"project": str(project), **document, **sentences, "diagnosis": diagnosis, "test_looks": looks}


def show(document: dict[str, Any]) -> list[str]:
    """Return the result: what was kept and how good it is on each split."""
    best = document.get("best") or {}
    lines = pairs(
        [
            (tr("Project"), document["project"]),
            (tr("Run"), document["run"]),
            (tr("State"), tr(document["state"])),
            (tr("Steps"), number(document["steps"])),
            (tr("Time"), duration(document["seconds"])),
            (tr("Speed"), rate(document["samples_per_second"] or 0.0)),
            (tr("Peak memory"), byte_size(document["peak_memory_bytes"] or 0)),
            (tr("Kept"), _kept(best)),
            (tr("Broken pictures left out"), _left_out(document.get("left_out") or [])),
        ]
    )
    sentences = [document[key] for key in _SENTENCES]
    lines += ["", *filter(None, sentences), "", *verdict_lines(document["diagnosis"])]
    lines += metric_table(document.get("metrics") or {})
    return [*lines, *against_baselines(document), *look_lines(document)]


def _rendered(sentence: Any) -> str:
    return Text.model_validate(sentence).render() if sentence else ""


def metric_table(metrics: dict[str, dict[str, Any]]) -> list[str]:
    """Return a table with a row a metric and a column a split."""
    keys = list(dict.fromkeys(key for values in metrics.values() for key in values))
    rows = [[shown_title(key), *(_score(values.get(key)) for values in metrics.values())] for key in keys]
    return table([tr("metric"), *(tr(split) for split in metrics)], rows, right=range(1, len(metrics) + 1))


def exit_code(document: dict[str, Any]) -> int:
    """Return 1 when the run ended without a result."""
    return 0 if document["state"] in ("finished", "stopped") else 1


def _left_out(names: list[str]) -> str:
    """Return how many pictures broke during the run, and the first of their names; "" for none."""
    if not names:
        return ""
    return f"{number(len(names))}: {', '.join(names[:MOST_NAMES])}{' …' if len(names) > MOST_NAMES else ''}"


def _kept(best: dict[str, Any]) -> str:
    if not best:
        return ""
    return tr("step {step}, {metric} {value}").format(
        step=number(best["step"]), metric=shown_title(best["metric"]), value=score(best["value"])
    )


def _score(value: Any) -> str:
    return score(value) if isinstance(value, int | float) else ""
