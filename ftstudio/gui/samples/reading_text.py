"""A text to be read and copied, not changed, with places of it drawn upon."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.breaking import break_lines

READING_WIDTH, LEAST_HEIGHT = 760, 88


def qt_letters(words: str) -> int:
    """Return how many letters Qt counts in a text: pairs for what UTF-16 writes as pairs, one for a line end."""
    return len(words.replace("\r\n", "\n").encode("utf-16-le", "surrogatepass")) // 2


class ReadingText(QPlainTextEdit):
    """Read-only text. A subclass draws in `_draw`, which is called again when the theme changes."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setProperty("role", "reading")
        self.setAccessibleName(tr("Text"))
        self.setFont(theme.font(theme.SECTION))
        self.setMaximumWidth(READING_WIDTH)
        self.setMinimumHeight(LEAST_HEIGHT)
        self.document().setDocumentMargin(0)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # its lines are wrapped
        theme.notifier().changed.connect(self._draw)

    def setPlainText(self, words: str) -> None:
        """Show a text, also one without an end of a word for pages."""
        break_lines(self, words)
        super().setPlainText(words)

    def fit_height(self) -> None:
        """Take no more room than the lines need, so that what stands below follows them."""
        lines = max(1.0, self.document().size().height())  # Qt counts the height of plain text in lines
        self.setMaximumHeight(max(LEAST_HEIGHT, round((lines + 1) * self.fontMetrics().lineSpacing())))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Ask for a few lines; it takes more where there is room."""
        return QSize(READING_WIDTH // 2, LEAST_HEIGHT)

    def _draw(self) -> None:
        """Draw upon the text."""

    def drawn(self, start: int, end: int, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
        """Return a way of drawing for the letters `start` to `end`, as Qt counts them."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(min(end, self.document().characterCount() - 1), QTextCursor.MoveMode.KeepAnchor)
        selection = QTextEdit.ExtraSelection()
        selection.cursor, selection.format = cursor, look
        return selection
