"""What a model that learns to write wrote at the last check, beside what it wrote before training."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ftstudio.core.messages import Wrote
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.forms.fold import Fold
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.labels import caption, label
from ftstudio.gui.widgets.page import scrolled

MOST_HEIGHT = 132
ARROW = " → "


class WrittenSamples(Fold):
    """A line for each prompt; hidden for runs in which nothing is written."""

    def __init__(self) -> None:
        super().__init__(tr("What it writes"), quiet=True)
        holder = QWidget()
        self._grid = QGridLayout(holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.L)
        self._grid.setVerticalSpacing(theme.XS)
        for column, stretch in enumerate((3, 4, 4)):
            self._grid.setColumnStretch(column, stretch)
        self._area = scrolled(holder)
        self.contents.addWidget(self._area)
        self.hide()

    def show_texts(self, written: Mapping[int, Wrote]) -> None:
        """Show the last texts beside the first; `written` is by step, 0 before training."""
        empty(self._grid)
        self.setVisible(bool(written))
        if not written:
            return
        first, last = min(written), max(written)
        before = _by_prompt(written[first]) if first < last else {}
        heads = [tr("Prompt"), tr("Before training") if first == 0 else _at(first), _at(last) if last else ""]
        shown = heads if before else [heads[0], heads[1 if last == 0 else 2]]
        for column, words in enumerate(shown):
            self._put(caption(words), 0, column)
        for row, (prompt, now) in enumerate(_by_prompt(written[last]).items(), start=1):
            cells = [(prompt, "muted"), *([(before.get(prompt, ""), "muted")] if before else []), (now, "")]
            for column, (words, role) in enumerate(cells):
                self._put(label(words, role, wrap=True, selectable=True), row, column)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
        self._fit()

    def _put(self, words: QLabel, row: int, column: int) -> None:
        self._grid.addWidget(words, row, column)
        words.show()  # what is not shown yet takes no room in the reckoning of `_fit`

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the room that the lines need at this width, so that the charts above have the rest."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        needed = self._grid.heightForWidth(self._area.viewport().width())
        self._area.setFixedHeight(min(MOST_HEIGHT, needed + theme.XS))


def _at(step: int) -> str:
    return tr("At step {step}").format(step=number(step))


def _by_prompt(written: Wrote) -> dict[str, str]:
    parts = [line.partition(ARROW) for line in written.lines]
    return {prompt: words for prompt, _, words in parts}
