"""The job `evaluate`: the metrics of a finished run's model on the test rows or on another labelled file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.manner import Manner
from ftstudio.core.messages import Request
from ftstudio.core.options import read
from ftstudio.core.specs import Answer, JobSpec
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    import pyarrow as pa

    from ftstudio.engine.answers.written_results import Written
    from ftstudio.engine.context import JobContext
    from ftstudio.engine.inference.answering import Trained
    from ftstudio.project.store import Project

SPEC = JobSpec(key="evaluate", title=N_("Evaluation"))


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Score the model; returns the `evaluate` document.

    Options: `run` (an id, `best`, or none for the latest), `data` (a labelled file or folder; the project's test
    rows if left out), `manner` (how a text is written, `core.manner`) and `written` (in place of how many rows a model
    that rewrites writes at most; 0: none).
    """
    from ftstudio.project.runs import find_run

    project = context.project()
    summary = find_run(project.layout, request.options.get("run"))
    wanted = request.options.get("data")
    if wanted is None:
        table, folder = _test_rows(project)
        return {**_score(summary, table, folder, context, request.options), "split": Split.TEST.value}
    with tempfile.TemporaryDirectory() as scratch:
        table, folder = _rows_of(project, Path(wanted), Path(scratch), context)
        return {**_score(summary, table, folder, context, request.options), "split": "file"}


def _score(
    summary: Any, table: pa.Table, folder: Path, context: JobContext, options: Mapping[str, Any]
) -> dict[str, Any]:
    manner = read(Manner, options.get("manner") or {})
    from ftstudio.engine.inference import answering
    from ftstudio.engine.learning.evaluation import logits_of

    def tick(done: int, total: int) -> None:
        context.control.check()
        context.progress(text("Evaluating"), done, total)

    model = answering.load(summary)
    feed = model.feed(table, folder)
    unknown = int((feed.labels < 0).sum())
    if unknown == len(feed.labels):
        raise InputError(
            text("No row has a label that the model knows."),
            text("Its labels are: {labels}.", labels=", ".join(model.bundle.labels)),
        )
    logits = logits_of(feed, model.hardware, tick)
    names, decision = model.bundle.labels, model.decision
    intervals = model.task.intervals(logits, feed.truth, names, decision)
    written = _written(model, table, manner, options, context)
    return {
        "run": model.run,
        "rows": len(feed.labels),
        "rows_with_unknown_label": unknown,
        "metrics": {**model.task.score(logits, feed.truth, names, decision), **written.metrics},
        "intervals": {key: list(one) for key, one in {**intervals, **written.intervals}.items()},
        "rows_written": len(written.texts),
        "ece": model.task.calibration_error(logits, feed.truth, names, decision),
        "tables": model.task.report(logits, feed.truth, names, decision),
        "decision": decision.model_dump(),
    }


def _written(
    model: Trained, table: pa.Table, manner: Manner, options: Mapping[str, Any], context: JobContext
) -> Written:
    """Return what a model that rewrites writes in place of some rows; nothing of any other."""
    from ftstudio.engine.answers import written_results, written_samples

    def tick(done: int, total: int) -> None:
        context.control.check()
        context.progress(written_samples.WRITING, done, total)

    if model.task.SPEC.answer is not Answer.REWRITE:
        return written_results.NOTHING
    most = int(options.get("written", written_results.MOST))
    return written_results.judge(model.task, model.bundle, table, manner, tick, most)


def _test_rows(project: Project) -> tuple[pa.Table, Path]:
    from ftstudio.datasets.store import Dataset

    dataset = Dataset.open(project.layout.data)
    table = dataset.table(Split.TEST)
    if not table.num_rows:
        raise InputError(text("This project has no test rows."), text("Give a labelled file with --data."))
    return table, dataset.folder


def _rows_of(project: Project, source: Path, scratch: Path, context: JobContext) -> tuple[pa.Table, Path]:
    """Import another file the way the project's own data was imported, into a folder that goes away again."""
    from ftstudio.datasets.importing import ImportPlan, import_data
    from ftstudio.datasets.store import Dataset

    own = Dataset.open(project.layout.data)
    task = catalog.tasks().spec(project.file.task)
    plan = ImportPlan(sources=(source,), roles=own.roles, for_training=False, answer=own.answer)
    import_data(scratch / "data", task, plan, context.emit, lambda: context.control.stop_requested)
    dataset = Dataset.open(scratch / "data")
    dataset.set_edits([edit for edit in own.edits if edit.key == "merge_labels"])
    return dataset.table(None), dataset.folder
