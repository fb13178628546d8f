"""The one door to the engine: the wire, the console and the tests all come in here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ftstudio.core import catalog
from ftstudio.core.messages import Event, Request
from ftstudio.engine.context import JobContext
from ftstudio.engine.control import Control


def execute(request: Request, emit: Callable[[Event], None], control: Control | None = None) -> dict[str, Any]:
    """Run the job that `request` names and return its JSON document.

    Args:
        request: the job's key in the catalogue, the project folder and the job's options.
        emit: is given every event, in order, from the thread that calls `execute`.
        control: may be obeyed from other threads to stop or pause the job.

    Raises:
        InputError: the request cannot be carried out as asked; nothing was changed on disk.
        StudioError: the work failed; what was complete before is kept.
    """
    job = catalog.jobs().module(request.job)
    context = JobContext(emit=emit, control=control or Control(), folder=request.project)
    document: dict[str, Any] = job.run(request, context)
    return document
