"""What an export answered beside what the trained model answers, judged by stated bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.best_answer import best_answer
from ftstudio.core.deciding import decide, decide_several, softmax
from ftstudio.core.detections import GEOMETRY, Drawn, agree, drawn
from ftstudio.core.specs import Answer, ExporterSpec, Modality
from ftstudio.core.text import Text, text
from ftstudio.engine.answers.outputs import by_row, flat
from ftstudio.engine.answers.shaped import task_of
from ftstudio.engine.export import proving
from ftstudio.engine.export.drawn_boxes import comparable, draw_themselves, only_boxes
from ftstudio.engine.export.proving import Expected
from ftstudio.engine.runs.trained import TrainedModel

TOLERANCE = 1e-3  # of the largest logit: what rounding in another runtime may do
MOST_BY_RESIZING = 0.02  # of a probability
RESIZED_NUMBERS, LOSSY_NUMBERS = 0.05, 0.1  # of the standard deviation of the true numbers


@dataclass(frozen=True)
class Judgement:
    """Whether an export may be called the same as the model, why not, and the figures that say so."""

    figures: dict[str, Any]
    reason: Text | None

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it."""
        return self.reason is None


def judge(trained: TrainedModel, spec: ExporterSpec, expected: Expected, answer: Mapping[str, Any]) -> Judgement:
    """Compare what the export answered (see `engine.export.receiver.answer`) with what the model answers itself."""
    figures: dict[str, Any] = {"rows": len(expected.rows), "split": expected.split, "bounds": bounds(trained, spec)}
    figures["runs_with"] = answer["runs_with"]
    foreign = [name for name in ("ftstudio", *spec.without) if name in answer["imported"]]
    if foreign:
        return Judgement(figures, text("it needs what it should do without: {names}", names=", ".join(foreign)))
    if list(answer["labels"]) != list(trained.labels):
        return Judgement(figures, text("its labels are not those of the trained model"))
    logits = _answered(answer["logits"], expected)
    if logits is None:
        return Judgement(
            figures, text("its answers have another shape than those of the trained model, or are no numbers")
        )
    figures |= _differences(trained, spec, expected, logits, answer)
    figures["beside"] = answer.get("beside", {})
    if figures["beside"].get("same_tokens", 1.0) < 1.0:
        return Judgement(figures, text("it cuts texts into other tokens than the trained model"))
    different = _too_different(spec, figures, _most_off(trained, spec, expected))
    if expected.written:
        figures["texts"] = _texts(expected.written, answer["written"] or ())
    return Judgement(figures, different or _writes_otherwise(figures))


def _texts(ours: Sequence[str], theirs: Sequence[str]) -> dict[str, int]:
    """Return how many texts both sides wrote, and how many of them alike."""
    return {"asked": len(ours), "same": sum(one == other for one, other in zip_longest(ours, theirs))}


def _answered(said: Sequence[Any], expected: Expected) -> NDArray[Any] | None:
    """Return logits in the form of the expected ones; None where their shape is another, or one is no number."""
    try:
        rows = [np.asarray(one, dtype=np.float32) for one in said]
    except ValueError:
        return None
    if draw_themselves(expected.logits):
        rows = [one if len(one) else ours[:0] for one, ours in zip(rows, expected.logits, strict=True)]
    if [one.shape for one in rows] != [one.shape for one in expected.logits] and not only_boxes(rows, expected.logits):
        return None
    if not all(np.isfinite(one).all() for one in rows):
        return None
    return by_row(rows) if expected.logits.dtype == object else np.array(rows, dtype=np.float32)


def judged(
    exporter: Any, trained: TrainedModel, folder: Path, expected: Expected, check: Callable[[], None]
) -> Judgement:
    """Have the export in `folder` asked by its own runtime, and judge what it says; `check` may raise to cancel."""
    program = getattr(exporter, "PROGRAM", "")
    loader = getattr(exporter, _loader_of(trained.answer), exporter.LOADER)
    extra = getattr(exporter, "extra", None)
    interpreter = getattr(exporter, "interpreter", None)
    try:
        answer = proving.ask(
            folder,
            folder / program if program else loader,
            expected.rows,
            without=exporter.SPEC.without,
            extra=extra(trained) if extra else (),
            interpreter=interpreter() if interpreter else None,
            write=len(expected.written),
            check=check,
        )
    except proving.UnansweredError as error:
        figures = {"rows": len(expected.rows), "split": expected.split, "bounds": bounds(trained, exporter.SPEC)}
        return Judgement(figures, error.message)
    return judge(trained, exporter.SPEC, expected, answer)


def _loader_of(answer: Answer) -> str:
    others = {Answer.BOXES: "LOADER_OF_BOXES", Answer.REWRITE: "LOADER_OF_TEXTS"}
    return "LOADER_OF_PLACES" if answer.has_places else others.get(answer, "LOADER")


def bounds(trained: TrainedModel, spec: ExporterSpec) -> dict[str, float]:
    """Return what the answers of a format may differ by.

    Image processors of transformers resize pictures by kernels that differ from one processor to the next by a grey
    value here and there; an export that resizes by itself may differ as much.
    """
    is_number = trained.answer is Answer.NUMBER
    if spec.lossy:
        same = {"same_within_of_spread": LOSSY_NUMBERS} if is_number else {}
        return {"least_agreement": spec.least_agreement, "most_loss": spec.most_loss, **same}
    reads_pictures = task_of(trained.task, trained.answer).SPEC.modality is Modality.IMAGE
    if spec.prepares and trained.source == "huggingface" and reads_pictures:
        return (
            {"tolerance_of_spread": RESIZED_NUMBERS} if is_number else {"most_probability_difference": MOST_BY_RESIZING}
        )
    return {"tolerance_of_spread" if is_number else "tolerance": TOLERANCE}


def _differences(
    trained: TrainedModel, spec: ExporterSpec, expected: Expected, logits: NDArray[Any], answer: Mapping[str, Any]
) -> dict[str, Any]:
    task = task_of(trained.task, trained.answer)
    each, kind = comparable(expected.logits, logits), task.SPEC.answer
    if kind.writes:  # whether a token was foreseen is counted, and no difference
        each = each[0][:, :1], each[1][:, :1]
    answers = _foreseen if kind.writes else _ANSWERS.get(kind, _decided)
    (wanted, ours), (said, theirs) = (answers(trained, values) for values in (expected.logits, logits))
    shares = (ours, theirs) if len(ours) else each
    if answer["answers"] is not None:  # an export that decides itself is believed what it says, not what it should say
        said = _told_boxes(answer["answers"]) if kind is Answer.BOXES else _told(trained, answer["answers"])
    pairs, least = zip_longest(said, wanted), trained.decision.threshold
    same = [(agree(one[0], other[0], least) if kind is Answer.BOXES else one == other) for one, other in pairs]
    if kind is Answer.NUMBER:
        off = np.abs(np.array(said)[:, 0] - each[0][:, 0])
        same = (off <= _most_off(trained, spec, expected)).tolist()
    before, after = (
        task.score(values, expected.truth, trained.labels, trained.decision) for values in (expected.logits, logits)
    )
    monitor = "r2" if kind is Answer.NUMBER else str(trained.settings.get("monitor") or task.SPEC.monitor)
    metric = monitor if monitor in before else next(iter(before), "")
    return {
        "agreeing": sum(same),
        "agreement": sum(same) / len(same),
        "asked": len(same),
        "largest_difference": float(np.abs(each[1] - each[0]).max(initial=0.0)),
        "largest_probability_difference": float(np.abs(shares[0] - shares[1]).max(initial=0.0)),
        "metric": metric,
        "metrics": {"before": before, "after": after},
        "milliseconds_a_row": {"before": expected.milliseconds, "after": float(answer["milliseconds"])},
    }


Answers = tuple[list[tuple[Any, ...]], NDArray[np.float64]]


def _decided(trained: TrainedModel, values: NDArray[Any]) -> Answers:
    """Return the label of each answer and whether it is stood by, and the probabilities of all labels."""
    made = decide(flat(values), trained.labels, trained.decision)
    labels = [(trained.labels[best], bool(known)) for best, known in zip(made.label, made.known, strict=True)]
    return labels, made.probabilities


def _found(trained: TrainedModel, values: NDArray[Any]) -> Answers:
    """Return of a model that finds answers in passages the place of each and whether it is stood by, and how sure."""
    best = [best_answer(one, trained.decision) for one in values]
    places = [(f"{one.first}-{one.last}", one.share >= trained.decision.dont_know_below) for one in best]
    return places, np.array([one.share for one in best])


def _told(trained: TrainedModel, answers: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Return what an export decided by itself; a row has one answer, or a list of them."""
    if trained.answer is Answer.NUMBER:
        return [(float(one["label"]),) for one in answers]
    if trained.answer is Answer.LABELS:
        return [(name, name in one["label"]) for one in answers for name in trained.labels]
    labels = [one["label"] if isinstance(one["label"], list) else [one["label"]] for one in answers]
    return [(label, one["known"]) for one, many in zip(answers, labels, strict=True) for label in many]


def _told_boxes(answers: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Return the boxes that an export drew by itself: each is kind, probability and corners."""
    rows = [np.array(one["label"], dtype=np.float64).reshape(-1, 6) for one in answers]
    return [(Drawn(row[:, 2:], row[:, 0].astype(np.int64), row[:, 1]),) for row in rows]


def _foreseen(trained: TrainedModel, values: NDArray[Any]) -> Answers:
    """Return of a model that writes whether each token was foreseen, and its probability."""
    each = flat(values)
    return [("", bool(hit > 0.5)) for hit in each[:, 1]], np.exp(-each[:, :1].astype(np.float64))


def _given(trained: TrainedModel, values: NDArray[Any]) -> Answers:
    """Return of a model that gives several labels whether each is given to each row, and their probabilities."""
    shares, given = decide_several(values, trained.labels, trained.decision)
    return [(name, one) for row in given.tolist() for name, one in zip(trained.labels, row, strict=True)], shares


def _numbers(trained: TrainedModel, values: NDArray[Any]) -> Answers:
    """Return of a model that answers with numbers these: they have no probability."""
    return [(float(one),) for one in values[:, 0]], np.zeros((len(values), 1))


def _boxed(trained: TrainedModel, values: NDArray[Any]) -> Answers:
    """Return of a detector the boxes of each picture, and what it says of each of its places."""
    if draw_themselves(values):
        return [(drawn(one).above(trained.decision.threshold),) for one in values], np.zeros((0, 1))
    said = softmax(flat(values)[:, :-GEOMETRY], trained.decision.temperature)
    return [(drawn(one).above(trained.decision.threshold),) for one in values], said


_ANSWERS = {Answer.BOXES: _boxed, Answer.EXTRACT: _found, Answer.LABELS: _given, Answer.NUMBER: _numbers}


def _most_off(trained: TrainedModel, spec: ExporterSpec, expected: Expected) -> float:
    """Return by how much what an export answers may differ: numbers have a unit, so their spread is what counts.

    Float32 knows seven digits, so much of numbers that lie far from 0 and hardly differ is rounding.
    """
    if draw_themselves(expected.logits):
        return TOLERANCE
    values = flat(expected.logits)
    if trained.answer is Answer.NUMBER:
        allowed = bounds(trained, spec)
        rounding = 1e-6 * float(np.abs(values).max())
        if spec.lossy:
            return allowed["same_within_of_spread"] * expected.unit + rounding
        spread = float(values.std()) if allowed["tolerance_of_spread"] == TOLERANCE else expected.unit
        return allowed["tolerance_of_spread"] * spread + rounding
    return TOLERANCE * max(1.0, float(np.abs(values).max()))


def _too_different(spec: ExporterSpec, figures: Mapping[str, Any], most_off: float) -> Text | None:
    allowed = figures["bounds"]
    if not spec.lossy:
        if "most_probability_difference" not in allowed:
            key, most = "largest_difference", most_off
        else:
            key, most = "largest_probability_difference", MOST_BY_RESIZING
        if figures[key] > most:
            return text(
                "its answers differ by up to {difference} from those of the trained model",
                difference=figures[key],
            )
        return _decides_otherwise(figures)
    if figures["asked"] - figures["agreeing"] > max(1, int((1 - spec.least_agreement) * figures["asked"])):
        return _only_agreeing(figures)
    return _lost_too_much(spec, figures)


def _decides_otherwise(figures: Mapping[str, Any]) -> Text | None:
    """Answers may change where two labels are as likely but for rounding; more than one in a hundred is no rounding."""
    if figures["asked"] - figures["agreeing"] > max(1, figures["asked"] // 100):
        return _only_agreeing(figures)
    return None


def _writes_otherwise(figures: Mapping[str, Any]) -> Text | None:
    """One text of some dozens may go another way where two tokens are as likely but for rounding."""
    texts = figures.get("texts", {"asked": 0, "same": 0})
    if texts["asked"] - texts["same"] > 1:
        return text("only {same} of {asked} texts that it writes are those of the trained model", **texts)
    return None


def _only_agreeing(figures: Mapping[str, Any]) -> Text:
    return text(
        "only {agreeing} of {rows} answers are those of the trained model",
        agreeing=figures["agreeing"],
        rows=figures["asked"],
    )


def _lost_too_much(spec: ExporterSpec, figures: Mapping[str, Any]) -> Text | None:
    metric, before, after = figures["metric"], figures["metrics"]["before"], figures["metrics"]["after"]
    if Answer.TEXT in spec.answers and before:
        metric, lost, least = "loss", after["loss"] - before["loss"], 0.0
    elif not metric or metric == "loss":
        return None
    else:
        lost, least = before[metric] - after[metric], 1.5 / figures["rows"]
    if lost > max(spec.most_loss, least):
        return text("it loses {lost} of the {metric} of the trained model", lost=lost, metric=metric)
    return None
