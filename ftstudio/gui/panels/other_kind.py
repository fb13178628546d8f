"""Texts dropped into a project for pictures, or the other way round: what is wrong is said, and the remedy offered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftstudio.core import catalog
from ftstudio.core.errors import StudioError
from ftstudio.core.specs import Modality, TaskSpec
from ftstudio.core.translation import N_, tr
from ftstudio.datasets.inspection import Inspection
from ftstudio.datasets.options import ReadOptions
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.feedback import Banner

KINDS = {Modality.TEXT: N_("texts"), Modality.IMAGE: N_("pictures")}


@dataclass(frozen=True)
class Seen:
    """What a look at sources found, or why it found nothing; `other` is a task of another kind that they would fit."""

    sources: tuple[Path, ...]
    inspection: Inspection | None
    error: StudioError | None = None
    other: TaskSpec | None = None


def see(sources: Sequence[Path], task: TaskSpec, options: ReadOptions | None) -> Seen:
    """Look at sources for a task, and where they do not fit it, for tasks of another kind. Not for the window's thread.

    Raises `StudioError` for sources that fit no task.
    """
    from ftstudio.datasets.importing import inspect

    chosen = tuple(sources)
    try:
        found = inspect(chosen, task.modality, options, task.answer)
    except StudioError as error:
        other = _other(chosen, task)
        if other is None:
            raise
        return Seen(chosen, None, error, other)
    fits = set(task.required) <= set(found.roles)
    return Seen(chosen, found, other=None if fits else _other(chosen, task))


def _other(sources: tuple[Path, ...], task: TaskSpec) -> TaskSpec | None:
    from ftstudio.datasets.importing import inspect

    for modality in set(Modality) - {task.modality}:
        try:
            roles = set(inspect(sources, modality).roles)
        except StudioError:
            continue
        specs: list[TaskSpec] = [spec for spec in catalog.tasks() if spec.modality is modality]
        fitting = [spec for spec in specs if set(spec.required) <= roles]
        if fitting:
            return fitting[0]
    return None


def banner(seen: Seen, session: Session, look_again: Callable[[], object]) -> Banner:
    """Return what to say about sources of another kind, with the button that makes the project, or a new one, fit."""
    task, other = session.task, seen.other
    if task is None or other is None:
        raise ValueError("the sources are of the project's kind")
    words = tr("“{file}” holds {found}, but this is a project for {wanted}.").format(
        file=seen.sources[0].name, found=tr(KINDS[other.modality]), wanted=tr(KINDS[task.modality])
    )
    if session.can_change_task():
        hint = tr("The project has no data and no runs yet, so it can still become another kind.")
        made = Banner(words, "warning", hint, closable=True)
        offer = tr("Make this a {task} project").format(task=tr(other.title).lower())
        made.add_button(offer, lambda: _change(session, other, look_again), "primary")
        return made
    made = Banner(words, "warning", tr("Keep this project as it is and begin another one for it."), closable=True)
    lines = "\n".join(map(str, seen.sources))
    made.add_button(tr("New project with it"), lambda: _begin(session, lines))
    return made


def _change(session: Session, task: TaskSpec, look_again: Callable[[], object]) -> None:
    session.set_task(task.key)
    look_again()


def _begin(session: Session, lines: str) -> None:
    session.stage_requested.emit("home")
    session.command_requested.emit("new_project_from", lines)
