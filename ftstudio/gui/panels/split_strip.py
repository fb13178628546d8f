"""The strip above the data: how many rows are for training, validation and test, as figures and as one bar."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ftstudio.core.row_words import name_rows
from ftstudio.core.states import Split
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.bar_chart import part_colour
from ftstudio.gui.tables.dataset_rows import SPLIT_TITLES
from ftstudio.gui.widgets.labels import caption, label


class SplitStrip(QWidget):
    """Counts per split."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XL)
        self._figures = {split: label("0", "section") for split in Split}
        for at, split in enumerate(Split):
            row.addLayout(self._figure(at, split))
        self._bar = _Bar()
        row.addWidget(self._bar, 1)

    def _figure(self, at: int, split: Split) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(_Swatch(at))
        head.addWidget(caption(tr(SPLIT_TITLES[split])))
        column.addLayout(head)
        column.addWidget(self._figures[split])
        return column

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show the rows of each split."""
        for split, figure in self._figures.items():
            count = counts.get(split.value, 0)
            figure.setText(number(count))
            figure.setAccessibleName(
                name_rows(tr("{split}: {count} rows")).format(split=tr(SPLIT_TITLES[split]), count=count)
            )
        self._bar.show_counts([counts.get(split.value, 0) for split in Split])


class _Swatch(QWidget):
    def __init__(self, part: int) -> None:
        super().__init__()
        self._part = part
        self.setFixedSize(10, 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(part_colour(self._part))
        painter.drawRoundedRect(self.rect(), 2, 2)
        painter.end()


class _Bar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._counts: list[int] = []
        self.setFixedHeight(10)
        self.setMinimumWidth(80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("How the rows are divided"))

    def show_counts(self, counts: list[int]) -> None:
        self._counts = counts
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        total, left = sum(self._counts) or 1, 0.0
        for part, count in enumerate(self._counts):
            width = self.width() * count / total
            painter.setBrush(part_colour(part))
            painter.drawRoundedRect(QRectF(left, 0, max(0.0, width - 2), self.height()), theme.XS - 1, theme.XS - 1)
            left += width
        painter.end()
