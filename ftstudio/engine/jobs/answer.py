"""The job `answer`: keeps the models of runs loaded and answers each `Ask` with an `Answer`, until nobody asks."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Answer, Ask, Request, Started, Writing
from ftstudio.core.specs import JobSpec
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext

SPEC = JobSpec(key="answer", title=N_("Answers to new input"))

PATIENCE = 300.0


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Answer questions until a stop or until none has come for a while; `Started` tells that the first may come.

    Options: `runs` (those to have ready: an id, `best`, or none for the latest), `patience` in seconds. What a
    question holds and what its answer says is in `engine.inference.asking`. Of several that wait only the newest is
    answered.
    """
    project = context.project().layout
    from ftstudio.engine.inference import asking  # after the checks above, because torch takes seconds to come

    models = asking.Models(project, context.progress, lambda: not context.control.questions.empty())
    ready = [models.get(wanted) for wanted in request.options.get("runs") or [None]]
    hardware = ready[0].hardware
    context.emit(Started(job=SPEC.key, pid=os.getpid(), device=hardware.describe(), precision=hardware.precision))
    answered = 0
    patience = float(request.options.get("patience", PATIENCE))
    while (ask := _newest(context.control.questions, patience)) is not None:
        document = asking.reply(models, ask.question, _teller(context, ask.number))
        context.emit(Answer(number=ask.number, document=document))
        answered += 1
    return {"answered": answered, "ended_because": "asked to" if context.control.stop_requested else "idle"}


def _teller(context: JobContext, number: int) -> Callable[[str, str], None]:
    return lambda run, words: context.emit(Writing(number=number, run=run, words=words))


def _newest(questions: queue.SimpleQueue[Ask | None], patience: float) -> Ask | None:
    """Return the newest question, waiting for one; None after `patience` seconds without any, or at a stop."""
    newest: Ask | None = None
    with suppress(queue.Empty):
        while (ask := questions.get(timeout=patience if newest is None else 0.0)) is not None:
            newest = ask
        return None
    return newest
