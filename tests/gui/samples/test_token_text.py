"""Tokens are drawn by what becomes of them, and said in words, too."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ftstudio.core.token_lens import CUT, LEARNED, READ, Lens, State, Token
from ftstudio.gui.samples.token_text import LensView, look


def lens(*tokens: tuple[str, State], more: int = 0) -> Lens:
    count = len(tokens) + more
    read = sum(state != CUT for _, state in tokens)
    learned = sum(state == LEARNED for _, state in tokens)
    made = tuple(Token(text=words, state=state) for words, state in tokens)
    return Lens(row=1, tokens=made, total=count, read=read, learned=learned, limit=read)


def test_every_token_is_drawn_over_its_own_letters(qtbot: QtBot) -> None:
    view = LensView()
    qtbot.addWidget(view)
    view.show_lens(lens(("Who", READ), (" 😀", LEARNED), (" is", CUT), more=2))

    drawn = [(one.cursor.selectedText(), one.format.fontStrikeOut()) for one in view.tokens.extraSelections()]
    assert drawn == [("Who", False), (" 😀", False), (" is", True)]
    assert view.tokens.toPlainText() == "Who 😀 is … and 2 more tokens"


def test_colour_is_not_all(qtbot: QtBot) -> None:
    view = LensView()
    qtbot.addWidget(view)
    view.show_lens(lens(("Who", READ), (" is", LEARNED), (" it", CUT)))

    assert "2 tokens are read. The model learns to write 1 of them" in view.words.text()
    assert "1 token is cut off, because at most 2 are read." in view.words.text()
    assert view.tokens.accessibleDescription() == view.words.text()
    assert look(LEARNED, is_odd=False).underlineStyle() != look(READ, is_odd=False).underlineStyle()
    assert look(CUT, is_odd=False).fontStrikeOut()
    assert {one.text() for one in view.legend._words.values()} == {"learned", "only read", "cut off"}
