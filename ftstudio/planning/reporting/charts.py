"""The charts of a report, and the sentences that go with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftstudio.core.quantities import percent, score
from ftstudio.core.states import Split
from ftstudio.core.text import Text
from ftstudio.core.translation import number, tr
from ftstudio.planning.quality import calibration, curves
from ftstudio.planning.reporting import svg
from ftstudio.planning.reporting.markup import Html, tag
from ftstudio.planning.reporting.material import Material

MOST_POINTS = 400


def figure(title: str, chart: Html) -> Html:
    """Return a chart with its title above it."""
    return tag("figure", tag("figcaption", title), chart)


def sentence(written: Any) -> str:
    """Return a sentence of a result document in the reader's language; "" for anything else."""
    return Text.model_validate(written).render() if isinstance(written, dict) else ""


def of_training(material: Material) -> list[Html]:
    """Return the loss and the monitored score over the steps."""
    monitored = str((material.document.get("best") or {}).get("metric") or material.task.monitor)
    train, checks = _points(material, "train", "loss"), _points(material, "validation", "loss")
    drawn = []
    if train[0] or checks[0]:
        axes = svg.Axes(tr("Loss"), tr("step"), tr("loss"), tr("Loss by step on training and validation rows."))
        both = [svg.Line(tr("training"), *train, "train"), svg.Line(tr("validation"), *checks, "validation", dots=True)]
        drawn.append(figure(axes.title, svg.lines(axes, [line for line in both if line.x])))
    scores = _points(material, "validation", monitored)
    if scores[0]:
        title = next((tr(one.title) for one in material.task.metrics if one.key == monitored), monitored)
        best = material.document.get("best") or {}
        at = (float(best["step"]), float(best["value"])) if best else None
        words = tr("{metric} by step on validation rows").format(metric=title)
        axes = svg.Axes(words, tr("step"), title, words)
        drawn.append(figure(words, svg.lines(axes, [svg.Line("", *scores, "validation", dots=True)], at)))
    return drawn


def of_quality(material: Material) -> list[Html]:
    """Return the calibration plot and the precision-recall curve of the rows that are shown."""
    answers = material.answers
    if answers is None:
        return []
    mine = answers.of(Split(material.split)) & (answers.label >= 0)
    if not mine.any():
        return []
    whole = (0.0, 1.0)
    drawn = []
    found = calibration.calibration(answers.confidence[mine], answers.right[mine])
    if found.bins:
        words = tr("The model claims {claimed} on average and is right in {right}; the expected calibration error is "
                   "{error}.").format(claimed=percent(found.claimed, 1), right=percent(found.right, 1),
                                      error=score(found.error))  # fmt: skip
        axes = svg.Axes(tr("Claimed and true"), tr("claimed"), tr("right"), words, whole, whole)
        points = [bin_.claimed for bin_ in found.bins], [bin_.right for bin_ in found.bins]
        lines = [svg.Line("", whole, whole, "ideal"), svg.Line("", *points, "validation", dots=True)]
        drawn.append(tag("figure", tag("figcaption", axes.title), svg.lines(axes, lines),
                         tag("p", words, class_="muted")))  # fmt: skip
    both = curves.of_all(answers.probabilities[mine], answers.label[mine])
    if both is not None and len(both.precision_recall.x):
        area = number(both.precision_recall.area, 3)
        words = tr("All labels together; the average precision is {area}.").format(area=area)
        axes = svg.Axes(tr("Precision and recall"), tr("recall"), tr("precision"), words, whole, whole)
        line = svg.Line("", both.precision_recall.x.tolist(), both.precision_recall.y.tolist())
        drawn.append(tag("figure", tag("figcaption", axes.title), svg.lines(axes, [line]),
                         tag("p", words, class_="muted")))  # fmt: skip
    return drawn


def decision_in_words(material: Material) -> list[str]:
    """Return how the run's answers are decided, where that is not as it was trained, and what it comes to."""
    decision, answers, labels = material.decision, material.answers, material.labels
    said = []
    if decision.temperature != 1.0:
        said.append(tr("Its probabilities are corrected with the temperature {value}.").format(
            value=number(decision.temperature)))  # fmt: skip
    if decision.has_threshold(labels):
        words = tr("“{label}” is answered from a probability of {share} on.")
        said.append(words.format(label=decision.positive, share=percent(decision.threshold, 1)))
    if decision.no_answer_margin:
        words = tr("It gives no answer where that is better than the best place by more than {margin}.")
        said.append(words.format(margin=number(decision.no_answer_margin, 2)))
    if decision.dont_know_below > 0:
        words = tr("Below a probability of {share} it says that it does not know.")
        said.append(words.format(share=percent(decision.dont_know_below, 1)))
        if answers is not None:
            mine = answers.of(Split(material.split)) & (answers.label >= 0)
            known = answers.known[mine]
            right = answers.right[mine][known]
            words = tr("So it answers {share} of the rows, and {right} of these answers are right.")
            said.append(words.format(share=percent(float(known.mean()) if len(known) else 0.0, 1),
                                     right=percent(float(right.mean()) if len(right) else 0.0, 1)))  # fmt: skip
    return said


def _points(material: Material, split: str, key: str) -> tuple[list[float], list[float]]:
    """Return steps and values of a curve, thinned evenly to `MOST_POINTS`."""
    found = [(event.step, event.values[key]) for event in material.measured
             if event.split == split and key in event.values]  # fmt: skip
    if len(found) > MOST_POINTS:
        chosen = np.unique(np.linspace(0, len(found) - 1, MOST_POINTS).round().astype(int))
        found = [found[at] for at in chosen]
    return [float(step) for step, _ in found], [float(value) for _, value in found]
