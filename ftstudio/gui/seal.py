"""The seal of the test rows in the window: what may be shown of a run, and the notice that opens the rest.

Whoever shows figures of a run asks `document_of` (or `visible_splits`) and never the run's report itself.
"""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.advice import Advice, Table
from ftstudio.core.errors import StudioError
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.core.translation import tr
from ftstudio.gui import notifications
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.feedback import Banner
from ftstudio.gui.widgets.labels import caption
from ftstudio.project import seal
from ftstudio.project.runs import RunSummary
from ftstudio.project.studies import StudyReport

_WHERE = text("Open the test result of the run on the Results page once you have chosen your model.")


def visible_splits(session: Session, run: RunSummary) -> list[str]:
    """Return the splits of a run whose figures may be shown: the test rows first, once they were opened for it."""
    return seal.visible_splits(session.project.layout, run) if session.project is not None else []


def is_sealed(session: Session, run: RunSummary) -> bool:
    """Whether a run has a test result that was not opened yet."""
    return seal.has_test(run) and Split.TEST.value not in visible_splits(session, run)


def document_of(session: Session, run: RunSummary) -> RunDocument:
    """Return the result of a run without its test figures while they are sealed; empty where there is no result."""
    document = run.report.document if run.report is not None else {}
    return RunDocument(seal.without_test(document) if is_sealed(session, run) else document)


def study_of(session: Session, report: StudyReport) -> StudyReport:
    """Return a study's report without what it tells of sealed test rows; a note stands in for such advice."""
    if session.project is None:
        return report
    opened = {run.id for run in session.runs if not is_sealed(session, run)}
    anything = bool(seal.looks(session.project.layout))

    def may_show(one: Advice | Table) -> bool:
        return one.test_of is None or (one.test_of in opened if one.test_of else anything)

    sealed = Advice(code="sealed", sentence=text("What this says about the test rows is sealed."), evidence=(_WHERE,))
    advice = tuple(one if may_show(one) else sealed for one in report.advice)
    return report.model_copy(update={"advice": advice, "tables": tuple(filter(may_show, report.tables))})


class SealNotice(QWidget):
    """Says that the test rows are sealed and opens them for one run; afterwards how often they were looked at.

    Hidden for runs that were not scored on test rows.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def show_run(self, run: RunSummary) -> None:
        """Show how the test rows stand for `run`."""
        empty(self._column)
        self.setVisible(seal.has_test(run) and self._session.project is not None)
        if self.isHidden() or self._session.project is None:
            return
        if not is_sealed(self._session, run):
            self._column.addWidget(caption(seal.told(self._session.project.layout).render()))
            return
        made = Banner(
            tr("The test rows are sealed. Open them once you have chosen your model."),
            "note",
            tr("Whoever looks earlier soon chooses by them, and then they no longer say how good the model is."),
            icon="lock",
        )
        made.add_button(tr("Open the test result"), lambda: open_test(self._session, run))
        self._column.addWidget(made)


def open_test(session: Session, run: RunSummary) -> None:
    """Open the test result of a run; this is written down. What stands in the way is told, and it stays sealed."""
    if session.project is None:
        return
    try:
        seal.record(session.project.layout, [run], "window", "results")
    except StudioError as error:
        notifications.centre().error(error)
        return
    session.runs_changed.emit()
