"""Baselines: what simple answers score on the same rows, so that a fine-tuned score can be judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core import units
from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.messages import Event, Measured
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer, Modality
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.engine.guards import trials
from ftstudio.engine.guards.studies import Study
from ftstudio.engine.layers import random_weights
from ftstudio.engine.layers.modules import final_linear
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import ModelFeed, Subset
from ftstudio.engine.probes import probe, shaped_answers, simple_answers, simple_places
from ftstudio.engine.rows import label_indices, some_rows
from ftstudio.engine.runs import preparation, results, training
from ftstudio.engine.runs.preparation import Prepared
from ftstudio.engine.task import Task
from ftstudio.project.baselines import Baseline
from ftstudio.project.layout import RunLayout

HELD = (Split.VALIDATION, Split.TEST)
Logits = NDArray[np.float32]
Labels = NDArray[np.int64]

TRYING = text("Scoring simple answers first")


def without_model(
    task: Task, tables: Mapping[Split, pa.Table], names: list[str], most: int, seed: int
) -> list[Baseline]:
    """Score what answers without any model, fitted to at most `most` training rows; `names` are the data's labels."""
    ways = {
        Answer.SPANS: _marking,
        Answer.EXTRACT: _finding,
        Answer.LABELS: _shaped,
        Answer.NUMBER: _shaped,
    }.get(task.SPEC.answer, _labelling)
    return ways(task, tables, names, most, seed)


def _marking(task: Task, tables: Mapping[Split, pa.Table], names: list[str], most: int, seed: int) -> list[Baseline]:
    """Score marks by words with their neighbours."""
    tags = units.tags_for(names)
    learned = some_rows(tables[Split.TRAIN], most)
    asked = {split: tables[split] for split in HELD if tables[split].num_rows}

    def word_windows() -> dict[Split, NDArray[Any]]:
        words = simple_places.WordWindows(learned, tags)
        return {split: words.answers(table) for split, table in asked.items()}

    held = {split: simple_places.tagged_truth(table, tags) for split, table in asked.items()}
    return [scored(task, "word_windows", word_windows, held, learned.num_rows, names=tags)]


def _finding(task: Task, tables: Mapping[Split, pa.Table], names: list[str], most: int, seed: int) -> list[Baseline]:
    """Score no answer at all, and the sentence that has most words of the question; nothing is learned for these."""
    asked = {split: tables[split] for split in HELD if tables[split].num_rows}
    held = {split: simple_places.asked_truth(table) for split, table in asked.items()}

    def of(way: Callable[[pa.Table], NDArray[Any]]) -> dict[Split, NDArray[Any]]:
        return {split: way(table) for split, table in asked.items()}

    return [
        scored(task, "no_answer", lambda: of(simple_places.no_answers), held, 0),
        scored(task, "best_sentence", lambda: of(simple_places.best_sentences), held, 0),
    ]


def _shaped(task: Task, tables: Mapping[Split, pa.Table], names: list[str], most: int, seed: int) -> list[Baseline]:
    """Score the usual labels, or the mean, and for texts a bag of words with a line for each label or the number."""
    way = shaped_answers.way_of(task.SPEC.answer)
    truth = {split: way.truth(table, names) for split, table in tables.items()}
    known = shaped_answers.some_known(truth[Split.TRAIN], most, seed)
    held = {split: way.scored_by(truth[split], truth[Split.TRAIN]) for split in HELD if tables[split].num_rows}
    if not len(known):
        return []

    def usual() -> dict[Split, Logits]:
        return {split: way.usual(truth[Split.TRAIN], len(rows)) for split, rows in held.items()}

    def bag_of_words() -> dict[Split, Logits]:
        learned = simple_answers.texts_of(tables[Split.TRAIN].take(pa.array(known)))
        asked = [simple_answers.texts_of(tables[split]) for split in held]
        return dict(zip(held, way.by_words(learned, truth[Split.TRAIN][known], asked), strict=True))

    found = [scored(task, way.usual_key, usual, held, len(known), names=names)]
    if task.SPEC.modality is Modality.TEXT:
        found.append(scored(task, way.words_key, bag_of_words, held, len(known), names=names))
    return found


def _labelling(task: Task, tables: Mapping[Split, pa.Table], names: list[str], most: int, seed: int) -> list[Baseline]:
    """Score the commonest label and, for texts, a bag of words."""
    labels = {split: label_indices(table, names) for split, table in tables.items()}
    rows = simple_answers.some_rows(labels[Split.TRAIN], most, seed)
    known = labels[Split.TRAIN][labels[Split.TRAIN] >= 0]
    held = {split: labels[split] for split in HELD if len(labels[split])}

    def majority() -> dict[Split, Logits]:
        return {split: simple_answers.majority(known, len(names), len(truth)) for split, truth in held.items()}

    def bag_of_words() -> dict[Split, Logits]:
        learned = simple_answers.texts_of(tables[Split.TRAIN].take(pa.array(rows)))
        asked = [simple_answers.texts_of(tables[split]) for split in held]
        answers = simple_answers.bag_of_words(learned, labels[Split.TRAIN][rows], asked, len(names))
        return dict(zip(held, answers, strict=True))

    found = [scored(task, "majority", majority, held, len(known))]
    if task.SPEC.modality is Modality.TEXT:
        found.append(scored(task, "bag_of_words", bag_of_words, held, len(rows)))
    return found


def scored(
    task: Task,
    key: str,
    answer: Callable[[], Mapping[Split, NDArray[Any]]],
    held: Mapping[Split, NDArray[Any]],
    rows: int,
    *,
    of_model: bool = False,
    names: Sequence[str] = (),
) -> Baseline:
    """Time `answer` and score its logits, called `names`, against the truth `held`; `rows` were learned from."""
    began = time.perf_counter()
    answers = answer()
    decision = _decided(task, answers, held, names)
    metrics = {split.value: task.score(logits, held[split], names, decision) for split, logits in answers.items()}
    seconds = time.perf_counter() - began
    return Baseline(key=key, metrics=metrics, rows=rows, seconds=seconds, of_model=of_model)


def _decided(
    task: Task, answers: Mapping[Split, NDArray[Any]], held: Mapping[Split, NDArray[Any]], names: Sequence[str]
) -> Decision:
    """Return thresholds chosen on validation rows, as a run chooses its own, where rows have several labels."""
    if task.SPEC.answer is not Answer.LABELS or Split.VALIDATION not in answers:
        return AS_TRAINED
    choose: Callable[..., Decision] = task.choose  # type: ignore[attr-defined]
    return choose(answers[Split.VALIDATION], held[Split.VALIDATION], names)


def of_features(study: Study[Any], tables: Mapping[Split, pa.Table], most: int) -> Baseline | None:
    """Score a linear layer on what enters the head of the unchanged model; None where the head is not linear.

    At most `most` training rows are used, and half as many of each held-back part.
    """
    bundle = preparation.load(
        study.task, study.model_folder, study.dataset.labels, study.settings, study.hardware, study.tell
    )
    head = final_linear(bundle.model, len(bundle.labels))
    if head is None:
        return None
    feeds: dict[Split, Subset] = {}
    for split, table in tables.items():
        study.tell(preparation.ENCODING, 0, 1)
        whole = ModelFeed(study.task, bundle, study.task.encode(bundle, table, study.dataset.folder), study.settings)
        limit = most if split is Split.TRAIN else max(1, most // 2)
        some = shaped_answers.some_known if _is_shaped(study.task) else simple_answers.some_rows
        feeds[split] = Subset(whole, some(whole.truth, limit, study.settings.seed))

    def answer() -> dict[Split, Logits]:
        inputs = {
            split: probe.head_inputs(head, feed, study.hardware, lambda done, total: study.tell(TRYING, done, total))
            for split, feed in feeds.items()
        }
        truth = {split: feed.truth for split, feed in feeds.items()}
        if _is_shaped(study.task):
            way = shaped_answers.way_of(study.task.SPEC.answer)
            asked = [inputs[split] for split in held]
            return dict(zip(held, way.by_features(inputs[Split.TRAIN], truth[Split.TRAIN], asked), strict=True))
        return _line(inputs, truth, len(bundle.labels))

    held = {split: feeds[split].truth for split in HELD if len(feeds[split].labels)}
    rows, names = len(feeds[Split.TRAIN].labels), bundle.labels
    return scored(study.task, "frozen_features", answer, held, rows, of_model=True, names=names)


def _is_shaped(task: Task) -> bool:
    return task.SPEC.answer in (Answer.LABELS, Answer.NUMBER)


def _line(inputs: Mapping[Split, Logits], labels: Mapping[Split, Labels], classes: int) -> dict[Split, Logits]:
    learned = inputs[Split.TRAIN]
    mean, spread = learned.mean(axis=0), learned.std(axis=0) + 1e-6
    scaled = {split: (rows - mean) / spread for split, rows in inputs.items()}
    checked = labels[Split.VALIDATION]
    fitted = probe.best_line(
        scaled[Split.TRAIN], labels[Split.TRAIN], scaled[Split.VALIDATION], checked, False, probe.STRENGTHS
    )
    return {split: simple_answers.answers(fitted.model, scaled[split], classes) for split in HELD if len(labels[split])}


def of_random_weights(study: Study[Any], steps: int | None) -> Baseline:
    """Train the same network from random weights with the same loop for `steps` steps (None: all planned ones)."""
    changed = {"tuning_method": "full", "probe_first": False, "early_stopping": False, "layer_decay": 1.0}
    settings = study.settings.model_copy(update={**changed, "max_steps": steps or study.settings.max_steps})
    prepared = preparation.prepare(
        study.task, study.model_folder, study.dataset, settings, study.hardware, study.tell, resuming=False
    )
    held = {split: prepared.whole[split].truth for split in HELD if len(prepared.whole[split].labels)}

    def answer() -> dict[Split, NDArray[Any]]:
        random_weights.draw(prepared.bundle.model, settings.seed)
        _train(study, prepared, settings)
        return {split: logits_of(prepared.whole[split], study.hardware) for split in held}

    rows = len(prepared.whole[Split.TRAIN].labels)
    names = prepared.bundle.labels
    return scored(study.task, "random_weights", answer, held, rows, of_model=True, names=names)


def _train(study: Study[Any], prepared: Prepared, settings: TrainingSettings) -> None:
    total = [1]

    def hear(event: Event) -> None:
        if isinstance(event, Measured) and event.split == "train":
            study.tell(text("Training from random weights"), event.step, total[0])

    def begin(state: Any) -> None:
        total[0] = state.total_steps

    with trials.scratch(study.project.layout) as folder:
        place = RunLayout(folder)
        training.run_training(
            prepared, settings, study.accelerator(), hear, study.context.control, place.checkpoints, begin=begin
        )
        study.context.control.check()
        results.keep_best(prepared, place)
