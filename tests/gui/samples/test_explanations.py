"""Explanations are drawn where they belong, can be read without colours, and leave text readable in every theme."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QTextCharFormat
from pytestqt.qtbot import QtBot

from ftstudio.core.samples import Explanation
from ftstudio.gui import theme
from ftstudio.gui.samples.heat_overlay import HeatOverlay, heat_image
from ftstudio.gui.samples.word_weights import WordWeights, tint


def words(*pieces: tuple[str, float]) -> Explanation:
    return Explanation(kind="words", label="good", method="m", probability=0.9, pieces=list(pieces))


def heat(values: list[list[float]], box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)) -> Explanation:
    return Explanation(kind="picture", label="cat", method="m", probability=0.9, heat=values, box=box)


def test_each_word_is_tinted_where_it_stands(qtbot: QtBot) -> None:
    """Qt counts a sign like 🎬 as two letters, and a line end of two letters as one."""
    view = WordWeights()
    qtbot.addWidget(view)
    view.show_text("🎬 superb\r\nbut dull")
    view.show_explanation(
        words(("🎬", 0.0), (" ", 0.0), ("superb", 2.0), ("\r\n", 0.0), ("but", 0.01), (" ", 0), ("dull", -1))
    )
    assert [one.cursor.selectedText() for one in view.extraSelections()] == ["superb", "dull"]
    for_it, against = view.extraSelections()
    assert for_it.format.background().color() == tint(1.0) and against.format.background().color() == tint(-0.5)
    styles = QTextCharFormat.UnderlineStyle
    assert against.format.underlineStyle() == styles.DashUnderline, "colour never speaks alone"
    assert for_it.format.underlineStyle() == styles.NoUnderline
    assert view.accessibleDescription() == "Speaks for “good”: superb (2.0), but (0.0). Speaks against it: dull (-1.0)."
    view.show_explanation(None)
    assert view.extraSelections() == [] and view.accessibleDescription() == ""


def test_what_is_tinted_is_the_text_of_the_explanation(qtbot: QtBot) -> None:
    view = WordWeights()
    qtbot.addWidget(view)
    view.show_text("a pair\nof texts")
    view.show_explanation(words(("a", 1.0), (" ", 0.0), ("pair", 0.5), ("\n\n", 0.0), ("of texts", -1.0)))
    assert view.toPlainText() == "a pair\n\nof texts"
    assert view.extraSelections()[-1].cursor.selectedText() == "of texts"


@pytest.mark.parametrize("name", sorted(theme.THEMES))
@pytest.mark.parametrize("weight", [1.0, 0.5, 0.1, -0.1, -0.5, -1.0])
def test_tinted_words_stay_readable(name: str, weight: float) -> None:
    now = theme.THEMES[name]
    assert theme.contrast(now.text, tint(weight, now).name()) >= 4.5


def test_a_stronger_word_has_a_deeper_tint() -> None:
    now = theme.THEMES["light"]
    shades = [theme.contrast(now.surface, tint(weight, now).name()) for weight in (0.1, 0.4, 0.7, 1.0)]
    assert shades == sorted(shades) and shades[0] < shades[-1]


@pytest.fixture
def overlay(tmp_path: Path, qtbot: QtBot) -> HeatOverlay:
    Image.new("RGB", (100, 50), "#0000ff").save(tmp_path / "blue.png")
    made = HeatOverlay()
    qtbot.addWidget(made)
    made.resize(200, 200)
    made.show_picture(tmp_path / "blue.png")
    made.show()
    return made


def redness(overlay: HeatOverlay, x: int, y: int) -> int:
    return overlay.grab().toImage().pixelColor(x, y).red()


def test_heat_lies_where_the_model_looked(overlay: HeatOverlay) -> None:
    """A picture of 100 x 50 in a square of 200 lies from 50 to 150; the model saw its right half."""
    overlay.show_explanation(heat([[0.0, 1.0], [0.0, 0.0]], (0.5, 0.0, 0.5, 1.0)))
    overlay.set_strength(100)
    assert redness(overlay, 190, 55) > 200, "the upper right corner is hot"
    assert redness(overlay, 110, 140) < 60, "the lower left of what was seen is cold"
    assert redness(overlay, 190, 20) == overlay.grab().toImage().pixelColor(10, 10).red(), "nothing beside the picture"
    assert redness(overlay, 50, 100) > 100, "what the model did not see is dimmed"
    assert "lies at the top, right" in overlay.accessibleDescription()


def test_the_overlay_can_be_weakened_and_taken_away(overlay: HeatOverlay) -> None:
    overlay.show_explanation(heat([[1.0]]))
    overlay.set_strength(100)
    strong = redness(overlay, 100, 100)
    overlay.set_strength(40)
    assert 0 < redness(overlay, 100, 100) < strong
    overlay.set_strength(0)
    assert redness(overlay, 100, 100) == 0
    overlay.set_strength(100)
    overlay.show_explanation(None)
    assert redness(overlay, 100, 100) == 0


def test_what_is_cold_is_clear() -> None:
    image = heat_image([[0.0, 1.0]])
    assert image.pixelColor(0, 0).alpha() == 0 and image.pixelColor(1, 0).alpha() == 255


@pytest.mark.parametrize("name", [None, "broken.png"])
def test_only_a_picture_that_is_there_can_be_unreadable(name: str | None, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    made = HeatOverlay()
    qtbot.addWidget(made)
    made.resize(300, 100)
    made.show_picture(tmp_path / name if name else None)
    drawn = made.grab().toImage()

    colors = {drawn.pixel(x, y) for x in range(300) for y in range(100)}
    assert (len(colors) > 1) is (name is not None), "red words, or nothing at all"
