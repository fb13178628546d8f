"""Small charts as SVG: lines over axes, in the manner of the window's charts. Pure Python, no library.

Colours are attributes, so that a chart is right wherever it is drawn; where a style sheet knows the classes, it wins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ftstudio.core.translation import number
from ftstudio.planning.reporting.markup import Html, tag

WIDTH, HEIGHT = 420, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 14, 26, 42
_TICKS = 5
INK, GRID, EDGE = "#5B5E66", "#E7E7E3", "#D9D9D4"
COLOURS = {"train": "#8A8D94", "validation": "#2563C9", "ideal": "#B5B7BB"}


@dataclass(frozen=True)
class Line:
    """One line of a chart: points, what it is called, and its kind (`train`, `validation`, `ideal`)."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    kind: str = "validation"
    dots: bool = False


@dataclass(frozen=True)
class Axes:
    """What a chart says around its lines; `message` is for those who cannot see it."""

    title: str
    x_title: str
    y_title: str
    message: str
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None


def lines(axes: Axes, drawn: Sequence[Line], marked: tuple[float, float] | None = None) -> Html:
    """Return a chart of lines; `marked` is a point with a ring. Values that are no numbers are left out."""
    kept = [_finite(line) for line in drawn]
    x_range = axes.x_range or _span([x for line in kept for x in line.x], padded=False)
    y_range = axes.y_range or _span([y for line in kept for y in line.y], padded=True)
    place = _Place(x_range, y_range)
    parts = [_grid(axes, place), *(_line(line, place) for line in kept)]
    if marked is not None and all(map(math.isfinite, marked)):
        x, y = place.x(marked[0]), place.y(marked[1])
        ring = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": 5, "fill": "none", "stroke_width": 2}
        parts.append(tag("circle", **ring, stroke=COLOURS["validation"], class_="c-validation"))
    parts.append(_legend(kept))
    label = tag("title", axes.message)
    return tag(
        "svg",
        label,
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH,
        height=HEIGHT,
        role="img",
        font_family="sans-serif",
        font_size=12,
    )


class _Place:
    """Turns values into pixels."""

    def __init__(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
        self.x_range, self.y_range = x_range, y_range

    def x(self, value: float) -> float:
        low, high = self.x_range
        return _LEFT + (value - low) / (high - low) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self.y_range
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def ticks(low: float, high: float, most: int = _TICKS) -> list[float]:
    """Return round values within a range, about `most` of them."""
    raw = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(raw)) if raw > 0 else 1.0
    step = next((power * nice for nice in (1, 2, 2.5, 5) if power * nice >= raw), power * 10)
    first = math.ceil(low / step - 1e-9)
    return [step * at for at in range(first, math.floor(high / step + 1e-9) + 1)]


def _grid(axes: Axes, place: _Place) -> Html:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    drawn: list[Html] = []
    for value in ticks(*place.y_range):
        y = f"{place.y(value):.1f}"
        drawn.append(tag("line", x1=_LEFT, x2=right, y1=y, y2=y, stroke=GRID, class_="c-grid"))
        drawn.append(_words(_LEFT - 6, float(y) + 4, _short(value), "end"))
    drawn += [_words(place.x(value), bottom + 16, _short(value), "middle") for value in ticks(*place.x_range)]
    drawn.append(tag("line", x1=_LEFT, x2=right, y1=bottom, y2=bottom, stroke=EDGE, class_="c-edge"))
    drawn.append(_words((_LEFT + right) / 2, HEIGHT - 6, axes.x_title, "middle"))
    middle = (_TOP + bottom) / 2
    drawn.append(_words(12, middle, axes.y_title, "middle", transform=f"rotate(-90 12 {middle:.0f})"))
    return tag("g", *drawn)


def _line(line: Line, place: _Place) -> Html:
    colour, known = COLOURS.get(line.kind, INK), f"c-{line.kind}"
    points = [(place.x(x), place.y(y)) for x, y in zip(line.x, line.y, strict=True)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dash = "4 4" if line.kind == "ideal" else None
    drawn = [tag("polyline", points=path, fill="none", stroke=colour, stroke_width=2, stroke_dasharray=dash,
                 stroke_linejoin="round", class_=known)]  # fmt: skip
    if line.dots or len(points) == 1:
        drawn += [tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=3, fill=colour, class_=f"{known} c-dot")
                  for x, y in points]  # fmt: skip
    return tag("g", *drawn)


def _legend(drawn: Sequence[Line]) -> Html:
    """Name the lines above the plot; a dash says which is meant where colours cannot be told apart."""
    named = [line for line in drawn if line.name]
    parts: list[Html] = []
    for at, line in enumerate(named):
        x = _LEFT + at * (WIDTH - _LEFT) / max(2, len(named))
        dash = "4 4" if line.kind == "ideal" else None
        colour = COLOURS.get(line.kind, INK)
        parts.append(tag("line", x1=f"{x:.0f}", x2=f"{x + 20:.0f}", y1=10, y2=10, stroke=colour, stroke_width=2,
                         stroke_dasharray=dash, class_=f"c-{line.kind}"))  # fmt: skip
        parts.append(_words(x + 26, 14, line.name, "start"))
    return tag("g", *parts)


def _words(x: float, y: float, words: str, anchor: str, **more: object) -> Html:
    return tag("text", words, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, fill=INK, class_="c-ink", **more)


def _finite(line: Line) -> Line:
    kept = [(x, y) for x, y in zip(line.x, line.y, strict=True) if math.isfinite(x) and math.isfinite(y)]
    return Line(line.name, [x for x, _ in kept], [y for _, y in kept], line.kind, line.dots)


def _span(values: Sequence[float], *, padded: bool) -> tuple[float, float]:
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if high - low < 1e-12:
        return low - 0.5, high + 0.5
    room = 0.06 * (high - low) if padded else 0.0
    return low - room, high + room


def _short(value: float) -> str:
    return number(int(value)) if float(value).is_integer() else number(round(value, 6))
