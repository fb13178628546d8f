"""Our own 20 px line icons from `resources/icons`, drawn in the colours of the theme.

They are drawn when a button first paints them, at the sharpness of its screen, so that making one costs nothing.
"""

from __future__ import annotations

import hashlib
from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ftstudio.core import paths, resources
from ftstudio.gui import theme

SIZE = 20


class _Engine(QIconEngine):
    """Paints one SVG in a token's colour of whatever theme is in use when it is painted."""

    def __init__(self, name: str, color_role: str) -> None:
        super().__init__()
        self._name, self._role = name, color_role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the icon at the left of `rect`, as large as fits; what is left over keeps the text away."""
        role = "edge" if mode is QIcon.Mode.Disabled else self._role
        side = min(rect.width(), rect.height())
        square = QRectF(rect.x(), rect.y() + (rect.height() - side) / 2, side, side)
        _renderer(self._name, theme.current().color(role).name()).render(painter, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the icon as a picture of `size` pixels."""
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        """Return a copy, as Qt asks for one."""
        return _Engine(self._name, self._role)


def icon(name: str, color_role: str = "text") -> QIcon:
    """Return the icon called `name` in the colour of a token (`text`, `muted`, `accent`, `danger`…)."""
    return QIcon(_Engine(name, color_role))


def pixmap(name: str, color_role: str = "text", size: int = SIZE) -> QPixmap:
    """Return the icon as a sharp picture of `size` logical pixels, for labels."""
    ratio = 2
    made = QPixmap(size * ratio, size * ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    stroke = 1.5 if size <= SIZE else 1.5 * (SIZE / size) ** 0.7
    colour = theme.current().color(color_role).name()
    _renderer(name, colour, round(stroke, 2)).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def file(name: str, color_role: str) -> str:
    """Return the path of a recoloured copy for the stylesheet, which only takes files."""
    content = _source(name).replace("currentColor", theme.current().color(color_role).name())
    folder = paths.cache_folder() / "icons"
    target = folder / f"{name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}.svg"
    if not target.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    return target.as_posix()


def names() -> list[str]:
    """Return the names of all icons that ship with the program."""
    return sorted(path.stem for path in resources.path("icons").glob("*.svg"))


def application_icon() -> QIcon:
    """Return the program's own icon."""
    return QIcon(str(resources.path("icons", "ftstudio.svg")))


def forget() -> None:
    """Drop what was drawn for another theme."""
    _renderer.cache_clear()


@cache
def _source(name: str) -> str:
    return resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")


@cache
def _renderer(name: str, colour: str, stroke: float = 1.5) -> QSvgRenderer:
    drawn = _source(name).replace("currentColor", colour).replace('stroke-width="1.5"', f'stroke-width="{stroke}"')
    return QSvgRenderer(QByteArray(drawn.encode()))
