"""The confusion matrix as a heat map: true labels down, predictions across, shaded by the share of the row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from ftstudio.core.quantities import percent
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.bar_chart import mixed
from ftstudio.gui.charts.frame import ChartFrame, Row

SMALLEST_CELL_WITH_NUMBER = 18
LARGEST_CELL = 76
_MOVES = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}


class ConfusionMatrix(ChartFrame):
    """Counts of (true label, predicted label). `cell_clicked` carries both labels; arrow keys move between cells and
    Enter clicks.
    """

    cell_clicked = Signal(str, str)

    def __init__(self, title: str = "") -> None:
        super().__init__(title or tr("Where it is right and wrong"), tr("The matrix appears with the first result."))
        self.grid = _Grid(self)
        self.picture_layout.addWidget(self.grid)
        theme.notifier().changed.connect(self.grid.update)
        self.set_empty(True)

    def show_matrix(self, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Draw `counts[true][predicted]`."""
        self.grid.show_counts(labels, counts)
        self.set_empty(not counts)

    def worst(self, at_most: int = 3) -> list[tuple[str, str, int]]:
        """Return the most frequent mistakes: true label, prediction, count."""
        labels, counts = self.grid.labels, self.grid.counts
        wrong = [
            (labels[true], labels[guess], count)
            for true, row in enumerate(counts)
            for guess, count in enumerate(row)
            if count and true != guess
        ]
        return sorted(wrong, key=lambda found: -found[2])[:at_most]

    def describe(self) -> str:
        """Say how many are right and which mistakes are most frequent."""
        counts = self.grid.counts
        total = sum(map(sum, counts))
        right = sum(counts[at][at] for at in range(len(counts)))
        said = tr("{right} of {total} right.").format(right=number(right), total=number(total))
        for true, guess, count in self.worst():
            said += " " + tr("{count} times {true} was taken for {guess}.").format(count=count, true=true, guess=guess)
        return said

    def rows(self) -> list[Row]:
        """Return the matrix with its labels."""
        header: Row = ("true \\ predicted", *self.grid.labels)
        return [header, *((label, *row) for label, row in zip(self.grid.labels, self.grid.counts, strict=True))]


class _Grid(QWidget):
    def __init__(self, chart: ConfusionMatrix) -> None:
        super().__init__()
        self._chart = chart
        self.labels: list[str] = []
        self.counts: list[list[int]] = []
        self._under: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(chart.chart_title)
        self.setMinimumSize(220, 200)

    def show_counts(self, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Draw other counts."""
        self.labels, self.counts, self._under = list(labels), [list(row) for row in counts], None
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size at which every cell can show its number."""
        side = max(260, 34 * len(self.labels) + 110)
        return QSize(side + 60, side)

    def _layout(self) -> tuple[float, float, float]:
        """Return left and top of the first cell, and the side of a cell, in pixels."""
        metrics = QFontMetrics(theme.font(theme.SMALL))
        widest = max((metrics.horizontalAdvance(label) for label in self.labels), default=0)
        left = min(widest + 4, int(self.width() * 0.3), 150) + 26.0
        top = 40.0 if self._labels_lie() else 22.0 + min(widest, 90)
        cell = min((self.width() - left - 2) / len(self.labels), (self.height() - top - 2) / len(self.labels))
        return left, top, min(LARGEST_CELL, cell)

    def _labels_lie(self) -> bool:
        metrics = QFontMetrics(theme.font(theme.SMALL))
        widest = max((metrics.horizontalAdvance(label) for label in self.labels), default=0)
        room = (self.width() - min(widest, 150) - 26) / max(1, len(self.labels))
        return widest + 6 <= min(LARGEST_CELL, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw cells, labels and the names of the two sides."""
        if not self.labels:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SMALL))
        left, top, cell = self._layout()
        for row, counts in enumerate(self.counts):
            total = sum(counts) or 1
            for column, count in enumerate(counts):
                rect = QRectF(left + column * cell, top + row * cell, cell, cell).adjusted(1, 1, -1, -1)
                self._paint_cell(painter, rect, count, count / total, (row, column))
        self._paint_labels(painter, left, top, cell)
        painter.end()

    def _paint_cell(self, painter: QPainter, rect: QRectF, count: int, share: float, at: tuple[int, int]) -> None:
        now = theme.current()
        hue = now.color("accent" if at[0] == at[1] else "danger")
        fill = mixed(hue, now.color("sunken"), share**0.75 * 0.92) if count else now.color("sunken")
        painter.setPen(QColor(now.text) if at == self._under else Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, 3, 3)
        if count and rect.width() >= SMALLEST_CELL_WITH_NUMBER:
            painter.setPen(readable_on(fill))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, number(count))

    def _paint_labels(self, painter: QPainter, left: float, top: float, cell: float) -> None:
        metrics, now = QFontMetrics(painter.font()), theme.current()
        right_middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        lie = self._labels_lie()
        step = max(1, round(metrics.height() / cell)) if cell < metrics.height() else 1
        painter.setPen(now.color("text"))
        for at, label in enumerate(self.labels):
            if at % step:
                continue
            elided = metrics.elidedText(label, Qt.TextElideMode.ElideRight, int(left - 26))
            painter.drawText(QRectF(20, top + at * cell, left - 26, cell), right_middle, elided)
            if lie:
                rect = QRectF(left + at * cell, 18, cell, 20)
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, label)
            else:
                self._paint_upright(painter, QPointF(left + (at + 0.5) * cell, top - 4), label)
        painter.setPen(now.color("muted"))
        side = cell * len(self.labels)
        painter.drawText(QRectF(left, 0, max(side, 80), 16), Qt.AlignmentFlag.AlignCenter, tr("predicted"))
        painter.save()
        painter.translate(0, top + side)
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, side, 16), Qt.AlignmentFlag.AlignCenter, tr("true"))
        painter.restore()

    def _paint_upright(self, painter: QPainter, foot: QPointF, label: str) -> None:
        metrics = QFontMetrics(painter.font())
        painter.save()
        painter.translate(foot)
        painter.rotate(-90)
        elided = metrics.elidedText(label, Qt.TextElideMode.ElideRight, 88)
        painter.drawText(QPointF(0, metrics.ascent() / 2 - 1), elided)
        painter.restore()

    def event(self, event: QEvent) -> bool:
        """Show the whole label, or the cell in words, as a tip."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip_at(self, point: QPointF) -> str:
        """Return the whole label that is written at a point, or what the cell there says."""
        at = self._cell_at(point)
        if at is not None or not self.labels:
            return self._in_words(at)
        left, top, cell = self._layout()
        beside = point.x() < left
        place = int((point.y() - top) // cell) if beside else int((point.x() - left) // cell)
        written = (point.y() >= top) if beside else (point.y() < top)
        return self.labels[place] if written and 0 <= place < len(self.labels) else ""

    def _cell_at(self, point: QPointF) -> tuple[int, int] | None:
        if not self.labels:
            return None
        left, top, cell = self._layout()
        column, row = int((point.x() - left) // cell), int((point.y() - top) // cell)
        inside = 0 <= row < len(self.labels) and 0 <= column < len(self.labels)
        return (row, column) if inside else None

    def _read(self, at: tuple[int, int] | None) -> None:
        """Read a cell aloud, or stop reading."""
        self._under = at
        self._chart.reading.setText(self._in_words(at))
        self.setAccessibleDescription(self._in_words(at))
        self.update()

    def _click(self, at: tuple[int, int] | None) -> None:
        if at is not None:
            self._chart.cell_clicked.emit(self.labels[at[0]], self.labels[at[1]])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the cell under the pointer."""
        at = self._cell_at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if at is None else Qt.CursorShape.PointingHandCursor)
        self._read(at)

    def leaveEvent(self, event: QEvent) -> None:
        """Stop reading."""
        self._read(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin with the first cell, so that the arrow keys have somewhere to start."""
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason and self._under is None and self.labels:
            self._read((0, 0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stop reading."""
        super().focusOutEvent(event)
        self._read(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrow keys, click with Enter or Space."""
        move = _MOVES.get(Qt.Key(event.key()))
        if move is not None and self.labels:
            at, last = self._under or (0, 0), len(self.labels) - 1
            self._read((min(last, max(0, at[0] + move[0])), min(last, max(0, at[1] + move[1]))))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._click(self._under)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell which cell was clicked."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._click(self._cell_at(event.position()))

    def _in_words(self, at: tuple[int, int] | None) -> str:
        if at is None:
            return ""
        row = self.counts[at[0]]
        return tr("{true} → {guess}: {count} ({share})").format(
            true=self.labels[at[0]],
            guess=self.labels[at[1]],
            count=number(row[at[1]]),
            share=percent(row[at[1]] / (sum(row) or 1)),
        )


def readable_on(fill: QColor) -> QColor:
    """Return the colour of the theme that is read best on a fill."""
    now = theme.current()
    choices = (now.text, now.on_accent)
    return QColor(max(choices, key=lambda colour: theme.contrast(colour, fill.name())))
