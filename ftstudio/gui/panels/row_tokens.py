"""The token lens below a row of the data: asked for by a button, because a worker has to load the tokenizer for it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.errors import ErrorDocument
from ftstudio.core.messages import Request
from ftstudio.core.specs import Answer
from ftstudio.core.token_lens import Lens
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.samples.token_text import LensView
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import muted


class RowTokens(QWidget):
    """Shows how the project's model would read the selected row; hidden for tasks in which nothing is written."""

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session, self._operations = session, operations
        self._operation: Operation | None = None
        self._row = 0
        self.button = button(tr("Show its tokens"), icon="search", clicked=self.ask)
        self.button.setToolTip(
            tr("Which pieces of this row the model reads, which it learns to write, what is cut off")
        )
        self.state, self.lens = muted(""), LensView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        for widget in (self.button, self.state, self.lens):
            column.addWidget(widget, int(widget is self.lens))
        for changed in (session.settings_changed, session.model_changed, session.data_changed):
            changed.connect(self._forget)
        self._forget()

    def show_row(self, row: int) -> None:
        """Take another row, by its number in its source; its tokens are shown when they are asked for."""
        self._row = row
        self._forget()

    def ask(self) -> None:
        """Have the tokens of the row made."""
        project = self._session.project
        if project is None or not self._row:
            return
        self._cancel()
        self._say(tr("Reading the row as the model does…"))
        self._operation = self._operations.run_job(
            Request(job="show_tokens", project=project.layout.root, options={"row": self._row}),
            title=tr("Tokens of a row"),
            on_success=self._show,
            on_failure=self._complain,
        )

    def _forget(self) -> None:
        self._cancel()
        task = self._session.task
        self.setVisible(task is not None and task.answer is Answer.TEXT)
        self.button.setVisible(self._row > 0)
        self.button.setEnabled(self._session.model is not None)
        self.state.hide()
        self.lens.hide()

    def _cancel(self) -> None:
        if self._operation is not None and self._operation in self._operations.running:
            self._operation.cancel()
        self._operation = None

    def _say(self, words: str) -> None:
        self.button.hide()
        self.state.setText(words)
        self.state.show()

    def _show(self, document: dict[str, Any]) -> None:
        lens = Lens.model_validate(document["lens"])
        if lens.row != self._row:
            return
        self.state.hide()
        self.lens.show_lens(lens)
        self.lens.show()

    def _complain(self, error: Any) -> None:
        told = error if isinstance(error, ErrorDocument) else ErrorDocument.of(error)
        self._say(" ".join(one.render() for one in (told.message, told.hint) if one))
