"""The job `predict`: answers of a finished run's model to texts or pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio.core import catalog, options
from ftstudio.core.errors import InputError
from ftstudio.core.manner import Manner
from ftstudio.core.messages import Request
from ftstudio.core.specs import ColumnRole, JobSpec, Modality, TaskSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext

SPEC = JobSpec(key="predict", title=N_("Prediction"))
LARGEST_TEXT = 20_000_000


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Answer inputs; returns the `predict` document.

    Options: `run` (an id, `best`, or none for the latest), `texts`, `files` (a text file holds one text; a picture
    file one picture), `pairs` (second texts: one for each input, or one for all of them), `manner` (how a text is
    written, `core.manner`).
    """
    from ftstudio.project.runs import find_run

    project = context.project()
    task: TaskSpec = catalog.tasks().spec(project.file.task)
    shown, values = inputs(task, request.options)
    pairs = second_texts(task, request.options, len(values))
    run_asked = find_run(project.layout, request.options.get("run"))
    from ftstudio.engine.inference import answering  # after the checks above, because torch takes seconds to come
    from ftstudio.engine.vision.pictures import UnreadablePictureError

    model = replace(answering.load(run_asked), manner=options.read(Manner, request.options.get("manner") or {}))

    def tick(done: int, total: int) -> None:
        context.control.check()
        context.progress(text("Predicting"), done, total)

    try:
        answers = model.predict(values, tick, pairs)
    except UnreadablePictureError as error:
        raise InputError(error.message, error.hint, **error.where.model_dump()) from error
    named = [answer.model_copy(update={"input": name}) for answer, name in zip(answers, shown, strict=True)]
    return {"run": model.run, "task": task.key, "predictions": [answer.model_dump() for answer in named]}


def inputs(task: TaskSpec, options: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return what to call each input and its value; raises `InputError` for one that cannot be read."""
    texts, files = list(options.get("texts") or ()), [Path(path) for path in options.get("files") or ()]
    for path in files:
        if not path.is_file():
            raise InputError(
                text("There is no file “{path}”.", path=str(path)), text("Check the path."), file=str(path)
            )
    names = [str(path) for path in files]
    if task.modality is Modality.IMAGE:
        if texts:
            raise InputError(text("This project classifies pictures, not texts."), text("Give picture files."))
        return names, names
    if not texts and not files:
        raise InputError(text("There is nothing to predict."), text("Give a text or a file."))
    for number, given in enumerate(texts, 1):
        if not given.strip():
            message = text("Text {number} is empty.", number=number) if len(texts) > 1 else text("The text is empty.")
            raise InputError(message, text("Give a text of a word or more."), field="text", row=number)
    return [*texts, *names], [*texts, *(_read(path) for path in files)]


def second_texts(task: TaskSpec, options: dict[str, Any], count: int) -> list[str]:
    """Return the second text of each of `count` inputs, none where the task has none; raises `InputError`."""
    pairs = [str(one) for one in options.get("pairs") or ()]
    if pairs and ColumnRole.TEXT_PAIR not in (*task.required, *task.optional):
        raise InputError(text("This project has no second texts."), text("Leave out --pair."), field="pair")
    if not pairs and ColumnRole.TEXT_PAIR in task.required:
        raise InputError(
            text("There is no text to find the answer in."),
            text("Give it with --pair: one for all questions, or one for each."),
            field="pair",
        )
    if len(pairs) == 1:
        return pairs * count
    if pairs and len(pairs) != count:
        raise InputError(
            text("There are {pairs} second texts for {count} texts.", pairs=len(pairs), count=count),
            text("Give one for all, or one for each."),
            field="pair",
        )
    return pairs


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_TEXT:
            raise InputError(text("“{path}” is too large to be one text.", path=str(path)), file=str(path))
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            text("“{path}” cannot be read as a text: {reason}", path=str(path), reason=str(error)),
            text("Save it as plain text in UTF-8."),
            file=str(path),
        ) from error
    if not content.strip():
        raise InputError(
            text("“{path}” is empty.", path=str(path)), text("Give a text of a word or more."), file=str(path)
        )
    return content
