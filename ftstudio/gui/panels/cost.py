"""What a run with the project's settings will cost, for pages that do not show the settings themselves."""

from __future__ import annotations

from ftstudio.core.presets import Facts
from ftstudio.gui.panels.estimate import Estimate, estimate
from ftstudio.gui.panels.outline_bar import learning_share
from ftstudio.gui.session import Session


def cost_of(session: Session) -> Estimate:
    """Return the estimate for the settings as they are; the session must know them."""
    if session.resolved is None:
        raise ValueError("the settings are not known")
    settings, facts = session.resolved.settings, session.facts or Facts(rows=0)
    return estimate(
        settings, facts, learning_share(settings, session.model), known_speed(session, settings.tuning_method)
    )


def known_speed(session: Session, method: str) -> float | None:
    """Return the rows per second of the newest run with the same tuning method."""
    for run in session.runs:
        if run.report is not None and run.request is not None and run.request.settings.get("tuning_method") == method:
            speed = run.report.document.get("samples_per_second")
            if isinstance(speed, int | float) and speed > 0:
                return float(speed)
    return None
