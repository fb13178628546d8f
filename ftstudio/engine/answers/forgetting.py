"""The forgetting check: how surprised a model that writes is by general texts before it learns, and after.

What a model learns it may pay for with what it knew (Biderman et al. 2024, arXiv:2405.09673: adapters forget less). The
text is of a kind that hardly anybody trains on: some paragraphs of old books and of plain tales (`resources/texts`), in
the language of the training rows where there are such, else in English. The sentence names the language.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio.core import resources
from ftstudio.core.languages import NAMES, language_of
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.text import Text, as_score, text
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.runs.preparation import Prepared

A_LITTLE, MUCH = 0.05, 0.3  # nats a token: one token in twenty, one in three is foreseen as if by chance
_LOOKED_AT = 64  # training rows: enough to know their language


def language(prepared: Prepared) -> str:
    """Return the code of the language that the check is made in: that of the training rows, as far as it is known."""
    if prepared.task.SPEC.answer is not Answer.TEXT:
        return "en"
    rows = prepared.whole[Split.TRAIN]
    ids = rows.batch(range(min(len(rows.labels), _LOOKED_AT))).inputs["input_ids"].flatten().tolist()
    return language_of([prepared.bundle.processor.decode(ids, skip_special_tokens=True)]) or "en"


def general_loss(prepared: Prepared, code: str) -> float | None:
    """Return the mean loss of a token of general texts in a language, in nats; None for a model that does not go on
    with texts.
    """
    if prepared.task.SPEC.answer is not Answer.TEXT:
        return None
    paragraphs = resources.path("texts", f"general-{code}.txt").read_text(encoding="utf-8").split("\n\n")
    table: Any = pa.table({"text": [one.strip() for one in paragraphs]})
    bundle = prepared.bundle
    examples = prepared.task.encode(bundle, table, Path())
    feed = ModelFeed(prepared.task, bundle, examples, bundle.settings)
    loss = prepared.task.score(logits_of(feed, prepared.hardware), feed.truth).get("loss", math.nan)
    return loss if math.isfinite(loss) else None


def told(before: float | None, after: float | None, code: str) -> dict[str, Any]:
    """Return what the document of a run says of it: both losses, in which language, and a sentence; {} where one loss
    is not known.
    """
    if before is None or after is None:
        return {}
    figures = {"before": before, "after": after}
    return {
        "general_loss": figures,
        "general_language": code,
        "forgetting": _sentence(before, after, code).model_dump(),
    }


def is_grave(before: float | None, after: float | None) -> bool:
    """Whether so much was forgotten that one should know before the model is used."""
    return before is not None and after is not None and after - before > MUCH


def _sentence(before: float, after: float, code: str) -> Text:
    figures = {"before": as_score(before), "after": as_score(after), "language": NAMES[code]}
    if after - before > MUCH:
        return text(
            "It forgot much of what it knew: its loss on general texts in {language} rose from {before} to {after}. "
            "Use LoRA, a smaller learning rate or fewer epochs if it shall still write about other things.",
            **figures,
        )
    if after - before > A_LITTLE:
        return text(
            "It forgot a little of what it knew: its loss on general texts in {language} rose from {before} to "
            "{after}.",
            **figures,
        )
    return text(
        "It forgot nothing to speak of: its loss on general texts in {language} was {before} and is {after}.", **figures
    )
