"""What a run leaves behind: the scores of the kept model, the finished model folder, the predictions, the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.metrics import MetricSpec
from ftstudio.core.states import RunState, Split
from ftstudio.core.text import Text, as_score, text
from ftstudio.engine.export import adapter_export
from ftstudio.engine.hooks import early_stopping, ending, obedience
from ftstudio.engine.layers import lora
from ftstudio.engine.learning.evaluation import Tick, logits_of
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.runs import checkpoints, write_errors
from ftstudio.engine.runs.preparation import Prepared
from ftstudio.engine.runs.training import Outcome
from ftstudio.project import weights
from ftstudio.project.atomic import building_folder
from ftstudio.project.layout import RunLayout

REASONS: dict[str, Text] = {
    early_stopping.REASON: text("Stopped early: the validation score had not got better for a while."),
    ending.REASON: text("It ran as long as had been best in cross-validation."),
    obedience.REASON: text("Stopped by you."),
    "": text("All planned steps were done."),
}


@dataclass(frozen=True)
class Scored:
    """The kept model on one split: logits and truth of each row (`engine.answers.outputs`) and whether it has a label.

    Also the metrics and the interval of each, the tables for the page, what it wrote in place of each row (None:
    nothing), and how answers were decided.
    """

    logits: NDArray[Any]
    truth: NDArray[Any]
    labels: NDArray[np.int64]
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    tables: dict[str, Any]
    written: list[str | None] | None = None
    decision: Decision = AS_TRAINED


def keep_best(prepared: Prepared, run: RunLayout) -> None:
    """Put the best checkpoint's weights into the model; without validation rows the last ones stay."""
    if checkpoints.exists(run.best):
        checkpoints.restore(run.best, prepared.bundle.model, None)


def write_model(prepared: Prepared, run: RunLayout) -> None:
    """Write the finished model as a folder of its own, whole or not at all; adapters become part of its weights.

    What adapters learned is kept by itself, too, and hashes are taken of all files.
    """
    adapter_export.keep(prepared.bundle, run)
    lora.merge(prepared.bundle.model)
    with write_errors.told(run.model), building_folder(run.model, replace=True) as folder:
        prepared.task.save(prepared.bundle, folder)
    weights.seal(run)


def score_splits(prepared: Prepared, tick: Tick) -> dict[Split, Scored]:
    """Run the model as it is on the validation and test rows.

    Where a task has thresholds to `choose`, the validation rows, which come first, say which. Of answers that are many
    times as large as what can be seen of them only that is kept (`condensed`).
    """
    result: dict[Split, Scored] = {}
    decision = AS_TRAINED
    for split in (Split.VALIDATION, Split.TEST):
        feed = prepared.whole[split]
        if not len(feed.labels):
            continue
        logits = logits_of(feed, prepared.hardware, tick)
        names = prepared.bundle.labels
        if split is Split.VALIDATION and (choose := getattr(prepared.task, "choose", None)) is not None:
            decision = choose(logits, feed.truth, names)
        metrics = prepared.task.score(logits, feed.truth, names, decision)
        intervals = prepared.task.intervals(logits, feed.truth, names, decision)
        tables = prepared.task.report(logits, feed.truth, names, decision)
        logits = getattr(prepared.task, "condensed", _whole)(logits)
        result[split] = Scored(logits, feed.truth, feed.labels, metrics, intervals, tables, decision=decision)
    return result


def _whole(logits: NDArray[Any]) -> NDArray[Any]:
    return logits


def write_predictions(run: RunLayout, scored: Mapping[Split, Scored], rows: Mapping[Split, NDArray[np.int64]]) -> None:
    """Store the logits of every scored row beside its source row number, for all later looks at the result.

    Where a row has several answers, their logits lie one after the other, and `truth` has the right ones; it also has
    them where an answer is several labels or a number. What a model wrote in place of rows is in `written`.
    """
    columns = {
        "split": pa.array([split.value for split, one in scored.items() for _ in one.labels]),
        "row": pa.array(np.concatenate([rows[split] for split in scored]) if scored else np.zeros(0, np.int64)),
        "label": pa.array(np.concatenate([one.labels for one in scored.values()]) if scored else np.zeros(0, np.int64)),
        "logits": pa.array([line.ravel().tolist() for one in scored.values() for line in one.logits]),
    }
    if any(one.truth.dtype == object or one.truth.ndim == 2 for one in scored.values()):
        columns["truth"] = pa.array([line.tolist() for one in scored.values() for line in one.truth])
    if any(one.written is not None for one in scored.values()):
        written = [words for one in scored.values() for words in one.written or [None] * len(one.labels)]
        columns["written"] = pa.array(written, pa.string())
    with (
        building_folder(run.predictions, replace=True) as folder,
        ipc.new_file(str(folder / "predictions.arrow"), (table := pa.table(columns)).schema) as writer,
    ):
        writer.write_table(table)


def document(
    run: RunLayout, prepared: Prepared, outcome: Outcome, scored: Mapping[Split, Scored], rows: int
) -> dict[str, Any]:
    """Return the `train` document of the command line, plus what the result page shows."""
    state = outcome.state
    stopped = state.stop_reason == obedience.REASON
    metrics = {split.value: one.metrics for split, one in scored.items()}
    return {
        "run": run.id,
        "state": (RunState.STOPPED if stopped else RunState.FINISHED).value,
        "steps": state.step,
        "seconds": state.seconds,
        "samples_per_second": state.rows / state.seconds if state.seconds else 0.0,
        "peak_memory_bytes": outcome.peak_memory,
        "best": _best(state),
        "metrics": {split.value: metrics.get(split.value, {}) for split in (Split.VALIDATION, Split.TEST)},
        "intervals": {split.value: _lists(one.intervals) for split, one in scored.items()},
        "kept_because": kept_because(
            state, prepared.task.SPEC.metric(_monitored(prepared)), probed=prepared.linear_probe is not None
        ).model_dump(),
        "stopped_because": REASONS[state.stop_reason].model_dump(),
        "tables": {split.value: one.tables for split, one in scored.items()},
        "labels": prepared.bundle.labels,
        "training_rows": rows,
        "epochs": state.epochs_done,
        "device": prepared.hardware.describe(),
        "precision": prepared.hardware.precision,
        "frozen_layers_computed_once": prepared.uses_features,
        "probe_accuracy": _known(prepared.linear_probe.accuracy) if prepared.linear_probe else None,
    }


def _lists(intervals: Mapping[str, tuple[float, float]]) -> dict[str, list[float]]:
    return {key: list(interval) for key, interval in intervals.items()}


def kept_because(state: TrainingState, metric: MetricSpec, *, probed: bool) -> Text:
    """Say in one sentence which step was kept and why; `probed`: the run began with a fitted head."""
    best = state.best
    if best is None:
        return text("Kept step {step}, the last: there were no validation rows to compare checks by.", step=state.step)
    if best.step == 0 and not probed:
        return text(
            "Kept the model as it was before the first step, because no later check had a better {metric} than "
            "{value}. It has learned nothing yet: train longer, or with another learning rate.",
            metric=text(metric.in_sentence),
            value=as_score(best.value),
        )
    if best.step == 0:
        return text(
            "Kept the linear probe from before the first step, because no later check had a better {metric} than "
            "{value}.",
            metric=text(metric.in_sentence),
            value=as_score(best.value),
        )
    if state.top is not None and metric.is_better(state.top, best.value):
        return text(
            "Kept step {step}: its validation {metric} of {value} is below the highest of {count} checks, {top}, by no "
            "more than chance makes on so few rows, and it has learned longer.",
            step=best.step,
            metric=text(metric.in_sentence),
            value=as_score(best.value),
            count=state.checks,
            top=as_score(state.top),
        )
    return text(
        "Kept step {step}, because its validation {metric} of {value} was the best of {count} checks.",
        step=best.step,
        metric=text(metric.in_sentence),
        value=as_score(best.value),
        count=state.checks,
    )


def _known(figure: float) -> float | None:
    return figure if figure == figure else None


def _best(state: TrainingState) -> dict[str, Any] | None:
    return state.best.model_dump(include={"step", "metric", "value"}) if state.best else None


def _monitored(prepared: Prepared) -> str:
    return prepared.bundle.settings.monitor
