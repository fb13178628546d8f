"""What a model that writes was asked, what is right, and what it wrote, below one another."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.samples.reading_text import ReadingText
from ftstudio.gui.widgets.labels import caption
from ftstudio.planning.written_samples import WrittenSample


class AskedTexts(QWidget):
    """The three texts, each with its name."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.wanted, self.written = ReadingText(), ReadingText(), ReadingText()
        self.told = caption("", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        for name, field in (
            (tr("Prompt"), self.asked),
            (tr("To be written"), self.wanted),
            (tr("Written"), self.written),
        ):
            field.setAccessibleName(name)
            column.addWidget(caption(name))
            column.addWidget(field, 1)
        column.addWidget(self.told)
        column.addStretch(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let each text have the room that its lines need."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        for field in (self.asked, self.wanted, self.written):
            field.fit_height()

    def show_sample(self, sample: WrittenSample | None) -> None:
        """Show one row; None empties all."""
        self.asked.setPlainText(sample.asked if sample else "")
        self.wanted.setPlainText(sample.wanted if sample else "")
        self.written.setPlainText((sample.written or "") if sample else "")
        self._fit()
        self.told.setText(_told(sample))


def _told(sample: WrittenSample | None) -> str:
    if sample is None:
        return ""
    if sample.written is None:
        return tr("The run wrote to some rows only, and not to this one. Ask the model on the Try page.")
    if not sample.written.strip():
        return tr("The model wrote nothing.")
    return ""
