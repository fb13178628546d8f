"""The question what the label of a row is: one class, several classes, or a number."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ftstudio.core.shapes import TITLES
from ftstudio.core.specs import Answer, TaskSpec
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.buttons import Segmented
from ftstudio.gui.widgets.labels import caption


class LabelKind(QWidget):
    """Choices for tasks that can learn several kinds of label; hidden for others. `changed(Answer)` tells it."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.choice = Segmented({kind.value: tr(title) for kind, title in TITLES.items()}, "", tr("What is the label?"))
        self.choice.changed.connect(lambda key: self.changed.emit(Answer(key)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(caption(tr("What is the label?")))
        row.addWidget(self.choice)
        row.addStretch(1)
        self.hide()

    def show_kind(self, task: TaskSpec | None, kind: Answer, *, may_change: bool = True) -> None:
        """Show which kind is in force; `task` is the usual one, whatever labels the rows have."""
        self.setVisible(task is not None and len(task.answers) > 1)
        if kind in TITLES:
            self.choice.choose(kind.value)
        self.choice.setEnabled(may_change)

    def value(self) -> Answer | None:
        """Return the kind chosen; None where there is no choice."""
        return None if self.isHidden() or not self.choice.value() else Answer(self.choice.value())
