"""Looks for a screen and for the system libraries that Qt needs to draw on it, without importing Qt."""

from __future__ import annotations

import ctypes
import os
import sys

from ftstudio.cli.checkup.findings import Finding
from ftstudio.core.text import text
from ftstudio.core.translation import tr

# What Qt's xcb plugin and its OpenGL layer link against, and the Debian package that brings it. Qt itself names
# only the first of them when any is missing.
LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}


def screen() -> Finding:
    """Find whether a window could be shown; without one the verbs of the command line still work."""
    title = tr("Screen")
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if not sys.platform.startswith("linux") or platform in ("offscreen", "minimal", "vnc"):
        return Finding("screen", title, "ok", text("{name}", name=platform or sys.platform))
    seen = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if not seen:
        hint = text("Start it from a desktop session, or use the verbs: “ftstudio --help” lists them.")
        return Finding("screen", title, "warning", text("there is no screen to show the window on"), hint)
    missing = [package for library, package in LIBRARIES.items() if not _loads(library)]
    if missing:
        found = text("system libraries that the window needs are missing")
        hint = text("Install them: sudo apt-get install {packages}", packages=" ".join(missing))
        return Finding("screen", title, "error", found, hint)
    return Finding("screen", title, "ok", text("{name}", name=seen))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
