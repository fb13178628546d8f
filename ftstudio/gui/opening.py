"""Opens files in whatever the system opens them with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from ftstudio.core.translation import tr
from ftstudio.gui import notifications


def show_file(path: Path) -> None:
    """Open a file, or tell where it is."""
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        notifications.centre().post(tr("It lies here: {folder}").format(folder=path))
