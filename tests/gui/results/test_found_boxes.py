"""Boxes in the window: every one is said in words, and right, wrong, badly placed, extra and missed are told apart."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from ftstudio.core.boxes import Box, Spotted
from ftstudio.core.samples import Shown
from ftstudio.core.specs import Answer
from ftstudio.gui.samples.boxed_picture import BoxedContent
from ftstudio.gui.trying.answer_card import AnswerCard
from ftstudio.planning.box_answers import EXTRA, MISPLACED, MISSED, RIGHT, WRONG_KIND, BoxAnswer
from tests.support.box_projects import write_shapes


def box(label: str, x: float, y: float, side: float = 20) -> Box:
    return Box(label=label, x=x, y=y, width=side, height=side)


def drawn(label: str, x: float, y: float, share: float) -> Spotted:
    return Spotted(**box(label, x, y).model_dump(), probability=share)


def test_every_box_is_judged_once(tmp_path: Path) -> None:
    truth = (box("cat", 0, 0), box("cat", 50, 0), box("cat", 0, 50), box("cat", 50, 50))
    said = (drawn("cat", 1, 1, 0.9), drawn("cat", 2, 2, 0.8), drawn("dog", 50, 1, 0.7), drawn("cat", 10, 50, 0.6))
    answer = BoxAnswer(1, 0, "a.png", tmp_path / "a.png", truth, said)

    assert [state for state, _ in answer.judged] == [RIGHT, EXTRA, WRONG_KIND, MISPLACED, MISSED]
    assert answer.mistakes == 4
    assert answer.has("dog")
    assert not answer.has("cow")
    assert BoxAnswer(1, 0, "", tmp_path, (), ()).judged == []


def test_the_picture_is_drawn_and_its_boxes_are_said(tmp_path: Path, qtbot: QtBot) -> None:
    write_shapes(tmp_path / "shapes", 1)
    content = BoxedContent()
    qtbot.addWidget(content)
    content.resize(300, 300)

    content.show_judged(tmp_path / "shapes" / "images" / "000.png", [(RIGHT, drawn("cross", 5, 5, 0.9))])
    content.grab()

    assert "cross: right, 90 % sure" in content.picture.accessibleDescription()
    content.show_sample(Shown(row=1, picture="images/000.png", truth='[["square", 1, 2, 30, 30]]'), tmp_path / "shapes")
    assert content.picture.accessibleDescription() == "square"
    content.show_sample(Shown(row=1, picture="images/000.png", truth="square"), tmp_path / "shapes")
    assert content.picture.accessibleDescription() == ""


def test_try_draws_what_was_found(tmp_path: Path, qtbot: QtBot) -> None:
    write_shapes(tmp_path / "shapes", 1)
    card = AnswerCard()
    qtbot.addWidget(card)
    document = {"label": "1 cross", "boxes": [drawn("cross", 5, 5, 0.9).model_dump()], "probabilities": {}}

    card.show_answer(document, 0.1, str(tmp_path / "shapes" / "images" / "000.png"), Answer.BOXES)

    assert not card.boxed.isHidden()
    assert card.boxed.picture.accessibleDescription() == "cross, 90 % sure"
    card.show_nothing("")
    assert card.boxed.isHidden()
