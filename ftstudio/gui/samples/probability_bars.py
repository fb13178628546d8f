"""What a model believes, as one bar a label, the likeliest on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ftstudio.core.quantities import percent
from ftstudio.core.translation import tr
from ftstudio.gui import theme

ROW, BAR = 26, 8
SHOWN = 8


class ProbabilityBars(QWidget):
    """The likeliest labels with their probabilities in [0, 1]; the true one, or those given, carry a tick."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: list[tuple[str, float]] = []
        self._ticked: frozenset[str] = frozenset()
        self._given: frozenset[str] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Probabilities"))

    def show_probabilities(
        self, probabilities: Mapping[str, float], truth: str = "", given: Sequence[str] | None = None
    ) -> None:
        """Show them; without any the widget takes no room. `given` are the labels given, where they may be several."""
        self._given = None if given is None else frozenset(given)
        ranked = sorted(probabilities.items(), key=lambda item: (item[0] not in (given or ()), -item[1]))
        self._shares, self._ticked = ranked[:SHOWN], frozenset({truth}) if self._given is None else self._given
        self.setFixedHeight(ROW * len(self._shares))
        self.setVisible(bool(self._shares))
        told = ", ".join(f"{label} {percent(share)}" for label, share in self._shares)
        self.setAccessibleDescription(told)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for one row a label."""
        return QSize(240, ROW * len(self._shares))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SMALL))
        names = int(self.width() * 0.36)
        for at, (label, share) in enumerate(self._shares):
            top = at * ROW
            words = f"✓ {label}" if label in self._ticked else label
            strong = at == 0 if self._given is None else label in self._given
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, names - 8)
            painter.setPen(QColor(tokens.text if strong else tokens.muted))
            painter.drawText(QRectF(0, top, names, ROW), Qt.AlignmentFlag.AlignVCenter, words)
            figure = QRectF(self.width() - 48, top, 48, ROW)
            painter.drawText(figure, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, percent(share))
            room = self.width() - names - 56
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.sunken))
            painter.drawRoundedRect(QRectF(names, top + (ROW - BAR) / 2, room, BAR), 4, 4)
            painter.setBrush(QColor(tokens.accent if strong else tokens.edge))
            painter.drawRoundedRect(QRectF(names, top + (ROW - BAR) / 2, max(3.0, room * share), BAR), 4, 4)
        painter.end()
