"""The field of a question and the list of those asked before."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.gui.trying.history import History
from ftstudio.gui.trying.questions import TextQuestion


@pytest.mark.parametrize(("asked", "told"), [("", ""), ("07.11.1950", "1 word"), ("two words", "2 words")])
def test_words_are_counted_in_words(qtbot: QtBot, asked: str, told: str) -> None:
    question = TextQuestion()
    qtbot.addWidget(question)
    question.first.setPlainText(asked)

    assert question.counted.text() == told


@pytest.mark.parametrize(("writes", "told"), [(True, "The model wrote nothing."), (False, "nothing found")])
def test_an_empty_answer_is_remembered_as_what_it_is(qtbot: QtBot, writes: bool, told: str) -> None:
    history = History()
    qtbot.addWidget(history)
    history.note({"text": "07.11.1950"}, [{"label": "", "probabilities": {}}], writes=writes)

    assert history.item(0).text().startswith(told)
