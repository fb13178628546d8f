"""Trying a model that writes: what it writes is shown to be read, and how it writes is chosen beside."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ftstudio.core import options
from ftstudio.core.manner import LIKELIEST, Manner
from ftstudio.core.specs import Answer
from ftstudio.gui.trying.answer_card import AnswerCard
from ftstudio.gui.trying.manner_row import MannerRow


def test_the_usual_manner_is_offered_and_another_can_be_chosen(qtbot: QtBot) -> None:
    row = MannerRow()
    qtbot.addWidget(row)

    assert options.read(Manner, row.value()) == LIKELIEST
    row.editors["temperature"].show_value(0.7)
    row.editors["length"].show_value(12)
    assert options.read(Manner, row.value()) == Manner(temperature=0.7, length=12)


def test_a_model_that_rewrites_is_asked_for_beams(qtbot: QtBot) -> None:
    row = MannerRow()
    qtbot.addWidget(row)
    row.show_kind(Answer.REWRITE, 24)

    assert row.value() == {"beams": 1, "length_penalty": 1.0, "length": 24}
    row.show_kind(Answer.TEXT)
    assert row.value()["length"] == LIKELIEST.length
    assert "beams" not in row.value()


def test_that_nothing_was_written_is_said(qtbot: QtBot) -> None:
    card = AnswerCard()
    qtbot.addWidget(card)
    card.show_answer({"label": "", "probabilities": {}, "spans": []}, 0.5, "a text", Answer.REWRITE)

    assert not card.written.isHidden()
    assert card.marked.isHidden()
    assert "nothing" in card.written.placeholderText()


def test_it_is_let_to_write_and_stopped_by_buttons(qtbot: QtBot) -> None:
    row = MannerRow()
    qtbot.addWidget(row)
    with qtbot.waitSignal(row.asked):
        row.write.click()

    assert not row.stop.isEnabled()
    row.show_working(True)
    with qtbot.waitSignal(row.stopped):
        row.stop.click()


def test_what_is_written_is_shown_whole(qtbot: QtBot) -> None:
    card = AnswerCard()
    qtbot.addWidget(card)
    card.show_answer({"label": "To be,\nor not", "probabilities": {}, "spans": []}, 0.5)

    assert not card.written.isHidden()
    assert card.written.toPlainText() == "To be,\nor not"
    assert card.marked.isHidden()
    card.show_nothing("")
    assert card.written.isHidden()
