"""Which rows of a result may be shown, in the order in which they are offered: the one place that decides it."""

from __future__ import annotations

from ftstudio.gui import seal
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.project.runs import RunSummary


def visible_splits(session: Session, run: RunSummary, document: RunDocument) -> list[str]:
    """Return the splits whose figures may be shown, the one to show first in front."""
    return [split for split in document.splits() if split in seal.visible_splits(session, run)]
