"""ROUGE-L and chrF are those of the packages that everybody compares by."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import CHRF

from ftstudio.core import rewriting_scores

WORDS = [
    "the",
    "The",
    "cat",
    "sat",
    "on",
    "mat",
    "a",
    "1990",
    "U.S.",
    "it's",
    "under_score",
    "-",
    "\n",
    "",
    "ação",
    "Маша",
]
phrases = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
plain = st.lists(st.sampled_from([one for one in WORDS if one.isascii()]), max_size=14).map(" ".join)


@given(plain, plain)
def test_rouge_l_of_english_letters_is_that_of_rouge_score(written: str, right: str) -> None:
    theirs = RougeScorer(["rougeL"]).score(right, written)["rougeL"].fmeasure
    assert rewriting_scores.rouge_l(written, right) == pytest.approx(theirs)


class AnyScript:
    def tokenize(self, words: str) -> list[str]:
        return re.findall(r"[^\W_]+", words.lower())


@given(phrases, phrases)
def test_rouge_l_of_any_letters_is_that_of_rouge_score_given_such_words(written: str, right: str) -> None:
    theirs = RougeScorer(["rougeL"], tokenizer=AnyScript()).score(right, written)["rougeL"].fmeasure
    assert rewriting_scores.rouge_l(written, right) == pytest.approx(theirs)


@given(phrases, phrases)
def test_chrf_of_one_text_is_that_of_sacrebleu(written: str, right: str) -> None:
    theirs = CHRF().corpus_score([written], [[right]]).score / 100
    assert rewriting_scores.chrf(rewriting_scores.pieces(written, right)) == pytest.approx(theirs)


@given(st.lists(st.tuples(phrases, phrases), min_size=1, max_size=5))
def test_chrf_of_many_texts_is_that_of_sacrebleu(pairs: list[tuple[str, str]]) -> None:
    written, right = [one for one, _ in pairs], [one for _, one in pairs]
    theirs = CHRF().corpus_score(written, [right]).score / 100
    total = sum(rewriting_scores.pieces(*pair) for pair in pairs)
    assert rewriting_scores.chrf(total) == pytest.approx(theirs)


def test_what_is_the_same_is_whole_and_what_has_nothing_in_common_is_none() -> None:
    assert rewriting_scores.rouge_l("A cat, sat.", "a cat sat") == 1.0
    assert rewriting_scores.rouge_l("dog", "cat") == rewriting_scores.rouge_l("", "cat") == 0.0
    assert rewriting_scores.rouge_l("sat cat", "cat sat") == 0.5, "order counts"
    assert rewriting_scores.chrf(rewriting_scores.pieces("cat", "cat")) == 1.0
