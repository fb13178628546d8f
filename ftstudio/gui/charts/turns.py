"""Whatever follows a run takes turns: one thing is redrawn at a time, so that the window never waits for all of them.

One timer serves everybody, because timers of their own, however staggered, all come due at once after a busy moment.
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakMethod

import shiboken6
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

TURN_MS = 40

Redraw = Callable[[], bool]


class Turns(QObject):
    """Calls one of its members at each turn: the next that has something to redraw."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._members: list[WeakMethod[Redraw]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(TURN_MS)
        self._timer.timeout.connect(self.next)
        self._timer.start()

    def join(self, redraw: Redraw) -> None:
        """Take part with a method of a widget, as long as that lives; it returns whether it had anything to do."""
        self._members.append(WeakMethod(redraw))

    def next(self) -> None:
        """Give the turn to the first that wants it, and put it last."""
        for member in list(self._members):
            self._members.remove(member)
            redraw = member()
            if redraw is None or not shiboken6.isValid(redraw.__self__):  # type: ignore[attr-defined]  # it is a method
                continue
            self._members.append(member)
            if redraw():
                return


class _One:
    turns: Turns | None = None


def turns() -> Turns:
    """Return the turns of this application."""
    if _One.turns is None or not shiboken6.isValid(_One.turns):
        _One.turns = Turns(QApplication.instance())
    return _One.turns
