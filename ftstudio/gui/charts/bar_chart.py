"""Horizontal bars: how many rows each label has, per split. Label left, bar, count right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.charts.frame import ChartFrame, Row
from ftstudio.gui.widgets.page import scrolled

ROW_HEIGHT, BAR_HEIGHT, GAP = 26, 10, 8
LABEL_SHARE = 0.34


class BarChart(ChartFrame):
    """Bars of one or several parts each, longest total filling the width. Many bars scroll."""

    def __init__(self, title: str, empty_text: str = "") -> None:
        super().__init__(title, empty_text or tr("Nothing to count yet."))
        self._bars = _Bars()
        self.picture_layout.addWidget(scrolled(self._bars))
        theme.notifier().changed.connect(self._bars.update)
        self.set_empty(True)

    def show_bars(self, parts: Sequence[str], bars: Mapping[str, Sequence[float]]) -> None:
        """Draw `bars`, label to one value per part; `parts` names the parts (one part needs no legend)."""
        self._bars.show_bars(list(parts), {label: list(values) for label, values in bars.items()})
        self.reading.setText(" · ".join(parts) if len(parts) > 1 else "")
        self.set_empty(not bars)

    def rows(self) -> list[Row]:
        """Return label and one value per part."""
        return [("label", *self._bars.parts), *((label, *values) for label, values in self._bars.bars.items())]

    def describe(self) -> str:
        """Say which label has most and which least."""
        totals = {label: sum(values) for label, values in self._bars.bars.items()}
        if not totals:
            return self.chart_title
        most, least = max(totals, key=lambda key: totals[key]), min(totals, key=lambda key: totals[key])
        return tr("{title}: {count} labels, most rows in {most} ({high}), fewest in {least} ({low}).").format(
            title=self.chart_title,
            count=len(totals),
            most=most,
            high=number(totals[most], 0),
            least=least,
            low=number(totals[least], 0),
        )


class _Bars(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.bars: dict[str, list[float]] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, parts: list[str], bars: dict[str, list[float]]) -> None:
        """Take over the data."""
        self.parts, self.bars = parts, bars
        self.setFixedHeight(max(ROW_HEIGHT, ROW_HEIGHT * len(bars)))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size at which all bars are seen."""
        return QSize(280, ROW_HEIGHT * len(self.bars))

    def event(self, event: QEvent) -> bool:
        """Show the whole label and its values as a tip."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().y()), self)
            return True
        return super().event(event)

    def tip_at(self, y: int) -> str:
        """Return the whole label of the bar at a height, with its values."""
        at = y // ROW_HEIGHT
        if not 0 <= at < len(self.bars):
            return ""
        label, values = list(self.bars.items())[at]
        return f"{label}: " + " · ".join(number(value, 0) for value in values)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows that are to be seen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SMALL))
        longest = max((sum(values) for values in self.bars.values()), default=0) or 1
        for at, (label, values) in enumerate(self.bars.items()):
            top = at * ROW_HEIGHT
            if event.rect().top() - ROW_HEIGHT <= top <= event.rect().bottom():
                self._paint_row(painter, top, label, values, longest)
        painter.end()

    def _paint_row(self, painter: QPainter, top: int, label: str, values: list[float], longest: float) -> None:
        now, metrics = theme.current(), QFontMetrics(painter.font())
        label_width = int(min(180, self.width() * LABEL_SHARE))
        value_width = metrics.horizontalAdvance(number(longest, 0)) + GAP
        room = self.width() - label_width - GAP - value_width
        elided = metrics.elidedText(label, Qt.TextElideMode.ElideRight, label_width)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(now.color("text"))
        painter.drawText(QRectF(0, top, label_width, ROW_HEIGHT), middle, elided)
        left = float(label_width + GAP)
        painter.setPen(Qt.PenStyle.NoPen)
        for part, value in enumerate(values):
            width = max(2.0 if value else 0.0, room * value / longest)
            painter.setBrush(part_colour(part))
            painter.drawRoundedRect(QRectF(left, top + (ROW_HEIGHT - BAR_HEIGHT) / 2, width, BAR_HEIGHT), 2, 2)
            left += width
        painter.setPen(now.color("muted"))
        painter.drawText(
            QRectF(self.width() - value_width, top, value_width, ROW_HEIGHT),
            middle | Qt.AlignmentFlag.AlignRight,
            number(sum(values), 0),
        )


def part_colour(part: int) -> QColor:
    """Return the colour of the n-th part of a bar: accent, then its fainter shades."""
    now = theme.current()
    share = max(0.25, 1.0 - 0.35 * part)
    return mixed(now.color("accent"), now.color("surface"), share)


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """Return `share` of one colour and the rest of another."""

    def blend(a: float, b: float) -> float:
        return a * share + b * (1 - share)

    return QColor.fromRgbF(
        blend(one.redF(), other.redF()), blend(one.greenF(), other.greenF()), blend(one.blueF(), other.blueF())
    )
