"""The forgetting check: how surprised a model that writes is by general English before it learns, and after.

What a model learns it may pay for with what it knew (Biderman et al. 2024, arXiv:2405.09673: adapters forget less). The
text is of a kind that hardly anybody trains on: ten paragraphs of old books (`resources/texts`).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio.core import resources
from ftstudio.core.specs import Answer
from ftstudio.core.text import Text, as_score, text
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.runs.preparation import Prepared

A_LITTLE, MUCH = 0.05, 0.3  # nats a token: one token in twenty, one in three is foreseen as if by chance


def general_loss(prepared: Prepared) -> float | None:
    """Return the mean loss of a token of general English, in nats; None for a model that does not go on with texts."""
    if prepared.task.SPEC.answer is not Answer.TEXT:
        return None
    paragraphs = resources.path("texts", "general-en.txt").read_text(encoding="utf-8").split("\n\n")
    table: Any = pa.table({"text": [one.strip() for one in paragraphs]})
    bundle = prepared.bundle
    examples = prepared.task.encode(bundle, table, Path())
    feed = ModelFeed(prepared.task, bundle, examples, bundle.settings)
    loss = prepared.task.score(logits_of(feed, prepared.hardware), feed.truth).get("loss", math.nan)
    return loss if math.isfinite(loss) else None


def told(before: float | None, after: float | None) -> dict[str, Any]:
    """Return what the document of a run says of it: both losses, and a sentence; {} where one is not known."""
    if before is None or after is None:
        return {}
    figures = {"before": before, "after": after}
    return {"general_loss": figures, "forgetting": _sentence(before, after).model_dump()}


def is_grave(before: float | None, after: float | None) -> bool:
    """Whether so much was forgotten that one should know before the model is used."""
    return before is not None and after is not None and after - before > MUCH


def _sentence(before: float, after: float) -> Text:
    figures = {"before": as_score(before), "after": as_score(after)}
    if after - before > MUCH:
        return text(
            "It forgot much of what it knew: its loss on general English rose from {before} to {after}. Use LoRA, a "
            "smaller learning rate or fewer epochs if it shall still write about other things.",
            **figures,
        )
    if after - before > A_LITTLE:
        return text(
            "It forgot a little of what it knew: its loss on general English rose from {before} to {after}.", **figures
        )
    return text("It forgot nothing to speak of: its loss on general English was {before} and is {after}.", **figures)
