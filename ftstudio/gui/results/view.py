"""What a view of a result is: a tab of the Results page that shows one run on one split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtWidgets import QWidget

from ftstudio.gui.operations import Operations
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session
from ftstudio.project.runs import RunSummary


@dataclass(frozen=True)
class Wanted:
    """Which samples are asked for: of a split, with a true and a predicted label; empty means any."""

    split: str = ""
    truth: str = ""
    predicted: str = ""


class ResultView(QWidget):
    """Base of views. A subclass has `key`, `title` (`N_("…")`), `order` and `answers` (the kinds of answer that it can
    show, `core.specs.Answer`, with spaces between) as plain class attributes, is made when its tab is first chosen, and
    must fill itself in `show_result` without making the window wait: what takes longer than a blink goes through
    `operations`.

    `session.samples_requested` brings the tab `samples` to the front; `session.view_requested` any other.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    order: ClassVar[int]
    answers: ClassVar[str]

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self.session, self.operations = session, operations

    def show_result(self, run: RunSummary, document: RunDocument, split: str) -> None:
        """Show what the run's model answered to the rows of `split`; called again whenever one of them changes."""
        raise NotImplementedError

    def look_for(self, wanted: Wanted) -> None:
        """Show only some samples; only a view that lists samples has anything to do."""
