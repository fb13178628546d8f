"""What the train page shows before the first run: the button and what it will cost, or what is still missing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.quantities import byte_size, duration
from ftstudio.core.row_words import name_rows
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.looking import needs_writing
from ftstudio.gui.panels.cost import cost_of
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.labels import label, muted

WIDTH = 560


class BeforeTraining(QWidget):
    """The start of the first run."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._shown: object = None

    def refresh(self) -> None:
        """Show what is true now."""
        session = self._session
        seen = (session.project, session.model, session.dataset, session.resolved, session.facts, session.can_train())
        if seen == self._shown:
            return
        self._shown = seen
        empty(self._column)
        self._column.addWidget(self._missing() or self._ready())

    def _missing(self) -> QWidget | None:
        session = self._session

        def go(words: str, stage: str, kind: str = "primary") -> QWidget:
            return button(words, kind, clicked=lambda: session.stage_requested.emit(stage))

        if session.project is None:
            return EmptyState(
                "train", tr("No project is open."), tr("Open one or begin a new one."), go(tr("Go home"), "home")
            )
        if session.model is None and session.dataset is None:
            hint = tr("Training needs a pretrained model and your labelled data.")
            actions = (go(tr("Choose a model"), "model"), go(tr("Add data"), "data"))
            return EmptyState("train", tr("Two things are missing."), hint, *actions)
        if session.model is None:
            why = session.model_missing.render() if session.model_missing else tr("The data is there already.")
            return EmptyState("model", tr("A model is missing."), why, go(tr("Choose a model"), "model"))
        if session.dataset is None:
            return EmptyState(
                "data", tr("The data is missing."), tr("The model is chosen already."), go(tr("Add data"), "data")
            )
        return None

    def _ready(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setSpacing(theme.M)
        column.addStretch(2)
        for widget in self._words():
            widget.setFixedWidth(WIDTH)
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(theme.S)
        start = button(tr("Start training"), "primary", icon="play", clicked=self._session.start_training)
        start.setMinimumHeight(40)
        start.setMinimumWidth(200)
        start.setToolTip("Ctrl+R")
        start.setEnabled(self._session.can_train())
        needs_writing(self._session, start)
        column.addWidget(start, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        return holder

    def _words(self) -> list[QWidget]:
        session = self._session
        model = session.model.name if session.model is not None else ""
        rows = number(session.facts.rows) if session.facts is not None else ""
        heading = tr("Ready to train {model}").format(model=model)
        words = [label(heading, "title", wrap=True)]
        if session.resolved is None or session.facts is None:
            words.append(muted(tr("Looking at data and model…")))
        else:
            cost = cost_of(session)
            line = name_rows(tr("{rows} training rows, {steps} steps, about {time} and {memory} of memory."))
            values = {"rows": rows, "steps": number(cost.steps), "time": duration(_rounded(cost.seconds))}
            words.append(muted(line.format(**values, memory=byte_size(cost.memory_bytes))))
            words.append(muted(tr("You can pause or stop at any step; the best model is always kept.")))
        for one in words:
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        return list(words)


def _rounded(seconds: float) -> float:
    """Round as befits an estimate: to 5 s, 30 s or 5 min."""
    unit = 5 if seconds < 60 else 30 if seconds < 1200 else 300
    return max(unit, round(seconds / unit) * unit)
