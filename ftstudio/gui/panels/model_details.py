"""Everything known about one model before it is loaded: figures, outline, licence, labels, card."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from ftstudio.core.quantities import byte_size, parameter_count
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.panels.model_entries import PLACES, Entry
from ftstudio.gui.panels.outline_bar import OutlineBar, in_words
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.elided import ElidedLabel
from ftstudio.gui.widgets.labels import NumberLabel, StatusDot, caption, label, muted, section
from ftstudio.gui.widgets.page import scrolled
from ftstudio.models.records import ModelRecord

LABELS_SHOWN = 24
WIDEST = 680
LONGEST_CARD = 4000
_NOT_PROSE = re.compile(r"```.*?(```|\Z)|!\[[^\]]*\]\([^)]*\)|<[^>\n]+>|^-{3,}$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_SIGNS = re.compile(r"^#+ |[*`]{1,3}", re.MULTILINE)


class ModelDetails(Card):
    """Emits `use_asked(Entry)`; shows the progress of preparing a checkpoint."""

    use_asked = Signal(object)
    cancel_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._entry: Entry | None = None
        holder = QWidget()
        holder.setMaximumWidth(WIDEST)
        self._column = QVBoxLayout(holder)
        self._column.setContentsMargins(0, 0, theme.S, 0)
        self._column.setSpacing(theme.M)
        self.body.addWidget(scrolled(holder), 1)
        self.use_button = button(tr("Use this model"), "primary", clicked=self._use)
        self._busy_words = caption("", wrap=True)
        self._busy_bar = QProgressBar()
        self._busy_bar.setTextVisible(False)
        self._cancel = button(tr("Cancel"), "quiet", clicked=self.cancel_asked.emit)
        foot = QHBoxLayout()
        words = QVBoxLayout()
        words.addWidget(self._busy_words)
        words.addWidget(self._busy_bar)
        foot.addLayout(words, 1)
        foot.addWidget(self._cancel)
        foot.addWidget(self.use_button)
        self.body.addLayout(foot)
        self.say_ready()

    def show_entry(self, entry: Entry | None, in_use: bool) -> None:
        """Show one entry, or say that none is selected."""
        self._entry = entry
        empty(self._column)
        if entry is None:
            self._column.addWidget(muted(tr("Select a model to see what it is made of.")))
        elif entry.record is None:
            self._show_broken(entry)
        else:
            self._show_record(entry, entry.record)
        self._column.addStretch(1)
        for wrapped in self.findChildren(QLabel):
            if wrapped.wordWrap():
                wrapped.setMinimumWidth(1)  # else the longest word decides how narrow the card can be
        self.use_button.setVisible(entry is not None)
        needs_preparing = bool(entry and entry.record and entry.record.needs_preparing)
        done = in_use and not needs_preparing
        self.use_button.setEnabled(entry is not None and entry.usable and not done)
        words = tr("Prepare and use") if needs_preparing else tr("Use this model")
        self.use_button.setText(tr("In use") if done else words)
        self.use_button.setAccessibleName(self.use_button.text())

    def say_preparing(self, words: str, done: int, total: int | None) -> None:
        """Show that a checkpoint is being converted."""
        for widget in (self._busy_words, self._busy_bar, self._cancel):
            widget.show()
        self._busy_words.setText(words)
        self._busy_bar.setRange(0, total or 0)
        self._busy_bar.setValue(done)
        self.use_button.setEnabled(False)

    def say_ready(self) -> None:
        """Hide the progress again."""
        for widget in (self._busy_words, self._busy_bar, self._cancel):
            widget.hide()

    def _use(self) -> None:
        if self._entry is not None:
            self.use_asked.emit(self._entry)

    def _heading(self, entry: Entry) -> None:
        self._column.addWidget(label(entry.name, "title", wrap=True))
        state = "success" if entry.usable else "muted" if entry.record else "danger"
        verdict = StatusDot(entry.verdict, state)
        verdict.findChildren(QLabel)[-1].setWordWrap(True)
        self._column.addWidget(verdict)

    def _show_broken(self, entry: Entry) -> None:
        self._heading(entry)
        if entry.hint:
            self._column.addWidget(muted(entry.hint))
        self._column.addWidget(_path(entry.path))

    def _show_record(self, entry: Entry, record: ModelRecord) -> None:
        self._heading(entry)
        kind = (record.family, record.licence, tr(PLACES[entry.place]))
        self._column.addWidget(muted(" · ".join(words for words in kind if words)))
        self._column.addLayout(_figures(record))
        if record.outline:
            bar = OutlineBar()
            bar.show_parts(record.outline)
            self._section(tr("Outline, from input to output"), bar, caption(in_words(record.outline), wrap=True))
        elif record.needs_preparing:
            hint = tr("It is converted once, on this computer; then everything about it is known here.")
            self._section(tr("Not prepared yet"), muted(hint))
        if record.notes:
            self._section(tr("Before you use it"), *(muted(str(note)) for note in record.notes))
        if record.labels:
            self._section(tr("What it tells apart so far"), muted(_some(record.labels)))
        if record.card:
            self._section(tr("Model card"), label(readable(record.card), wrap=True, selectable=True))
        self._section(tr("Place"), _path(record.path))

    def _section(self, title: str, *widgets: QWidget) -> None:
        column = QVBoxLayout()
        column.setSpacing(theme.XS)
        column.addWidget(section(title))
        for widget in widgets:
            column.addWidget(widget)
        self._column.addLayout(column)


def _figures(record: ModelRecord) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(theme.XS)
    for name, value in _facts(record):
        column.addWidget(NumberLabel(name, value))
    return column


def _facts(record: ModelRecord) -> list[tuple[str, str]]:
    known = [
        (tr("Parameters"), parameter_count(record.parameters) if record.parameters else ""),
        (tr("On disk"), byte_size(record.bytes) if record.bytes else ""),
        (tr("Blocks"), number(record.layers) if record.layers else ""),
        (tr("Width"), number(record.hidden_size) if record.hidden_size else ""),
        (tr("Vocabulary"), number(record.vocabulary) if record.vocabulary else ""),
        (tr("Reads up to"), tr("{count} tokens").format(count=number(record.max_length)) if record.max_length else ""),
        (tr("Picture size"), f"{record.input_size} × {record.input_size}" if record.input_size else ""),
    ]
    return [(name, value) for name, value in known if value]


def _path(path: Path) -> ElidedLabel:
    return ElidedLabel(str(path), "caption", Qt.TextElideMode.ElideMiddle)


def readable(card: str) -> str:
    """Return a model card's words without code, pictures, tags and the signs of its markup."""
    words = _NOT_PROSE.sub("", card)
    words = _LINK.sub(r"\1", words)
    words = _SIGNS.sub("", words)
    return re.sub(r"\n{3,}", "\n\n", words).strip()[:LONGEST_CARD]


def _some(labels: tuple[str, ...]) -> str:
    shown = ", ".join(labels[:LABELS_SHOWN])
    rest = len(labels) - LABELS_SHOWN
    return shown if rest <= 0 else tr("{labels} and {count} more").format(labels=shown, count=number(rest))
