"""Finds the views of a result by walking their package; each is imported and built when its tab is first chosen."""

from __future__ import annotations

from dataclasses import dataclass

from ftstudio.core.specs import Answer
from ftstudio.core.translation import tr
from ftstudio.gui import results, written_classes
from ftstudio.gui.operations import Operations
from ftstudio.gui.results.view import ResultView
from ftstudio.gui.session import Session
from ftstudio.gui.written_classes import WrittenClass


@dataclass(frozen=True)
class Tab:
    """One view, as its class says."""

    key: str
    title: str
    order: int
    answers: str
    view: WrittenClass

    @property
    def shown_title(self) -> str:
        """The title in the language in use."""
        return tr(self.title)

    def build(self, session: Session, operations: Operations) -> ResultView:
        """Import and build the view."""
        view: ResultView = self.view.load()(session, operations)
        return view


def find(answer: Answer) -> list[Tab]:
    """Return the tabs for a kind of answer, in their order."""
    found = [
        Tab(view=view, **view.values) for view in written_classes.find(results, ("key", "title", "order", "answers"))
    ]
    fitting = [tab for tab in found if answer.value in tab.answers.split()]
    return sorted(fitting, key=lambda tab: tab.order)
