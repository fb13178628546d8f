"""Exact match and F1 are those of SQuAD's official script, whose behaviour is written out here."""

from __future__ import annotations

import collections
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core import answer_scores

WORDS = ["the", "a", "An", "Lisbon", "lisbon,", "city", "-", "U.S.", "US", "1990", "“x”", "theatre", " ", "\n", ""]
phrases = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


def official_normalize(s: str) -> str:
    def remove_articles(text: str) -> str:
        return re.sub(re.compile(r"\b(a|an|the)\b", re.UNICODE), " ", text)

    def remove_punc(text: str) -> str:
        return "".join(ch for ch in text if ch not in set(string.punctuation))

    return " ".join(remove_articles(remove_punc(s.lower())).split())


def official_exact(gold: str, pred: str) -> int:
    return int(official_normalize(gold) == official_normalize(pred))


def official_f1(gold: str, pred: str) -> float:
    gold_toks, pred_toks = (official_normalize(one).split() if one else [] for one in (gold, pred))
    common = collections.Counter(gold_toks) & collections.Counter(pred_toks)
    num_same = sum(common.values())
    if len(gold_toks) == 0 or len(pred_toks) == 0:
        return int(gold_toks == pred_toks)
    if num_same == 0:
        return 0
    precision, recall = 1.0 * num_same / len(pred_toks), 1.0 * num_same / len(gold_toks)
    return (2 * precision * recall) / (precision + recall)


@given(phrases, phrases)
def test_two_answers_are_compared_as_the_script_does(gold: str, said: str) -> None:
    assert answer_scores.exact_match(said, gold) == official_exact(gold, said)
    assert answer_scores.f1(said, gold) == pytest.approx(official_f1(gold, said))


@given(st.lists(phrases, max_size=4), phrases)
def test_of_several_right_answers_the_most_similar_counts(golds: list[str], said: str) -> None:
    gold_answers = [one for one in golds if official_normalize(one)] or [""]

    assert answer_scores.best(answer_scores.f1, said, golds) == pytest.approx(
        max(official_f1(one, said) for one in gold_answers)
    )
    assert answer_scores.best(answer_scores.exact_match, said, golds) == max(
        official_exact(one, said) for one in gold_answers
    )


def test_figures_that_anybody_can_check() -> None:
    assert answer_scores.exact_match("The Lisbon!", "lisbon") == 1.0
    assert answer_scores.f1("in New York City", "New York") == pytest.approx(2 * 0.5 * 1.0 / 1.5)
    assert answer_scores.best(answer_scores.f1, "", []) == 1.0
    assert answer_scores.best(answer_scores.f1, "Lisbon", []) == 0.0
