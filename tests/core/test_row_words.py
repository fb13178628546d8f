"""Rows of a project of pictures are called pictures, where a sentence is about the project's rows."""

from __future__ import annotations

import gettext

import pytest

from ftstudio.core import translation
from ftstudio.core.row_words import name_rows, rows_are_pictures
from ftstudio.core.text import text, text_plural


def test_rows_stay_rows_unless_they_are_pictures() -> None:
    sentence = text("{rows} training rows", rows=5)
    assert sentence.render() == "5 training rows"
    rows_are_pictures(True)
    assert sentence.render() == "5 training pictures"
    rows_are_pictures(False)
    assert sentence.render() == "5 training rows"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Row {row}: no row has two labels.", "Picture {row}: no picture has two labels."),
        ("The model narrows its rows; {rows} rows", "The model narrows its pictures; {rows} pictures"),
        ("Row {row} of “{file}” has too many cells.", "Row {row} of “{file}” has too many cells."),
        ("One file is one row.", "One file is one row."),
        ("It got worse three times in a row.", "It got worse three times in a row."),
        ("Arrows and borrowed rowers", "Arrows and borrowed rowers"),
    ],
)
def test_the_word_is_exchanged_and_nothing_else(said: str, shown: str) -> None:
    rows_are_pictures(True)
    assert name_rows(said, said) == shown


def test_what_the_user_wrote_is_never_changed() -> None:
    rows_are_pictures(True)
    found = text_plural("{count} row has “{label}”.", "{count} rows have “{label}”.", 2, label="row of houses")
    assert found.render() == "2 pictures have “row of houses”."


def test_other_languages_exchange_their_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"row": "linha", "rows": "linhas", "picture": "imagem", "pictures": "imagens"}
    words |= {"{count} rows stay.": "{count} linhas ficam; a linha 1 também."}

    class Portuguese(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return words.get(message, message)

    monkeypatch.setattr(translation._Current, "catalogue", Portuguese())
    monkeypatch.setattr(translation._Current, "language", "pt_BR")
    rows_are_pictures(True)
    assert text("{count} rows stay.", count=3).render() == "3 imagens ficam; a imagem 1 também."
    del words["pictures"], words["picture"]
    assert text("{count} rows stay.", count=3).render() == "3 linhas ficam; a linha 1 também."
