"""Finds the pages by walking `gui.pages` and builds each when it is first shown.

What the rail needs (key, title, icon, order) is read without importing a page, because a page may need libraries
that take as long to load as the window itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import pages, written_classes
from ftstudio.gui.operations import Operations
from ftstudio.gui.session import Session
from ftstudio.gui.written_classes import WrittenClass

_ATTRIBUTES = ("key", "title", "icon", "order")


@dataclass(frozen=True)
class Stage:
    """One page of the window, as its class says."""

    key: str
    title: str
    icon: str
    order: int
    page: WrittenClass

    @property
    def shown_title(self) -> str:
        """The title in the language in use."""
        return tr(self.title)

    def build(self, session: Session, operations: Operations) -> QWidget:
        """Import and build the page."""
        page: QWidget = self.page.load()(session, operations)
        return page


def find() -> list[Stage]:
    """Return all stages in their order."""
    found = [Stage(page=page, **page.values) for page in written_classes.find(pages, _ATTRIBUTES)]
    return sorted(found, key=lambda stage: stage.order)
