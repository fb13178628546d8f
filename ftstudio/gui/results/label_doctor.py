"""Label doctor: rows whose labels are probably wrong, to be fixed or kept; the same panel as on the Data page."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from ftstudio.core.translation import N_
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.label_doctor import LabelDoctor
from ftstudio.gui.results.view import ResultView
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.project.runs import RunSummary


class LabelDoctorView(ResultView):
    """It is about the data of the project, whichever run is shown."""

    key = "label_doctor"
    title = N_("Label doctor")
    order = 60
    answers = "label"

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(session, operations)
        self.panel = LabelDoctor(session, operations)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.panel)

    def show_result(self, run: RunSummary, document: RunDocument, split: str) -> None:
        """Show where things stand."""
        if self.panel.isVisible():
            self.panel.refresh()
