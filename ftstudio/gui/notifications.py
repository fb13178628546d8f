"""The one place where the program tells the user that something happened. Knows no Qt: whoever draws subscribes.

An exception that nobody caught ends here as well, as a sentence with a report that can be copied; the window lives.
"""

from __future__ import annotations

import platform
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Literal

from ftstudio import __version__
from ftstudio.core.errors import CancelledError, ErrorDocument, StudioError
from ftstudio.core.text import Text

Severity = Literal["note", "success", "warning", "danger"]
KEPT = 200


@dataclass(frozen=True)
class Notification:
    """One message. `actions` are (button text, what it does); `details` is technical text for the report."""

    severity: Severity
    message: str
    hint: str = ""
    details: str = ""
    actions: tuple[tuple[str, Callable[[], object]], ...] = ()
    time: datetime = field(default_factory=datetime.now)

    def report(self) -> str:
        """Return everything that helps to mend a fault, as text to copy."""
        about = f"Fine-Tuning Studio {__version__}, Python {platform.python_version()}, {platform.platform()}"
        parts = [f"{self.time:%Y-%m-%d %H:%M:%S}  {self.message}", self.hint, about, self.details]
        return "\n\n".join(part for part in parts if part)


Subscriber = Callable[[Notification], None]


class Notifications:
    """Keeps the last messages and hands each new one to its subscribers, on whatever thread it was posted."""

    def __init__(self) -> None:
        self.record: deque[Notification] = deque(maxlen=KEPT)
        self._subscribers: list[Subscriber] = []
        self._lock = threading.Lock()

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call `subscriber` with every message from now on."""
        self._subscribers.append(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Stop calling `subscriber`."""
        if subscriber in self._subscribers:
            self._subscribers.remove(subscriber)

    def post(
        self,
        message: Text | str,
        severity: Severity = "note",
        hint: Text | str | None = None,
        *,
        details: str = "",
        actions: tuple[tuple[str, Callable[[], object]], ...] = (),
    ) -> Notification:
        """Tell the user something; texts are rendered in the language in use."""
        made = Notification(severity, str(message), str(hint or ""), details, actions)
        with self._lock:
            self.record.append(made)
        for subscriber in list(self._subscribers):
            subscriber(made)
        return made

    def error(self, error: BaseException | ErrorDocument) -> Notification | None:
        """Tell what went wrong, why and what to do; a cancelled operation says nothing."""
        if isinstance(error, CancelledError):
            return None
        if isinstance(error, ErrorDocument):
            document = error
        else:
            details = "" if isinstance(error, StudioError) else "".join(traceback.format_exception(error))
            document = ErrorDocument.of(error, details)
        return self.post(document.message, "danger", document.hint, details=document.details)


_CENTRE = Notifications()


def centre() -> Notifications:
    """Return the notifications of this process."""
    return _CENTRE


def catch_everything() -> None:
    """Send every exception that nobody caught, in any thread, to the notifications instead of the console."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda event: _uncaught(event.exc_type, event.exc_value, event.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    centre().error((error or kind()).with_traceback(trace))
