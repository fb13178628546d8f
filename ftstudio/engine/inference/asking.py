"""Questions to models that stay loaded: what the job `answer` knows and how it replies to one question.

A question names the runs that shall answer it, so that two of them can be compared in one process.
"""

from __future__ import annotations

import tempfile
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from PIL import Image

from ftstudio.core import options
from ftstudio.core.errors import CancelledError, ErrorDocument, InputError
from ftstudio.core.manner import Manner
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import Text, text
from ftstudio.engine.inference import answering, untuned
from ftstudio.engine.inference.answering import Trained
from ftstudio.engine.language import writing
from ftstudio.engine.learning import memory
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import find_run

MOST_LOADED, SECONDS_BETWEEN = 2, 0.05
_WARM_UP = "A text of a few words, so that the first question finds everything ready."

Tell = Callable[[Text, int, int], None]


class Models:
    """Models by run, loaded when first asked for; the one that was asked longest ago makes room for a third.

    `overtaken` says whether another question waits already: then the one being answered is given up.
    """

    def __init__(self, project: ProjectLayout, tell: Tell, overtaken: Callable[[], bool] = lambda: False) -> None:
        self._project, self._tell, self._overtaken = project, tell, overtaken
        self._loaded: OrderedDict[str | None, Trained] = OrderedDict()

    def get(self, run: str | None) -> Trained:
        """Return the model of a run, or `base:` and its id for the one it was made from, warmed up.

        Raises `InputError` when there is none or it is damaged.
        """
        if run not in self._loaded:
            run = self._load(run)
        self._loaded.move_to_end(run)
        model = self._loaded[run]
        if model.run.startswith(untuned.PREFIX):
            return model
        return replace(model, decision=read_decision(self._project.run(model.run)))  # it may have changed since

    def check(self) -> None:
        """Raise `CancelledError` when nobody waits for what is being answered any more."""
        if self._overtaken():
            raise CancelledError

    def _load(self, run: str | None) -> str:
        is_base = run is not None and run.startswith(untuned.PREFIX)
        summary = find_run(self._project, run.removeprefix(untuned.PREFIX) if run and is_base else run)
        name = f"{untuned.PREFIX}{summary.id}" if is_base else summary.id
        if name in self._loaded:
            return name
        self._tell(text("Loading the model of “{run}”", run=summary.name), 0, 0)
        while len(self._loaded) >= MOST_LOADED:
            _, oldest = self._loaded.popitem(last=False)
            memory.give_back(oldest.hardware.device)
        model = untuned.load(self._project, summary, self._tell) if is_base else answering.load(summary)
        warm_up(model)
        self._loaded[name] = model
        return name


def warm_up(model: Trained) -> None:
    """Answer something once: the first pass of a model chooses and compiles what all later ones use."""
    if model.task.SPEC.answer.writes:
        replace(model, manner=Manner(length=1)).predict([_WARM_UP])
        return
    if model.role is ColumnRole.TEXT:
        model.predict([_WARM_UP], pairs=[_WARM_UP] if model.task.SPEC.answer is Answer.EXTRACT else ())
        return
    with tempfile.TemporaryDirectory(prefix="ftstudio-") as folder:
        path = Path(folder) / "grey.png"
        Image.new("RGB", (320, 240), "grey").save(path)
        model.predict([str(path)])


def _to_nobody(run: str, words: str) -> None:
    """Tell nobody what is written."""


def reply(models: Models, question: Mapping[str, Any], hear: Callable[[str, str], None] = _to_nobody) -> dict[str, Any]:
    """Return the document of an `Answer`: `answers`, one a run, or the `error` that kept it from being answered.

    `hear` is told the run and what its model has written so far, some times a second. `texts` by run may take the
    place of `text`: in a conversation each model goes on with its own answers.
    `loading` are the seconds that went into models which were not loaded yet. A question with `explain` (a label, or
    true for the answer given) also gets the `explanation` of what the first run says.
    Nothing that a question causes ends the process: the next one may be a good one.
    """
    try:
        began = time.perf_counter()
        asked = [models.get(run) for run in question.get("runs") or [None]]
        loading = time.perf_counter() - began
        document = {"answers": [_answer(model, question, models.check, hear) for model in asked], "loading": loading}
        return {**document, **_explanation(asked[0], question)}
    except Exception as error:
        details = "" if isinstance(error, InputError) else traceback.format_exc()
        return {"error": ErrorDocument.of(error, details).model_dump()}


def _answer(
    model: Trained, question: Mapping[str, Any], check: Callable[[], None], hear: Callable[[str, str], None]
) -> dict[str, Any]:
    own = (question.get("texts") or {}).get(model.run)
    table, shown = _row(model, question if own is None else {**question, "text": own})
    if question.get("manner"):
        model = replace(model, manner=options.read(Manner, question["manner"]))
    began = time.perf_counter()
    with writing.heard_by(_now_and_then(lambda words: hear(model.run, words))):
        prediction = model.answer(table, [shown], lambda done, total: check())[0]
    took = time.perf_counter() - began
    talks = {"talks": writing.is_chat(model.bundle)} if model.task.SPEC.answer.writes else {}
    return {"run": model.run, "seconds": took, **talks, **prediction.model_dump(exclude={"input"})}


def _now_and_then(hear: Callable[[str], None]) -> Callable[[str], None]:
    last = -SECONDS_BETWEEN

    def told(words: str) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN:
            last = time.monotonic()
            hear(words)

    return told


def _explanation(model: Trained, question: Mapping[str, Any]) -> dict[str, Any]:
    wanted = question.get("explain")
    if not wanted:
        return {}
    from ftstudio.engine.explaining.explain import explain

    value = str(question["file"] if model.role is ColumnRole.IMAGE else question["text"])
    label = wanted if isinstance(wanted, str) else None
    return {"explanation": explain(model, value, label, pair=question.get("text_pair")).model_dump()}


def _row(model: Trained, question: Mapping[str, Any]) -> tuple[pa.Table, str]:
    """Return the question as a table of one row, columns named by role, and what to call it."""
    first = question.get("file") if model.role is ColumnRole.IMAGE else question.get("text")
    if not first or not str(first).strip():
        raise InputError(text("There is nothing to answer yet."), text("Type a text or choose a picture."))
    if model.task.SPEC.answer is Answer.EXTRACT and not str(question.get("text_pair") or "").strip():
        raise InputError(text("There is no text to find the answer in yet."), text("Type or paste it below."))
    cells = {model.role.value: [str(first)]}
    if model.role is ColumnRole.TEXT and question.get("text_pair") is not None:
        cells[ColumnRole.TEXT_PAIR.value] = [str(question["text_pair"])]
    return pa.table({role: pa.array(values, pa.string()) for role, values in cells.items()}), str(first)
