"""The themes: every pair of text and background can be read, and switching reaches everything."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from ftstudio.gui import icons, stylesheet, theme
from ftstudio.gui.charts.confusion import readable_on
from ftstudio.gui.main_window import MainWindow


@pytest.mark.parametrize("name", theme.THEMES)
def test_every_text_can_be_read_on_every_background(name: str) -> None:
    chosen = theme.THEMES[name]

    pale = [
        (front, back, round(theme.contrast(front, back), 2))
        for front, back, least in chosen.pairs()
        if theme.contrast(front, back) < least
    ]

    assert pale == []


def test_contrast_is_that_of_the_web_guidelines() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", theme.THEMES)
def test_the_stylesheet_uses_only_colours_of_the_theme(window: MainWindow, name: str) -> None:
    import re

    window.set_theme(name)
    tokens = {str(getattr(theme.THEMES[name], token)).lower() for token in theme.token_names()}

    used = {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}\b", stylesheet.of(theme.THEMES[name]))}

    assert used and used <= tokens


def test_switching_the_theme_changes_what_is_painted(window: MainWindow) -> None:
    def background() -> str:
        return QColor(window.grab().toImage().pixelColor(window.width() // 2, window.height() - 60)).name()

    window.set_theme("light")
    QApplication.processEvents()
    light = background()
    window.set_theme("dark")
    QApplication.processEvents()

    assert (light, background()) == ("#f6f6f4", "#16171a")


def test_every_icon_is_drawn_in_the_colour_asked_for(window: MainWindow) -> None:
    for name in icons.names():
        picture = icons.pixmap(name, "accent").toImage()
        painted = {
            picture.pixelColor(x, y).alpha() > 0 for x in range(picture.width()) for y in range(0, picture.height(), 2)
        }
        assert True in painted, name


@pytest.mark.parametrize("name", theme.THEMES)
def test_numbers_on_a_heat_map_can_be_read(window: MainWindow, name: str) -> None:
    window.set_theme(name)
    for role in ("accent", "danger", "sunken"):
        fill = theme.current().color(role)
        assert theme.contrast(readable_on(fill).name(), fill.name()) >= 3.0
