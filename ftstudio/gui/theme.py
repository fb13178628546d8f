"""The one place that decides how the window looks: tokens, palettes, type scale and spacing.

Widgets say what they are (`setProperty("role", "title")`, `setProperty("kind", "primary")`) and never choose a
colour or a size. Charts and delegates, which draw themselves, read `current()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from ftstudio.core.translation import N_

SMALL, BODY, SECTION, TITLE, BIG = 12, 13, 15, 20, 28
XS, S, M, L, XL, XXL = 4, 8, 12, 16, 24, 32
RADIUS, ROW, TARGET = 6, 32, 28
RAIL, RAIL_FOLDED = 184, 56
MOTION_MS = 120

SYSTEM = "system"
TITLES = {
    SYSTEM: N_("As the system"),
    "light": N_("Light"),
    "dark": N_("Dark"),
    "contrast": N_("High contrast"),
}


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, as `#rrggbb`. `hover` and `selected` are backgrounds that text lies on."""

    name: str
    is_dark: bool
    window: str
    surface: str
    sunken: str
    hover: str
    selected: str
    border: str
    edge: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    success: str
    warning: str
    danger: str
    danger_hover: str
    on_danger: str
    border_width: int = 1

    def color(self, role: str) -> QColor:
        """Return the colour of a token by its name."""
        return QColor(str(getattr(self, role)))

    def pairs(self) -> Iterator[tuple[str, str, float]]:
        """Yield every (foreground, background, least contrast) that this theme puts on screen."""
        surfaces = (self.window, self.surface, self.sunken, self.hover, self.selected)
        for background in surfaces:
            for foreground in (self.text, self.muted, self.accent, self.success, self.warning, self.danger):
                yield foreground, background, 4.5
        for background in (self.accent, self.accent_hover):
            yield self.on_accent, background, 4.5
        for background in (self.danger, self.danger_hover):
            yield self.on_danger, background, 4.5
        for background in (self.window, self.surface, self.sunken):
            yield self.edge, background, 3.0


THEMES = {
    "light": Theme(
        name="light",
        is_dark=False,
        window="#F6F6F4",
        surface="#FFFFFF",
        sunken="#EEEEEB",
        hover="#F1F2F1",
        selected="#E6EDF9",
        border="#D9D9D4",
        edge="#85878F",
        text="#1C1D20",
        muted="#5B5E66",
        accent="#2059BB",
        accent_hover="#194A9F",
        on_accent="#FFFFFF",
        success="#16704A",
        warning="#8A5200",
        danger="#B12F2F",
        danger_hover="#982525",
        on_danger="#FFFFFF",
    ),
    "dark": Theme(
        name="dark",
        is_dark=True,
        window="#16171A",
        surface="#1E2024",
        sunken="#121316",
        hover="#282B31",
        selected="#25344B",
        border="#34373E",
        edge="#767A84",
        text="#ECEDEF",
        muted="#A6AAB3",
        accent="#7AB0FF",
        accent_hover="#9BC4FF",
        on_accent="#0D1B33",
        success="#57C994",
        warning="#F2B84B",
        danger="#FF857C",
        danger_hover="#FFA59E",
        on_danger="#2B0B09",
    ),
    "contrast": Theme(
        name="contrast",
        is_dark=True,
        window="#000000",
        surface="#000000",
        sunken="#000000",
        hover="#262626",
        selected="#33300A",
        border="#FFFFFF",
        edge="#FFFFFF",
        text="#FFFFFF",
        muted="#E4E4E4",
        accent="#FFE14D",
        accent_hover="#FFF0A3",
        on_accent="#000000",
        success="#6BFFA8",
        warning="#FFC44D",
        danger="#FF9B94",
        danger_hover="#FFC2BD",
        on_danger="#000000",
        border_width=2,
    ),
}

RUN_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


class _Notifier(QObject):
    changed = Signal()


class _Current:
    theme = THEMES["light"]
    notifier: _Notifier | None = None


def current() -> Theme:
    """Return the theme in use."""
    return _Current.theme


def notifier() -> _Notifier:
    """Return the object whose `changed` signal tells self-drawing widgets to redraw."""
    if _Current.notifier is None:
        _Current.notifier = _Notifier()
    return _Current.notifier


def run_colours() -> list[QColor]:
    """Return the colours of several runs in order, brightened on dark backgrounds."""
    return [QColor(name).lighter(135) if current().is_dark else QColor(name) for name in RUN_COLOURS]


def resolve(name: str, app: QApplication) -> Theme:
    """Return the theme called `name`; `system` and unknown names follow the system's colour scheme."""
    if name in THEMES:
        return THEMES[name]
    is_dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return THEMES["dark" if is_dark else "light"]


def apply(app: QApplication, name: str) -> None:
    """Dress the whole application in a theme: `system`, `light`, `dark` or `contrast`."""
    from ftstudio.gui import icons, stylesheet

    _Current.theme = resolve(name, app)
    icons.forget()
    app.setFont(font())
    app.setPalette(palette(_Current.theme))
    app.setStyleSheet(stylesheet.of(_Current.theme))
    notifier().changed.emit()


def font(size: int = BODY, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the system font in a size of the scale (pixels), with figures of equal width."""
    made = QFont(QApplication.font().family())
    made.setPixelSize(size)
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def palette(theme: Theme) -> QPalette:
    """Return the Qt palette of a theme, for what the stylesheet does not reach."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.hover,
        role.Text: theme.text,
        role.Button: theme.surface,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.ToolTipBase: theme.surface,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Light: theme.surface,
        role.Accent: theme.accent,
    }
    made = QPalette()
    for key, colour in colours.items():
        made.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.edge))
    return made


def restyle(widget: QWidget, **properties: object) -> None:
    """Set dynamic properties (role, kind, state…) and let the stylesheet see them; none that changes costs nothing."""
    if all((widget.property(key) or "") == (value or "") for key, value in properties.items()):
        return
    for key, value in properties.items():
        widget.setProperty(key, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def contrast(foreground: str, background: str) -> float:
    """Return the WCAG contrast ratio of two `#rrggbb` colours, from 1 to 21."""
    light, dark = sorted((_luminance(foreground), _luminance(background)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    def linear(byte: int) -> float:
        share = byte / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def token_names() -> list[str]:
    """Return the names of the colour tokens."""
    return [field.name for field in fields(Theme) if isinstance(getattr(THEMES["light"], field.name), str)]
