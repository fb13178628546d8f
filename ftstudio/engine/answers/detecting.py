"""What tasks that draw boxes share: loss, metrics, the tables of the result page, the answers.

Logits of a row are what `core.detections` reads; the truth of a row has a kind and four corners (in shares of the
picture) for each box, shape [boxes, 5]. torch is imported inside, so that tasks can be listed without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core import boxes
from ftstudio.core.average_precision import Judged, Present, best_threshold, judge, mean_average_precision
from ftstudio.core.boxes import overlaps
from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.detections import CENTRES, GEOMETRY, SIDES, drawn, draws_itself, in_pixels, promising, remarked
from ftstudio.core.samples import Prediction
from ftstudio.core.settings import TrainingSettings
from ftstudio.datasets.pictures import upright_size

if TYPE_CHECKING:
    from torch import Tensor

SAME_PLACE = 0.5  # overlap from which a place answers for a box, as in SSD
NEGATIVES = 3  # places with nothing that count, for each with something

__all__ = ["choose", "condensed", "decode", "intervals", "loss", "matched", "report", "score"]


def matched(wanted: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return which box each place answers for, -1 for none; every box has at least its best place.

    Both are corners. These are the rules of torchvision's `SSDMatcher`.
    """
    if not len(wanted):
        return np.full(len(places), -1, dtype=np.int64)
    common = overlaps(wanted, places)
    answers = np.where(common.max(axis=0) >= SAME_PLACE, common.argmax(axis=0), -1)
    answers[common.argmax(axis=1)] = np.arange(len(wanted))
    return answers.astype(np.int64)


def loss(logits: Tensor, labels: Tensor, settings: TrainingSettings, weights: Tensor | None) -> Tensor:
    """Return SSD's loss of each picture, summed over the places that answer for a box, shape [rows].

    `logits` are [rows, places, kinds + 1 + 8], `labels` [rows, boxes, 5] with kind -1 where there is no box. How far
    boxes are off counts by smooth L1; kinds count by cross-entropy over all places with something in them and the
    hardest with nothing (Liu et al. 2016). The step divides by the number of places that answer for a box.
    What a model gives that computes its loss itself is that (`engine.vision.own_loss`), [rows, 1].
    """
    import torch

    if logits.ndim == 2:
        return logits[:, 0]
    return torch.stack([_loss_of(said, truth) for said, truth in zip(logits, labels, strict=True)])


def _loss_of(said: Tensor, truth: Tensor) -> Tensor:
    import torch
    from torch.nn import functional

    there = truth[truth[:, 0] >= 0]
    places = said[:, -4:].detach()
    answers = torch.from_numpy(matched(there[:, 1:].double().cpu().numpy(), places.double().cpu().numpy())).to(
        said.device
    )
    found = answers >= 0
    kinds = torch.zeros(len(said), dtype=torch.int64, device=said.device)
    kinds[found] = there[answers[found], 0].long() + 1
    surprise = functional.cross_entropy(said[:, :-GEOMETRY], kinds, reduction="none")
    hardest = (
        surprise.masked_fill(found, -torch.inf).topk(min(NEGATIVES * int(found.sum()), int((~found).sum()))).values
    )
    wanted = offsets(there[answers[found], 1:], places[found])
    astray = functional.smooth_l1_loss(said[found, -GEOMETRY:-4], wanted, reduction="sum")
    return surprise[found].sum() + hardest.sum() + astray


def offsets(corners: Tensor, places: Tensor) -> Tensor:
    """Return how boxes differ from their places, as a detector says it; both are corners, shape [boxes, 4]."""
    import torch

    sides = [one[:, 2:] - one[:, :2] for one in (corners, places)]
    centres = [one[:, :2] + side / 2 for one, side in zip((corners, places), sides, strict=True)]
    return torch.cat(
        [CENTRES * (centres[0] - centres[1]) / sides[1], SIDES * (sides[0] / sides[1]).clamp(min=1e-6).log()], dim=1
    )


def _known(logits: NDArray[Any], truth: NDArray[Any]) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float64]]]:
    """Return logits and truth of the rows whose boxes are known."""
    if truth.dtype != object:
        return [], []
    rows = [(said, np.asarray(there, np.float64).reshape(-1, 5)) for said, there in zip(logits, truth, strict=True)]
    known = [(said, there) for said, there in rows if not len(there) or there[0, 0] >= 0]
    return [said for said, _ in known], [there for _, there in known]


def present(truth: NDArray[np.float64]) -> Present:
    """Return the true boxes of a picture as they are judged by."""
    return Present(truth[:, 1:], truth[:, 0].astype(np.int64))


def _judged(said: Sequence[NDArray[np.float32]], there: Sequence[NDArray[np.float64]], kinds: int) -> list[Judged]:
    return judge([drawn(one) for one in said], [present(one) for one in there], kinds)


def score(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str] = (), decision: Decision = AS_TRAINED
) -> dict[str, float]:
    """Return COCO's mAP at an overlap of a half and over ten overlaps, and the mean loss of a place with a box.

    Of a model that draws its boxes itself the loss is what it remarks, and not there where it remarks none.
    """
    said, there = _known(logits, labels)
    if not said:
        return {}
    half, all_overlaps = mean_average_precision(_judged(said, there, len(names)))
    own = [remarked(one) for one in said]
    told = [one for one in own if one is not None]
    if told or any(draws_itself(one) for one in said):
        return {"map_50": half, "map": all_overlaps} | ({"loss": float(np.mean(told))} if told else {})
    return {"map_50": half, "map": all_overlaps, "loss": _mean_loss(said, there)}


def _mean_loss(said: Sequence[NDArray[np.float32]], there: Sequence[NDArray[np.float64]]) -> float:
    import torch

    total, places = 0.0, 0
    for one, truth in zip(said, there, strict=True):
        total += float(_loss_of(torch.from_numpy(np.array(one)), torch.from_numpy(truth).float()))
        places += int((matched(truth[:, 1:], one[:, -4:].astype(np.float64)) >= 0).sum())
    return total / max(1, places)


def intervals(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, tuple[float, float]]:
    """Return between what each mAP lies on other pictures of the same kind, 95 times of 100 (bootstrap).

    Where all pictures are alike, as when each thing was found, pictures drawn again cannot tell: nothing is said then.
    """
    said, there = _known(logits, labels)
    if len(said) < FEWEST_PICTURES:
        return {}
    chance = np.random.default_rng(0)
    shown, wanted = [drawn(one) for one in said], [present(one) for one in there]
    found = []
    for _ in range(RESAMPLES):
        rows = chance.integers(0, len(said), len(said))
        found.append(
            mean_average_precision(judge([shown[row] for row in rows], [wanted[row] for row in rows], len(names)))
        )
    low, high = np.percentile(np.array(found), [2.5, 97.5], axis=0)
    both = zip(("map_50", "map"), low.tolist(), high.tolist(), strict=True)
    return {key: (least, most) for key, least, most in both if most > least}


FEWEST_PICTURES = 5
RESAMPLES = 40


def report(
    logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str], decision: Decision = AS_TRAINED
) -> dict[str, Any]:
    """Return the table by kind of thing, of boxes from the threshold on, ready for JSON; `rows` there counts things."""
    logits_known, there = _known(logits, labels)
    judged = _judged(logits_known, there, len(names))
    table, threshold = [], decision.threshold
    shown = [one.above(threshold) for one in judged]
    for kind, one, shown_of_kind in zip(names, judged, shown, strict=True):
        right, said = shown_of_kind
        precision, recall = right / max(1, said), right / max(1, one.there)
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0
        half = float(np.nan_to_num(one.average_precision()[0]))
        table.append(
            {"label": kind, "rows": one.there, "precision": precision, "recall": recall, "f1": f1, "map_50": half}
        )
    return {"labels": list(names), "per_class": table, "rows": len(logits_known), "threshold": threshold}


def choose(logits: NDArray[Any], truth: NDArray[Any], names: Sequence[str]) -> Decision:
    """Return from which probability on boxes are drawn: where F1 is best on these (validation) pictures."""
    best = best_threshold(_judged(*_known(logits, truth), len(names)))
    return Decision(threshold=best.value)


def condensed(logits: NDArray[Any]) -> NDArray[np.object_]:
    """Return only the places that can become boxes: what is stored of a run's answers."""
    from ftstudio.engine.answers.outputs import by_row

    return by_row([promising(one) for one in logits])


def decode(
    logits: NDArray[Any], inputs: Sequence[str], names: Sequence[str], decision: Decision = AS_TRAINED
) -> list[Prediction]:
    """Return one answer per picture (`inputs` are their paths): the boxes that are likely enough, in its pixels."""
    return [_prediction(one, picture, names, decision) for one, picture in zip(logits, inputs, strict=True)]


def _prediction(said: NDArray[np.float32], picture: str, names: Sequence[str], decision: Decision) -> Prediction:
    size = upright_size(Path(picture)) or (1, 1)
    found = in_pixels(drawn(said).above(decision.threshold), names, size)
    return Prediction(input=picture, label=boxes.sentence(found), probabilities={}, boxes=found)
