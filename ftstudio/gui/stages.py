"""How each stage of the window stands: one small rule a stage, looked up by its key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ftstudio.core.problems import Severity
from ftstudio.core.states import RunState, StageState
from ftstudio.project.exports import has_export

if TYPE_CHECKING:
    from ftstudio.gui.session import Session


def state(key: str, session: Session) -> StageState:
    """Return the state of the stage `key`; a stage without a rule is just ready."""
    rule = _RULES.get(key)
    return rule(session) if rule is not None else StageState.READY


def _model(session: Session) -> StageState:
    if session.model_missing is not None:
        return StageState.WARNING
    return StageState.EMPTY if session.model is None else StageState.DONE


def _data(session: Session) -> StageState:
    if session.dataset is None:
        return StageState.EMPTY
    serious = any(problem.severity is not Severity.NOTE for problem in session.problems)
    return StageState.WARNING if serious else StageState.DONE


def _settings(session: Session) -> StageState:
    if session.project is None:
        return StageState.EMPTY
    if session.resolved is None:
        return StageState.WARNING
    return StageState.DONE if session.facts is not None else StageState.READY


def _advice(session: Session) -> StageState:
    if session.dataset is None or session.model is None:
        return StageState.EMPTY
    return StageState.READY


def _train(session: Session) -> StageState:
    if session.trainer.is_active:
        return StageState.ACTIVE
    if session.runs and session.runs[0].status.state in (RunState.FAILED, RunState.INTERRUPTED):
        return StageState.WARNING
    if any(run.status.state.has_result for run in session.runs):
        return StageState.DONE
    return StageState.READY if session.can_train() else StageState.EMPTY


def _runs(session: Session) -> StageState:
    if any(run.status.state.has_result for run in session.runs):
        return StageState.DONE
    return StageState.READY if session.runs else StageState.EMPTY


def _results(session: Session) -> StageState:
    return StageState.DONE if session.run() is not None else StageState.EMPTY


def _export(session: Session) -> StageState:
    if session.project is None or session.run() is None:
        return StageState.EMPTY
    return StageState.DONE if has_export(session.project.layout) else StageState.READY


_RULES: dict[str, Callable[[Session], StageState]] = {
    "model": _model,
    "data": _data,
    "settings": _settings,
    "advice": _advice,
    "train": _train,
    "runs": _runs,
    "results": _results,
    "try": _results,
    "export": _export,
}
