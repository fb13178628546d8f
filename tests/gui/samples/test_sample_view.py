"""One row, large: what it says is what the row says."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from pytestqt.qtbot import QtBot

from ftstudio.core.samples import Shown
from ftstudio.gui.samples.sample_view import PictureContent, SampleView, TextContent


def test_a_wrong_answer_names_the_truth(qtbot: QtBot) -> None:
    view = SampleView("text")
    qtbot.addWidget(view)
    shares = {"ham": 0.7, "spam": 0.3}
    view.show_sample(Shown(row=3, text="Buy now", truth="spam", prediction="ham", probabilities=shares))
    view.show()
    assert isinstance(view.content, TextContent) and view.content.toPlainText() == "Buy now"
    assert view.content.isReadOnly()
    assert "spam" in view._prediction.accessibleName()
    assert view.bars.accessibleDescription() == "ham 70 %, spam 30 %"
    view.grab()


def test_a_right_answer_says_so_and_a_row_without_one_says_nothing(qtbot: QtBot) -> None:
    view = SampleView("text")
    qtbot.addWidget(view)
    view.show_sample(Shown(row=1, text="a", truth="x", prediction="x", probabilities={"x": 1.0}))
    assert view._prediction.accessibleName() == "Right"
    view.show_sample(Shown(row=2, text="b", truth="x"))
    assert view._prediction.isHidden() and view.bars.isHidden() and view._truth.text() == "x"


def test_a_model_that_does_not_know_says_so_and_what_it_would_guess(qtbot: QtBot) -> None:
    view = SampleView("text")
    qtbot.addWidget(view)
    view.show_sample(Shown(row=1, text="a", truth="x", prediction="y", probabilities={"y": 0.5, "x": 0.5}, known=False))
    assert view._answer.text() == "Does not know"
    assert view._prediction.accessibleName() == "Its best guess is “y”, true is “x”"


def test_a_picture_fills_the_room_it_has(tmp_path: Path, qtbot: QtBot) -> None:
    Image.new("RGB", (50, 50), "#00ff00").save(tmp_path / "green.png")
    view = SampleView("image")
    qtbot.addWidget(view)
    view.resize(300, 400)
    view.show_sample(Shown(row=1, picture="green.png", truth="grass"), tmp_path)
    view.show()
    content = view.content
    assert isinstance(content, PictureContent)
    middle = content.grab().toImage().pixelColor(content.width() // 2, content.height() // 2)
    assert middle.green() == 255 and middle.red() == 0


def test_a_picture_that_cannot_be_read_is_said(tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "bad.png").write_bytes(b"no")
    view = SampleView("image")
    qtbot.addWidget(view)
    view.show_sample(Shown(row=1, picture="bad.png"), tmp_path)
    content = view.content
    assert isinstance(content, PictureContent) and content._picture.isNull()
    view.grab()


def test_a_long_answer_that_is_written_stands_below_its_prompt(qtbot: QtBot) -> None:
    view = SampleView("written")
    qtbot.addWidget(view)
    view.show_sample(Shown(row=1, text="What is it?", truth="a stone. " * 60))

    assert view.content.toPlainText() == f"What is it?\n\nAnswer: {'a stone. ' * 60}"  # type: ignore[union-attr]
    assert view._truth.isHidden()
    assert view.minimumSizeHint().width() < 400
