"""The language of texts, told by their small words."""

from __future__ import annotations

import pytest

from ftstudio.core import resources
from ftstudio.core.languages import NAMES, language_of


@pytest.mark.parametrize("language", NAMES)
def test_each_paragraph_of_general_texts_is_in_its_language(language: str) -> None:
    paragraphs = resources.path("texts", f"general-{language}.txt").read_text(encoding="utf-8").split("\n\n")

    assert len(paragraphs) >= 6
    assert [language_of([one]) for one in paragraphs] == [language] * len(paragraphs)


@pytest.mark.parametrize("texts", [[], [""], ["12 34"], ["hdhd kdkd ldld"], ["Pat. c/o HA since 2/7"]])
def test_what_is_in_no_known_language_is_unclear(texts: list[str]) -> None:
    assert language_of(texts) == ""
