"""Where new input is given: a large field for a text (or a pair of texts), a large place for a picture."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.samples import Shown
from ftstudio.core.specs import Modality
from ftstudio.core.translation import number, tr, tr_plural
from ftstudio.datasets.pictures import MOST_PIXELS
from ftstudio.datasets.roles import PICTURE_SUFFIXES
from ftstudio.gui import notifications, theme
from ftstudio.gui.samples.sample_view import PictureContent
from ftstudio.gui.trying.text_field import TextField, local_files
from ftstudio.gui.widgets.buttons import button, icon_button
from ftstudio.gui.widgets.elided import ElidedLabel
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.labels import caption

LEAST_WIDTH = 220
WORDS_WIDTH = 200  # what an empty field has for words in the smallest window
QUESTION_HEIGHT = 88

Question = dict[str, Any]


class TextQuestion(QWidget):
    """One text, or two where the model was trained on pairs."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.first = TextField(tr("Text"), tr("Type or paste a text here, or drop a text file."))
        self.second = TextField(tr("Second text"), tr("The second text of the pair."))
        self._names = caption(tr("First text")), caption(tr("Second text"))
        self.file_button = button(tr("Open a text file…"), "quiet", icon="open", clicked=self.choose_file)
        self.clear_button = icon_button("close", tr("Clear"), clicked=self.clear)
        self.counted = caption("")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        for name, field in zip(self._names, (self.first, self.second), strict=True):
            column.addWidget(name)
            column.addWidget(field, 1)
            field.textChanged.connect(self._changed)
        below = QHBoxLayout()
        below.addWidget(self.file_button)
        below.addWidget(self.clear_button)
        below.addStretch(1)
        below.addWidget(self.counted)
        column.addLayout(below)
        self.show_pairs(False)
        self._changed()

    def show_pairs(self, pairs: bool, *, questions: bool = False) -> None:
        """Show one field, or two: for a pair of texts, or for `questions` and the text that has the answer."""
        for widget in (*self._names, self.second):
            widget.setVisible(pairs)
        if questions:
            self._name(tr("Question"), tr("Type a question here."), tr("Text that has the answer"),
                       tr("Type or paste the text here, or drop a text file."))  # fmt: skip
            self.first.setMaximumHeight(QUESTION_HEIGHT)

    def _name(self, first: str, hint: str, second: str, second_hint: str) -> None:
        for name, field, title, words in zip(
            self._names, (self.first, self.second), (first, second), (hint, second_hint), strict=True
        ):
            name.setText(title)
            field.setAccessibleName(title)
            field.setPlaceholderText(words)

    def value(self) -> Question | None:
        """Return the question; None while there is nothing to answer."""
        first = self.first.toPlainText()
        if not first.strip():
            return None
        return {"text": first, **({"text_pair": self.second.toPlainText()} if self.second.isVisibleTo(self) else {})}

    def show_value(self, question: Question) -> None:
        """Put an earlier question back."""
        self.first.setPlainText(str(question.get("text", "")))
        self.second.setPlainText(str(question.get("text_pair", "")))

    def clear(self) -> None:
        """Empty the fields."""
        self.show_value({})
        self.first.setFocus()

    def take_file(self, path: Path) -> None:
        """Take the content of a file."""
        self.first.read(path)

    def choose_file(self) -> None:
        """Let the user pick a text file."""
        file, _ = QFileDialog.getOpenFileName(self, tr("Open a text file"), "", f"{tr('Texts')} (*.txt *.md *.eml)")
        if file:
            self.take_file(Path(file))

    def _changed(self) -> None:
        words = len(self.first.toPlainText().split()) + len(self.second.toPlainText().split())
        self.counted.setText(tr_plural("{count} word", "{count} words", words).format(count=words) if words else "")
        self.clear_button.setEnabled(bool(words))
        self.changed.emit()


class PictureQuestion(QWidget):
    """One picture: dropped, pasted or chosen. What is pasted lies in a folder that goes with the window."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._path: Path | None = None
        self._pasted: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0
        self.setAcceptDrops(True)
        self.choose_button = button(tr("Choose a picture…"), "primary", icon="image", clicked=self.choose_file)
        words = tr("Drop a picture here"), tr("Or paste one (Ctrl+V), or choose a file.")
        self.empty = EmptyState("image", *words, self.choose_button, width=WORDS_WIDTH)
        self.picture = PictureContent()
        self.stack = QStackedWidget()
        self.stack.setMinimumWidth(LEAST_WIDTH)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.picture)
        self.file_button = button(tr("Choose another…"), "quiet", icon="open", clicked=self.choose_file)
        self.paste_button = icon_button("copy", tr("Paste"), clicked=self.paste)
        self.clear_button = icon_button("close", tr("Clear"), clicked=self.clear)
        self.name = ElidedLabel("", "caption", Qt.TextElideMode.ElideMiddle)
        self.name.setAlignment(Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.stack, 1)
        below = QHBoxLayout()
        for one in (self.file_button, self.paste_button, self.clear_button):
            below.addWidget(one)
        below.addWidget(self.name, 1)
        column.addLayout(below)
        QShortcut(QKeySequence.StandardKey.Paste, self, self.paste)
        self._show(None)

    def show_pairs(self, pairs: bool, *, questions: bool = False) -> None:
        """Pictures have no pairs."""

    def value(self) -> Question | None:
        """Return the question; None while there is no picture."""
        return {"file": str(self._path)} if self._path is not None else None

    def show_value(self, question: Question) -> None:
        """Show an earlier picture again."""
        self._show(Path(question["file"]) if question.get("file") else None)

    def clear(self) -> None:
        """Take the picture away."""
        self._show(None)
        self.choose_button.setFocus()

    def take_file(self, path: Path) -> None:
        """Ask about a picture file."""
        self._show(path)

    def choose_file(self) -> None:
        """Let the user pick a picture."""
        kinds = " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES)
        file, _ = QFileDialog.getOpenFileName(self, tr("Choose a picture"), "", f"{tr('Pictures')} ({kinds})")
        if file:
            self.take_file(Path(file))

    def paste(self) -> None:
        """Take a picture or a picture file from the clipboard."""
        offered = QGuiApplication.clipboard().mimeData()
        files = local_files(offered)
        if files:
            self.take_file(files[0])
        elif offered.hasImage():
            self.take_image(QGuiApplication.clipboard().image())
        else:
            notifications.centre().post(tr("There is no picture to paste."), "note", tr("Copy a picture first."))

    def take_image(self, image: QImage) -> None:
        """Ask about a picture that has no file yet."""
        if image.isNull():
            return
        if image.width() * image.height() > MOST_PIXELS:
            said = tr("The picture to paste is too large: {width} × {height} pixels.")
            size = {"width": number(image.width()), "height": number(image.height())}
            notifications.centre().post(said.format(**size), "warning", tr("Make it smaller, or paste a part of it."))
            return
        try:
            self._show(self._keep(image))
        except OSError as error:
            refused = tr("The picture to paste could not be kept: {reason}").format(reason=error.strerror or str(error))
            notifications.centre().post(refused, "warning", tr("Save it as a file, and choose that."))

    def _keep(self, image: QImage) -> Path:
        """Put a picture into a file, not compressed, because that takes seconds; raises OSError."""
        if self._pasted is None:
            self._pasted = tempfile.TemporaryDirectory(prefix="ftstudio-pasted-")
        self._count += 1
        path = Path(self._pasted.name) / f"{self._count}.bmp"
        if not _on_white(image).save(str(path)):
            path.unlink(missing_ok=True)
            raise OSError(tr("there is no room, or no permission, for it in “{folder}”").format(folder=path.parent))
        return path

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept a picture or a file."""
        if local_files(event.mimeData()) or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        event.acceptProposedAction()
        files = local_files(event.mimeData())
        if files:
            self.take_file(files[0])
        else:
            self.take_image(QImage(event.mimeData().imageData()))

    def _show(self, path: Path | None) -> None:
        self._path = path
        self.stack.setCurrentIndex(0 if path is None else 1)
        for one in (self.file_button, self.clear_button):
            one.setVisible(path is not None)
        pasted = path is not None and self._pasted is not None and path.is_relative_to(self._pasted.name)
        self.name.show_text(tr("pasted picture") if pasted else path.name if path is not None else "")
        if path is not None:
            self.picture.show_sample(Shown(row=0, picture=str(path)), Path())
        self.changed.emit()


QUESTIONS: dict[Modality, Callable[[], TextQuestion | PictureQuestion]] = {
    Modality.TEXT: TextQuestion,
    Modality.IMAGE: PictureQuestion,
}


def in_words(question: Question) -> str:
    """Return one short line that names a question."""
    if question.get("file"):
        return Path(str(question["file"])).name
    both = [str(question.get(key, "")) for key in ("text", "text_pair")]
    return " ".join(" / ".join(part for part in both if part.strip()).split())[:200]


def _on_white(image: QImage) -> QImage:
    """Return a picture with its transparency laid on white, as `datasets.pictures` does it with files."""
    flat = QImage(image.size(), QImage.Format.Format_RGB32)
    flat.fill(Qt.GlobalColor.white)
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    return flat
