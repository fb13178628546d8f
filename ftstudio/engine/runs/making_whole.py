"""The end of a run that learned beside weights in 4 bits: its adapters go beside the whole weights of the base model.

That is the model which leaves the program, so what it scores is told beside what it scored before.
"""

from __future__ import annotations

from typing import Any

import torch

from ftstudio.core.states import Split
from ftstudio.core.text import Text, as_score, text
from ftstudio.engine.device import Hardware
from ftstudio.engine.layers import four_bits
from ftstudio.engine.learning import memory
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.runs.preparation import Prepared


def make_whole(prepared: Prepared) -> dict[str, Any]:
    """Give the kept model whole weights, if some of it are in 4 bits; returns what the document of the run says of it.

    Where the whole model does not fit on the device, the rest of the run is computed by the processor.
    """
    bundle = prepared.bundle
    if not four_bits.small_layers(bundle.model):
        return {}
    before = _score(prepared)
    bundle.model.to("cpu")
    base = prepared.task.load(bundle.base, bundle.labels, bundle.settings, trained=False)
    four_bits.make_whole(bundle.model, base.model)
    _move(prepared)
    after = _score(prepared)
    figures = {} if before is None or after is None else {"before": before, "after": after}
    return {"whole_score": figures, "made_whole": _sentence(prepared, figures).model_dump()}


def _move(prepared: Prepared) -> None:
    try:
        prepared.bundle.model.to(prepared.hardware.device)
    except RuntimeError as error:
        if not memory.ran_out(error):
            raise
        prepared.bundle.model.to("cpu")
        memory.give_back(prepared.hardware.device)
        prepared.hardware = Hardware(torch.device("cpu"), "fp32")


def _score(prepared: Prepared) -> float | None:
    """Return the monitored metric on the validation rows; None without any."""
    feed = prepared.whole[Split.VALIDATION]
    if not len(feed.labels):
        return None
    scores = prepared.task.score(logits_of(feed, prepared.hardware), feed.truth, prepared.bundle.labels)
    return scores.get(prepared.bundle.settings.monitor)


def _sentence(prepared: Prepared, figures: dict[str, float]) -> Text:
    if not figures:
        return text("It learned beside weights in 4 bits, and leaves with the whole ones of the base model.")
    return text(
        "It learned beside weights in 4 bits, and leaves with the whole ones of the base model: its validation "
        "{metric} was {before} and is {after}.",
        metric=text(prepared.task.SPEC.metric(prepared.bundle.settings.monitor).in_sentence),
        before=as_score(figures["before"]),
        after=as_score(figures["after"]),
    )
