"""The field for one text: typed, pasted, or the content of a dropped file; never so long that the window stops."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QPlainTextEdit

from ftstudio.core.translation import number, tr
from ftstudio.gui import notifications, theme
from ftstudio.gui.widgets.breaking import break_lines

LONGEST_TEXT = 400_000
"""In characters: a book. No model reads as much at once, and typing in a longer line would lag."""

_MOST_BYTES = 4 * LONGEST_TEXT


class TextField(QPlainTextEdit):
    """A field for one text; a text file dropped on it puts its content there."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__()
        self.setFont(theme.font(theme.SECTION))
        self.setPlaceholderText(hint)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take text and files."""
        return bool(local_files(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Put the text in; of a file, its content. One that is too long to be one text is refused, and said."""
        files = local_files(source)
        if files:
            self.read(files[0])
            return
        words = source.text()
        if len(words) + len(self.toPlainText()) > LONGEST_TEXT:
            refused = tr("The text to paste is too long: {count} characters.").format(count=number(len(words)))
            notifications.centre().post(refused, "warning", _what_to_do())
            return
        break_lines(self, words)
        self.insertPlainText(words)

    def read(self, path: Path) -> None:
        """Show the content of a text file, or tell why it cannot be read."""
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise OSError(tr("it is too large to be one text"))
            words = path.read_text(encoding="utf-8-sig")
            if len(words) > LONGEST_TEXT:
                raise OSError(tr("it is too large to be one text"))
        except OSError as error:
            self._refuse(path, error, _what_to_do())
        except UnicodeDecodeError as error:
            self._refuse(path, error, tr("Save it as plain text in UTF-8."))
        else:
            self.setPlainText(words)

    def setPlainText(self, words: str) -> None:
        """Show a text, also one without an end of a word for pages."""
        break_lines(self, words)
        super().setPlainText(words)

    def _refuse(self, path: Path, error: Exception, hint: str) -> None:
        said = tr("“{file}” cannot be read as a text: {reason}").format(file=path.name, reason=str(error))
        notifications.centre().post(said, "warning", hint)


def local_files(source: QMimeData) -> list[Path]:
    """Return the files of this computer that are dropped or pasted."""
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()] if source.hasUrls() else []


def _what_to_do() -> str:
    most = number(LONGEST_TEXT)
    return tr("Take a part of it, at most {most} characters, or put many texts into a table: “A whole file”.").format(
        most=most
    )
