"""Holds off the computer's sleep while a run is at work, where the system offers a way; elsewhere it does nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from ftstudio.core.translation import tr

_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001


class Wakefulness:
    """Ask once to stay awake, let go once. Both are harmless when repeated and when the system refuses."""

    def __init__(self) -> None:
        self._let_go: Callable[[], object] | None = None

    def hold(self) -> None:
        """Keep the computer awake from now on."""
        if self._let_go is None:
            self._let_go = _HOLDERS.get(sys.platform, _hold_linux)()

    def release(self) -> None:
        """Let it sleep again."""
        let_go, self._let_go = self._let_go, None
        if let_go is not None:
            let_go()


def _hold_linux() -> Callable[[], object] | None:
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return None
    from PySide6.QtDBus import QDBusConnection, QDBusInterface, QDBusMessage

    name, path = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"
    service = QDBusInterface(name, path, name, QDBusConnection.sessionBus())
    if not service.isValid():
        return None
    reply = service.call("Inhibit", "Fine-Tuning Studio", tr("A model is being trained."))
    if reply.type() is QDBusMessage.MessageType.ErrorMessage:
        return None
    cookie = reply.arguments()[0]
    return lambda: service.call("UnInhibit", cookie)


def _hold_mac() -> Callable[[], object] | None:
    try:
        process = subprocess.Popen(["/usr/bin/caffeinate", "-i", "-w", str(os.getpid())])
    except OSError:
        return None
    return process.terminate


def _hold_windows() -> Callable[[], object] | None:
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  # exists on Windows only
    kernel.SetThreadExecutionState(_CONTINUOUS | _SYSTEM_REQUIRED)
    return lambda: kernel.SetThreadExecutionState(_CONTINUOUS)


_HOLDERS: dict[str, Callable[[], Callable[[], object] | None]] = {"darwin": _hold_mac, "win32": _hold_windows}
