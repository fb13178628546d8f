"""A project that another window is changing can be looked at: whatever would change it is out of use and says why."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from ftstudio.core.translation import N_, tr
from ftstudio.gui.session import Session

WHY = N_("The project is open to look at only: another window may be changing it.")


def needs_writing(session: Session, *widgets: QWidget) -> None:
    """Keep widgets out of use, with the reason as their tip, while the open project may only be looked at."""
    for widget in widgets:
        _Guard(session, widget)


class _Guard(QObject):
    """Holds one widget down, whoever enables it; belongs to the widget."""

    def __init__(self, session: Session, widget: QWidget) -> None:
        super().__init__(widget)
        self._session, self._widget = session, widget
        self._own_tip: str | None = None
        widget.installEventFilter(self)
        session.project_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        if self._session.only_looking:
            if self._own_tip is None:
                self._own_tip = self._widget.toolTip()
            self._widget.setToolTip(tr(WHY))
            self._widget.setEnabled(False)
        elif self._own_tip is not None:
            self._widget.setToolTip(self._own_tip)
            self._widget.setEnabled(True)
            self._own_tip = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Undo what a page enables while it must not be used."""
        enabled = event.type() is QEvent.Type.EnabledChange and watched is self._widget and self._widget.isEnabled()
        if enabled and self._session.only_looking:
            self._widget.setEnabled(False)
        return False
