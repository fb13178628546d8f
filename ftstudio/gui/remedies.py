"""Carries out a remedy that advice offers, whoever gave the advice: one click, one step that can be undone."""

from __future__ import annotations

from collections.abc import Callable

from ftstudio.core.advice import Remedy
from ftstudio.core.errors import StudioError
from ftstudio.core.settings import Overrides
from ftstudio.core.translation import tr
from ftstudio.gui import notifications
from ftstudio.gui.session import Session


def apply(session: Session, remedy: Remedy) -> None:
    """Do what `remedy` says in the open project, and tell that it was done; a failure is told, nothing is half done."""
    try:
        _ACTIONS[remedy.action](session, remedy)
    except StudioError as error:
        notifications.centre().error(error)


def _change_settings(session: Session, remedy: Remedy) -> None:
    if session.file is None:
        return
    before = session.file.settings
    after = Overrides(preset=before.preset, values={**before.values, **remedy.values})
    words = remedy.label.render()
    session.set_overrides(after, words)
    _tell(session, tr("Done: {what}. The next run uses it.").format(what=words))


def _stop(session: Session, remedy: Remedy) -> None:
    session.trainer.stop()


def _start_study(session: Session, remedy: Remedy) -> None:
    session.stage_requested.emit("advice")
    session.command_requested.emit("start_study", str(remedy.values.get("study", "")))


def _change_data(session: Session, remedy: Remedy) -> None:
    if remedy.fix is not None:
        session.apply_fix(remedy.fix)
        _tell(session, tr("Done: {what}.").format(what=remedy.label.render()))


def _look(session: Session, remedy: Remedy) -> None:
    session.stage_requested.emit("data")
    session.command_requested.emit(str(remedy.values.get("view", "")), "")


def _tell(session: Session, words: str) -> None:
    notifications.centre().post(words, "success", actions=((tr("Undo"), session.undo),))


_ACTIONS: dict[str, Callable[[Session, Remedy], None]] = {
    "settings": _change_settings,
    "stop": _stop,
    "study": _start_study,
    "data": _change_data,
    "look": _look,
}
