"""The baselines as a study, asked for or made by itself before the first training on new data."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from ftstudio.core.advice import Advice, Cell, Remedy, Table
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.text import Text, as_score, text
from ftstudio.datasets.store import Dataset
from ftstudio.engine.guards import baselines
from ftstudio.engine.guards.studies import Study, finish
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.runs.preparation import Prepared, Tell
from ftstudio.engine.task import Task
from ftstudio.project.baselines import STUDY, Baseline, latest_baselines
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import RunRequest, list_runs
from ftstudio.project.studies import StudyReport, store

SIMPLEST = {
    Answer.LABEL: "majority",
    Answer.LABELS: "usual_labels",
    Answer.NUMBER: "mean",
    Answer.SPANS: "word_windows",
    Answer.EXTRACT: "best_sentence",
}
MOST_WORD_ROWS = 20_000  # learned from when asked for
MOST_ROWS_BY_ITSELF = 20_000  # a project with more is not held up
MOST_WORD_ROWS_BY_ITSELF = 3_000
MOST_TEST_ROWS_BY_ITSELF = 1_000


def measure(study: Study[Any]) -> dict[str, Any]:
    """Carry out the study (see `studies.baselines`) and return its document.

    Raises `InputError` when no rows are held back to judge the answers by.
    """
    if not any(study.dataset.count(split) for split in (Split.VALIDATION, Split.TEST)):
        raise InputError(
            text("There are neither validation nor test rows to judge an answer by."),
            text("Add rows, or import the data again with a share for validation."),
        )
    tables = {split: study.dataset.table(split) for split in Split}
    study.tell(baselines.TRYING, 0, 1)
    names, seed = study.dataset.labels, study.settings.seed
    found = baselines.without_model(study.task, tables, names, MOST_WORD_ROWS, seed)
    has_places = study.task.SPEC.answer.has_places
    features = None if has_places else baselines.of_features(study, tables, study.options.max_rows)
    found += [features] if features is not None else []
    if study.options.random_weights:
        found.append(baselines.of_random_weights(study, _steps_of_latest_run(study)))
    numbers = {"baselines": [one.model_dump(mode="json") for one in found]}
    return finish(
        study,
        numbers,
        _advice(study.task, study.settings.monitor, found, study.dataset),
        tables=tables_of(study.task, found),
    )


def before_training(
    project: ProjectLayout, asked: RunRequest, dataset: Dataset, prepared: Prepared, tell: Tell
) -> None:
    """Score the cheap baselines and store them as a study, unless that was done for this data and model.

    The fitted probe of `prepared` is the linear layer on unchanged features. Data of many rows is not held up, and
    where no rows are held back there is nothing to score.
    """
    simplest = SIMPLEST.get(prepared.task.SPEC.answer)
    if simplest is None or not any(dataset.count(split) for split in (Split.VALIDATION, Split.TEST)):
        return
    there = {one.key for one in latest_baselines(project, asked.data_fingerprint, asked.model.fingerprint)}
    wanted = {simplest} | ({"frozen_features"} if prepared.linear_probe is not None else set())
    if wanted <= there or dataset.count(Split.TRAIN) > MOST_ROWS_BY_ITSELF:
        return
    tell(baselines.TRYING, 0, 1)
    began, task = time.perf_counter(), prepared.task
    found: list[Baseline] = []
    if simplest not in there:
        tables = {split: dataset.table(split) for split in Split}
        found += baselines.without_model(task, tables, dataset.labels, MOST_WORD_ROWS_BY_ITSELF, asked.seed)
    if prepared.linear_probe is not None:
        found.append(_of_probe(task, prepared))
    report = StudyReport(
        study=STUDY,
        seconds=time.perf_counter() - began,
        data_fingerprint=asked.data_fingerprint,
        model_fingerprint=asked.model.fingerprint,
        settings=asked.settings,
        advice=tuple(_advice(task, asked.settings["monitor"], found, dataset)),
        tables=tuple(tables_of(task, found)),
        numbers={"baselines": [one.model_dump(mode="json") for one in found]},
    )
    store(project, report)


def known(project: ProjectLayout, asked: RunRequest) -> list[dict[str, Any]]:
    """Return the scores that a run on this data and model has to be shown against, for its document."""
    found = latest_baselines(project, asked.data_fingerprint, asked.model.fingerprint)
    return [one.model_dump(mode="json") for one in found]


def _of_probe(task: Task, prepared: Prepared) -> Baseline:
    """Score the model as it is now, with the probe as its head: on test rows, too, where they are quickly run."""
    feeds = {Split.VALIDATION: prepared.feeds[Split.VALIDATION]}
    test = prepared.whole[Split.TEST]
    if not prepared.uses_features and len(test.labels) <= MOST_TEST_ROWS_BY_ITSELF:
        feeds[Split.TEST] = test
    held = {split: feed.truth for split, feed in feeds.items() if len(feed.labels)}
    return baselines.scored(
        task,
        "frozen_features",
        lambda: {split: logits_of(feeds[split], prepared.hardware) for split in held},
        held,
        len(prepared.feeds[Split.TRAIN].labels),
        of_model=True,
        names=prepared.bundle.labels,
    )


def _steps_of_latest_run(study: Study[Any]) -> int | None:
    """Return how many steps the latest finished run on this data took, so that both have learned as long."""
    for run in list_runs(study.project.layout):
        same = run.request is not None and run.request.data_fingerprint == study.asked.data_fingerprint
        if same and run.report is not None and run.report.document.get("steps"):
            return int(run.report.document["steps"])
    return None


def _judged(found: Sequence[Baseline]) -> Split:
    """Return the rows to judge by: the validation rows where there are any, since the test rows are sealed."""
    return Split.VALIDATION if any(Split.VALIDATION.value in one.metrics for one in found) else Split.TEST


def _advice(task: Task, monitor: str, found: Sequence[Baseline], dataset: Dataset) -> list[Advice]:
    """Return what has to be beaten; nothing where the metric has no value on so few rows."""
    metric, split = task.SPEC.metric(monitor), _judged(found)
    sign = 1.0 if metric.higher_is_better else -1.0
    scores = {one.key: one.metrics.get(split.value, {}).get(metric.key) for one in found}
    comparable = [one for one in found if scores[one.key] is not None]
    if not comparable:
        return []
    best = max(comparable, key=lambda one: sign * (scores[one.key] or 0.0))
    evidence = [
        text("{title}: {value} in {seconds} s", title=one.title, value=as_score(value), seconds=round(one.seconds, 1))
        for one in found
        if (value := scores[one.key]) is not None
    ]
    return [
        Advice(
            code="to_beat",
            mood="note",
            sentence=text(
                "Training has to beat {metric} {value} on the {split} rows ({rows}): “{title}”.",
                metric=text(metric.title),
                value=as_score(scores[best.key] or 0.0),
                split=Text(template=split.value),
                rows=dataset.count(split),
                title=best.title,
            ),
            evidence=tuple(evidence),
            remedies=(
                Remedy(label=text("See how sure scores are"), action="study", values={"study": "cross_validate"}),
            ),
        )
    ]


def tables_of(task: Task, found: Sequence[Baseline]) -> list[Table]:
    """Return one table for each held-back part, the metrics across."""
    tables = []
    for split in (Split.VALIDATION, Split.TEST):
        rows: list[tuple[Cell, ...]] = [
            (one.title, *(one.metrics[split.value].get(metric.key) for metric in task.SPEC.metrics), one.rows)
            for one in found
            if split.value in one.metrics
        ]
        if rows:
            columns = (
                text("simple answer"),
                *(text(metric.title) for metric in task.SPEC.metrics),
                text("learned from"),
            )
            title = text("On the {split} rows", split=Text(template=split.value))
            test_of = "" if split is Split.TEST else None
            tables.append(Table(title=title, columns=columns, rows=tuple(rows), test_of=test_of))
    return tables
