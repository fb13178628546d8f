"""The job `explain`: what in one text or picture speaks for a label, and whether that can be relied on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Request
from ftstudio.core.samples import Explanation
from ftstudio.core.specs import Answer, JobSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.engine.jobs.predict import inputs

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext

SPEC = JobSpec(key="explain", title=N_("Explanation"))


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Explain an answer; returns the `explain` document.

    Options: `run` (an id, `best`, or none for the latest), `text` or `file`, `pair` (the second text of a pair),
    `label` (none: the model's own answer) and `method` (none: the best that suits the model).
    """
    from ftstudio.project.runs import find_run

    project, options = context.project(), request.options
    asked = {
        "texts": [options["text"]] if options.get("text") is not None else [],
        "files": [options["file"]] if options.get("file") else [],
    }
    (name, *_), (value, *_) = inputs(catalog.tasks().spec(project.file.task), asked)
    run_asked = find_run(project.layout, options.get("run"))
    task = run_asked.request.spec if run_asked.request is not None else catalog.tasks().spec(project.file.task)
    if task.answer is not Answer.LABEL:
        raise InputError(
            text("Answers of the task “{task}” cannot be explained yet.", task=text(task.title)),
            text("`ftstudio predict` tells how sure the model is of each place."),
            field="task",
        )
    from ftstudio.engine.explaining.explain import explain
    from ftstudio.engine.inference import answering  # after the checks above, because torch takes seconds to come
    from ftstudio.engine.vision.pictures import UnreadablePictureError

    context.progress(text("Loading the model"))
    trained = answering.load(run_asked)
    context.control.check()
    context.progress(text("Looking for what speaks for the answer"))
    try:
        found = explain(trained, value, options.get("label"), options.get("method"), pair=options.get("pair"))
    except UnreadablePictureError as error:
        raise InputError(error.message, error.hint, **error.where.model_dump()) from error
    return document_of(trained.run, name, found)


def document_of(run: str, name: str, found: Explanation) -> dict[str, Any]:
    """Return an explanation as it travels: `Explanation.model_validate(document["explanation"])` reads it back."""
    return {"run": run, "input": name, "explanation": found.model_dump(mode="json")}
