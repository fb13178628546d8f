"""Scores of marked places are seqeval's, chance's part in them is told, and answers are places of the text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from ftstudio.core import units
from ftstudio.core.settings import build
from ftstudio.engine.answers import tagging
from ftstudio.engine.answers.outputs import by_row, flat
from ftstudio.engine.language.tagged_texts import UNTAGGED

TAGS = units.tags_for(["city", "drug", "person"])
SETTINGS = build({})
texts_of_tags = st.lists(
    st.lists(st.tuples(st.integers(0, len(TAGS) - 1), st.integers(0, len(TAGS) - 1)), max_size=8),
    min_size=1,
    max_size=6,
)


def certain(rows: list[list[int]], seed: int = 0) -> Any:
    """Logits whose highest is the tag asked for."""
    chance = np.random.default_rng(seed)
    made = [chance.normal(size=(len(row), len(TAGS))).astype(np.float32) for row in rows]
    for logits, row in zip(made, rows, strict=True):
        logits[np.arange(len(row)), row] += 20
    return by_row(made)


def truth(rows: list[list[int]]) -> Any:
    return by_row([np.array(row, dtype=np.int64) for row in rows])


def names(rows: list[list[int]]) -> list[list[str]]:
    return [[TAGS[at] for at in row] for row in rows]


@settings(max_examples=200)
@given(texts_of_tags)
@pytest.mark.filterwarnings("ignore")
def test_scores_are_those_of_seqeval(rows: list[list[tuple[int, int]]]) -> None:
    from seqeval.metrics import f1_score, precision_score, recall_score

    there, marked = ([[pair[at] for pair in row] for row in rows] for at in (0, 1))
    mine = tagging.score(certain(marked), truth(there), TAGS)

    given_tags, said = names(there), names(marked)
    assert mine["f1"] == pytest.approx(f1_score(given_tags, said, zero_division=0))
    assert mine["precision"] == pytest.approx(precision_score(given_tags, said, zero_division=0))
    assert mine["recall"] == pytest.approx(recall_score(given_tags, said, zero_division=0))
    if any(tag != "O" for row in (*given_tags, *said) for tag in row):  # of no kinds at all there is no mean
        assert mine["macro_f1"] == pytest.approx(f1_score(given_tags, said, average="macro", zero_division=0))


@settings(max_examples=100)
@given(texts_of_tags)
@pytest.mark.filterwarnings("ignore")
def test_the_table_by_kind_is_that_of_seqeval(rows: list[list[tuple[int, int]]]) -> None:
    from seqeval.metrics import classification_report

    there, marked = ([[pair[at] for pair in row] for row in rows] for at in (0, 1))
    table = tagging.report(certain(marked), truth(there), TAGS)["per_class"]

    theirs = classification_report(names(there), names(marked), output_dict=True, zero_division=0)
    for row in table:
        other = theirs.get(row["label"], {"precision": 0, "recall": 0, "f1-score": 0, "support": 0})
        expected = (other["precision"], other["recall"], other["f1-score"], other["support"])
        assert (row["precision"], row["recall"], row["f1"], row["rows"]) == pytest.approx(expected)


def test_the_loss_that_is_told_is_the_mean_over_all_words() -> None:
    logits, wanted = certain([[0, 1], [2]], seed=3), truth([[0, 2], [2]])

    expected = functional.cross_entropy(torch.tensor(flat(logits)), torch.tensor(flat(wanted)))
    assert tagging.score(logits, wanted, TAGS)["loss"] == pytest.approx(float(expected), abs=1e-5)


def test_the_loss_of_a_row_is_the_sum_over_its_words_and_leaves_out_what_is_none() -> None:
    chance = torch.Generator().manual_seed(1)
    logits = torch.randn(2, 3, len(TAGS), generator=chance)
    labels = torch.tensor([[0, 2, UNTAGGED], [1, UNTAGGED, UNTAGGED]])
    weights = torch.linspace(0.5, 2.0, len(TAGS))

    plain, weighed = (tagging.loss(logits, labels, SETTINGS, one) for one in (None, weights))

    for row, wanted in enumerate(([0, 2], [1])):
        each = functional.cross_entropy(logits[row, : len(wanted)], torch.tensor(wanted), reduction="none")
        torch.testing.assert_close(plain[row], each.sum())
        torch.testing.assert_close(weighed[row], (each * weights[torch.tensor(wanted)]).sum())


def test_rows_whose_places_are_not_known_are_not_scored() -> None:
    logits = certain([[1, 2], [1, 2]])
    known, unknown = truth([[1, 2], [-1, -1]]), truth([[-1, -1], [-1, -1]])

    assert tagging.score(logits, known, TAGS)["f1"] == 1.0
    assert tagging.report(logits, known, TAGS)["rows"] == 1
    assert tagging.score(logits, unknown, TAGS) == {}
    assert tagging.intervals(logits, unknown, TAGS) == {}


def test_intervals_hold_the_score_and_narrow_with_more_texts() -> None:
    chance = np.random.default_rng(4)

    def width(texts: int) -> float:
        there = [[1 if chance.random() < 0.7 else 0, 0, 3] for _ in range(texts)]
        marked = [[row[0] if chance.random() < 0.8 else 0, 0, 3 if chance.random() < 0.9 else 5] for row in there]
        logits, wanted = certain(marked), truth(there)
        low, high = tagging.intervals(logits, wanted, TAGS)["f1"]
        assert low < tagging.score(logits, wanted, TAGS)["f1"] < high
        return high - low

    assert width(400) < 0.6 * width(50)


def test_intervals_cover_what_they_claim() -> None:
    """Of many samples of one population, about 95 in 100 intervals hold its F1."""
    chance = np.random.default_rng(8)
    there = np.where(chance.random((20_000, 3)) < 0.4, 1, 0)
    marked = np.where(chance.random(there.shape) < 0.15, 1 - there, there)
    whole = tagging.score(certain(marked.tolist()), truth(there.tolist()), TAGS)["f1"]
    held = 0
    for at in range(60):
        part = slice(200 * at, 200 * at + 200)
        low, high = tagging.intervals(certain(marked[part].tolist()), truth(there[part].tolist()), TAGS)["f1"]
        held += low <= whole <= high

    assert held >= 52


def test_answers_are_places_of_the_text_with_a_certainty() -> None:
    passage = "Ana Silva took aspirin 🙂 in New York"
    tagged = ["B-person", "I-person", "O", "B-drug", "O", "O", "I-city", "I-city"]

    (answer,) = tagging.decode(certain([[TAGS.index(one) for one in tagged]]), [passage], TAGS)

    assert [(one.label, one.text) for one in answer.spans] == [
        ("person", "Ana Silva"),
        ("drug", "aspirin"),
        ("city", "New York"),
    ]
    assert all(passage[one.start : one.end] == one.text and one.probability > 0.99 for one in answer.spans)
    assert answer.label == "Ana Silva (person), aspirin (drug), New York (city)"
    assert answer.probabilities == {}


def test_an_empty_text_has_no_places() -> None:
    (answer,) = tagging.decode(certain([[]]), [""], TAGS)

    assert (answer.spans, answer.label) == ((), "")
    assert tagging.score(certain([[]]), truth([[]]), TAGS)["f1"] == 0.0
