"""What a run of the open project costs with some settings: the parts of its model, the estimate, a known speed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ftstudio.core.effort import effort
from ftstudio.core.module_tree import Part, with_new_head
from ftstudio.core.presets import Facts
from ftstudio.core.settings import TrainingSettings
from ftstudio.gui.panels.estimate import Estimate, estimate
from ftstudio.gui.session import Session

_DECIDE_SPEED = ("tuning_method", "picture_size", "detector")


def cost_of(session: Session) -> Estimate:
    """Return the estimate for the settings as they are; the session must know them."""
    if session.resolved is None:
        raise ValueError("the settings are not known")
    return cost_with(session, session.resolved.settings)


def cost_with(session: Session, settings: TrainingSettings) -> Estimate:
    """Return the estimate for a run of the project with `settings`."""
    facts = session.facts or Facts(rows=0)
    speed = known_speed(session, settings)
    return estimate(settings, facts, effort(model_parts(session), settings), speed)


def model_parts(session: Session) -> list[Part]:
    """Return the parts of the project's model as it will be trained, with its new head; empty while not known."""
    model = session.model
    if model is None or not model.outline:
        return []
    classes = session.facts.classes if session.facts else len(session.dataset.labels) if session.dataset else 0
    return with_new_head(model.outline, model.hidden_size, classes or 2)


def known_speed(session: Session, settings: TrainingSettings) -> float | None:
    """Return the rows per second of the newest run with the same tuning method, size of pictures and detector."""
    wanted = {key: getattr(settings, key) for key in _DECIDE_SPEED}
    for run in session.runs:
        if run.head is not None and run.request is not None and _some(run.request.settings) == wanted:
            speed = run.head.samples_per_second
            if speed is not None and speed > 0:
                return speed
    return None


def _some(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a run's settings those that decide its speed; one from before a setting existed has its default."""
    return {key: values.get(key, TrainingSettings.model_fields[key].default) for key in _DECIDE_SPEED}
