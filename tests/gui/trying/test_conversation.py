"""A conversation goes on with each model's own answers, and what is written is shown while it grows."""

from __future__ import annotations

import json

from pytestqt.qtbot import QtBot

from ftstudio.core import chats
from ftstudio.gui.trying.answer_card import AnswerCard
from ftstudio.gui.trying.conversation import Conversation


def said(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": words} for role, words in turns]


def test_each_model_goes_on_with_its_own_answers() -> None:
    talk = Conversation()
    assert talk.texts("a?", ["one", "base:one"]) == {}
    talk.note("a?", [{"run": "one", "label": "A."}, {"run": "base:one", "label": "B."}])
    talk.note("and b?", [{"run": "one", "label": "C."}])

    texts = talk.texts("c?", ["one", "base:one", "two"])
    before = [("user", "a?"), ("assistant", "A."), ("user", "and b?"), ("assistant", "C.")]
    assert json.loads(texts["one"]) == said(*before, ("user", "c?"))
    assert json.loads(texts["base:one"]) == said(("user", "a?"), ("assistant", "B."), ("user", "c?"))
    assert json.loads(texts["two"]) == said(("user", "c?"))
    assert len(chats.asking(texts["one"])) == 5
    assert talk.transcript("one", "c?") == "You: a?\n\nModel: A.\n\nYou: and b?\n\nModel: C.\n\nYou: c?"
    talk.clear()
    assert talk.texts("a?", ["one"]) == {}


def test_what_is_written_is_shown_while_it_grows_and_stays_when_it_is_stopped(qtbot: QtBot) -> None:
    card = AnswerCard()
    qtbot.addWidget(card)
    for words in ("To", "To be"):
        card.show_writing(words, "You: a?\n\nModel: ")
        assert not card.has_answer

    assert card.written.toPlainText() == "You: a?\n\nModel: To be"
    card.show_stopped()
    assert card.has_answer
    assert card.took.text() == "stopped"
    card.show_answer({"label": "To be,", "probabilities": {}, "spans": []}, 0.5)
    card.show_writing("Next")
    assert not card.has_answer
    assert card.written.toPlainText() == "Next"
