"""A model as one bar from input to output, each part as wide as it has parameters; what learns is in the accent."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ftstudio.core.module_tree import Part
from ftstudio.core.quantities import parameter_count
from ftstudio.core.translation import N_, tr, tr_plural
from ftstudio.gui import theme

HEIGHT = 28
LEAST = 4.0
GAP = 2.0
KINDS = {
    "embeddings": N_("Embeddings"),
    "block": N_("Block"),
    "top": N_("Top"),
    "head": N_("Head"),
}


class OutlineBar(QWidget):
    """Shows the parts of a model; without `learning` all are shown alike, shaded by kind."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: Sequence[Part] = ()
        self._learning: Collection[str] | None = None
        self.setMinimumHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Outline of the model"))

    def sizeHint(self) -> QSize:
        """Ask for one row."""
        return QSize(200, HEIGHT)

    def show_parts(self, parts: Sequence[Part], learning: Collection[str] | None = None) -> None:
        """Show `parts`; those whose names are in `learning` stand out."""
        self._parts, self._learning = parts, learning
        self.setAccessibleDescription(in_words(parts))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the parts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for at, (part, place) in enumerate(self._places()):
            painter.setBrush(self._colour(part, at))
            painter.drawRoundedRect(place, 3, 3)
        painter.end()

    def _places(self) -> list[tuple[Part, QRectF]]:
        total = sum(part.parameters for part in self._parts)
        if not total:
            return []
        room = self.width() - GAP * (len(self._parts) - 1)
        widths = [max(LEAST, room * part.parameters / total) for part in self._parts]
        scale = room / sum(widths)
        places, left = [], 0.0
        for part, width in zip(self._parts, widths, strict=True):
            places.append((part, QRectF(left, 0, width * scale, self.height())))
            left += width * scale + GAP
        return places

    def _colour(self, part: Part, at: int) -> QColor:
        tokens = theme.current()
        if self._learning is not None:
            return QColor(tokens.accent if part.name in self._learning else tokens.border)
        colour = QColor({"embeddings": tokens.edge, "head": tokens.success}.get(part.kind, tokens.accent))
        if part.kind == "block" and at % 2:
            colour.setAlphaF(0.72)
        return colour

    def event(self, event: QEvent) -> bool:
        """Name the part under the pointer."""
        if isinstance(event, QHelpEvent):
            for part, place in self._places():
                if place.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), f"{part.name}: {parameter_count(part.parameters)}", self)
            return True
        return super().event(event)


def totals(parts: Sequence[Part]) -> dict[str, tuple[int, int]]:
    """Return by kind how many parts there are and how many parameters they have together."""
    found: dict[str, tuple[int, int]] = {}
    for part in parts:
        count, parameters = found.get(part.kind, (0, 0))
        found[part.kind] = (count + 1, parameters + part.parameters)
    return found


def in_words(parts: Sequence[Part]) -> str:
    """Say what a model is made of: `Embeddings 11.9 M · 6 blocks 10.6 M · Head 385`."""
    words = []
    for kind, (count, parameters) in totals(parts).items():
        name = tr(KINDS[kind])
        if kind == "block":
            name = tr_plural("{count} block", "{count} blocks", count).format(count=count)
        words.append(f"{name} {parameter_count(parameters)}")
    return " · ".join(words)
