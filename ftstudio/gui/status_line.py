"""The status bar: device and precision, memory, the promise of being offline, and when the project was saved."""

from __future__ import annotations

import os
from datetime import datetime

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar

from ftstudio.core.messages import Heartbeat
from ftstudio.core.quantities import byte_size
from ftstudio.core.translation import tr, tr_plural
from ftstudio.gui import theme
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import label

REFRESH_MS = 2000


class StatusLine(QStatusBar):
    """Quiet facts at the foot of the window, and the background work with its Cancel."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._worker_memory = 0
        self._refused_before, self._refused = 0, 0
        self.setSizeGripEnabled(False)
        self.setContentsMargins(theme.M, 0, theme.M, 0)
        self.facts, self.work, self.saved = QLabel(), QLabel(), QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        self.bar.setAccessibleName(tr("Progress of the background work"))
        self.cancel = button(tr("Cancel"), "link", clicked=self._cancel)
        self.looking = label(tr("To look at only: another window may be changing this project"), "warning")
        self.write_button = button(tr("Open for changing"), "link", clicked=self._open_for_changing)
        for quiet in (self.looking, self.write_button, self.facts):
            self.addWidget(quiet)
        for widget in (self.work, self.bar, self.cancel, self.saved):
            self.addPermanentWidget(widget)
        session.saved.connect(self._show_saved)
        session.project_changed.connect(self._forget_saved)
        session.operations.changed.connect(self._show_work)
        session.trainer.heartbeat.connect(self._hear_heartbeat)
        session.trainer.state_changed.connect(self.refresh)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(REFRESH_MS)
        self.refresh()
        self._forget_saved()
        self._show_work()

    def refresh(self) -> None:
        """Renew the facts."""
        memory = byte_size(self._memory()) if self.isVisible() else ""
        self.facts.setText("  ·  ".join(part for part in (self._device(), memory, self._network()) if part))

    def _device(self) -> str:
        about = self._session.trainer.about
        if about is not None and self._session.trainer.is_active:
            parts = [about.device.upper(), about.precision]
            return ", ".join(part for part in parts if part)
        return tr("{count} processor cores").format(count=os.cpu_count() or 1)

    def _memory(self) -> int:
        import psutil

        own = int(psutil.Process().memory_info().rss)
        return own + (self._worker_memory if self._session.trainer.is_active else 0)

    def _network(self) -> str:
        refused = self._refused_before + self._refused
        if not refused:
            return tr("offline: 0 network calls")
        counted = tr_plural("offline: {count} network call refused", "offline: {count} network calls refused", refused)
        return counted.format(count=refused)

    def _hear_heartbeat(self, event: Heartbeat) -> None:
        self._worker_memory = event.memory_bytes
        if event.network_attempts < self._refused:
            self._refused_before += self._refused  # a new worker counts from zero again
        self._refused = event.network_attempts

    def _show_saved(self) -> None:
        self.saved.setText(tr("project saved {time}").format(time=f"{datetime.now():%H:%M}"))

    def _forget_saved(self) -> None:
        project = self._session.project
        for widget in (self.looking, self.write_button):
            widget.setVisible(self._session.only_looking)
        if project is None or self._session.only_looking:
            self.saved.setText("")
        else:
            changed = datetime.fromtimestamp(project.layout.file.stat().st_mtime)
            self.saved.setText(tr("project saved {time}").format(time=f"{changed:%H:%M}"))

    def _open_for_changing(self) -> None:
        if self._session.project is not None:
            self._session.command_requested.emit("open_project", str(self._session.project.layout.root))

    def _show_work(self) -> None:
        running = self._session.operations.running
        for widget in (self.work, self.bar, self.cancel):
            widget.setVisible(bool(running))
        if not running:
            return
        operation = running[-1]
        self.work.setText(operation.title)
        self.bar.setRange(0, 0)
        operation.progressed.connect(self._show_progress)

    def _show_progress(self, progress: object) -> None:
        total, done = getattr(progress, "total", None), getattr(progress, "done", 0)
        self.bar.setRange(0, total or 0)
        self.bar.setValue(done)

    def _cancel(self) -> None:
        if self._session.operations.running:
            self._session.operations.running[-1].cancel()
            self.work.setText(tr("Cancelling…"))
