"""How far one piece of work has come, beside the button that began it: Cancel, a bar, and what is being done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from ftstudio.core.messages import Progress
from ftstudio.core.quantities import duration
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.operations import Operation
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import caption


class WorkBar(QWidget):
    """Follows the operation it is given and is seen only as long as that goes on; `ended(bool)`: it was cancelled."""

    ended = Signal(bool)

    def __init__(self, name: str, starter: QWidget) -> None:
        """`name` says to a screen reader what the bar is the progress of; `starter` is the button that begins it."""
        super().__init__()
        self._starter = starter
        self.operation: Operation | None = None
        self.cancel_button = button(tr("Cancel"), clicked=self.cancel)
        self.bar, self.phase = QProgressBar(), caption()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        for part, stretch in ((self.cancel_button, 0), (self.bar, 1), (self.phase, 1)):
            row.addWidget(part, stretch)
        self.hide()

    @property
    def is_busy(self) -> bool:
        """Whether an operation goes on."""
        return self.operation is not None

    def follow(self, operation: Operation) -> None:
        """Show how far an operation comes, until it has ended."""
        self.operation = operation
        self.bar.setRange(0, 0)
        self.phase.setText(tr("Starting"))
        self.cancel_button.setEnabled(True)
        operation.progressed.connect(self._show)
        operation.ended.connect(self._end)
        self.show()

    def cancel(self) -> None:
        """Ask the operation to stop, and say so at once: until it is obeyed may take a moment."""
        if self.operation is not None:
            self.operation.cancel()
            self.phase.setText(tr("Cancelling…"))
            self.bar.setRange(0, 0)
            self.cancel_button.setEnabled(False)

    def _show(self, progress: Progress) -> None:
        if self.operation is None or self.operation.cancelled():
            return
        left = self.operation.seconds_left()
        words = progress.phase.render()
        self.phase.setText(f"{words}, {tr('{time} left').format(time=duration(left))}" if left else words)
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(progress.done)

    def _end(self) -> None:
        cancelled = self.operation is not None and self.operation.cancelled()
        self.operation, had_focus = None, self.cancel_button.hasFocus()
        self.hide()
        self.ended.emit(cancelled)
        if had_focus:
            self._starter.setFocus()
