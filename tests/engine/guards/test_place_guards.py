"""What guards models that find places: folds, growing shares, simple answers, doubted marks; each on tiny projects."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ftstudio.core import units
from ftstudio.core.errors import InputError
from ftstudio.datasets import folds
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers import extracting, tagging
from ftstudio.engine.answers.outputs import by_row
from ftstudio.engine.probes import simple_places
from ftstudio.planning import out_of_fold
from ftstudio.project.runs import list_runs
from tests.engine.guards.test_cross_validation import overrides
from tests.engine.projects import Tiny

QUICK = {"monitor": "f1", "tuning_method": "full", "dropout": 0.0, "learning_rate": 3e-3, "epochs": 20.0}
TAGS = units.tags_for(["city", "person"])


@pytest.fixture(params=["tagged_project", "question_project"])
def project(request: pytest.FixtureRequest) -> Tiny:
    return request.getfixturevalue(request.param)


def test_folds_answer_every_row_once_and_a_final_model_follows(project: Tiny) -> None:
    document = project.job("cross_validate", folds=3, settings=overrides(**QUICK))
    dataset = Dataset.open(project.layout.data)
    found = out_of_fold.latest_answers(project.layout, dataset)
    rows = found.table.to_pylist()

    pool = folds.pool(dataset)
    assert sorted(row["place"] for row in rows) == sorted(pool.table["place"].to_pylist())
    width = len(found.labels) if len(found.labels) > 1 else 2
    logits = by_row([np.array(row["logits"]).reshape(-1, width) for row in rows])
    kind, of_rows = (tagging, np.int64) if width > 2 else (extracting, object)
    truth = by_row([np.array(row["truth"], dtype=of_rows) for row in rows])
    fold = np.array([row["fold"] for row in rows])
    scores = [kind.score(logits[fold == at], truth[fold == at], found.labels)["f1"] for at in range(3)]
    f1 = document["metrics"]["f1"]
    assert f1["folds"] == pytest.approx(scores)
    assert f1["rows_low"] <= kind.score(logits, truth, found.labels)["f1"] <= f1["rows_high"]
    assert np.mean(scores) > 0.4, "it has learned, and answers rows that it has not learned from"
    (run,) = list_runs(project.layout)
    assert document["run"] == run.id
    assert document["test"]["f1"] > 0.4
    assert "lets expect" in json.dumps(document["advice"]) or "chance explains" in json.dumps(document["advice"])


def test_growing_shares_tell_whether_more_data_would_help(project: Tiny) -> None:
    document = project.job("learning_curve", settings=overrides(**QUICK))

    assert [round(point["rows"]) for point in document["points"]] == sorted(
        round(point["rows"]) for point in document["points"]
    )
    assert document["by_class"] == {}
    assert 0.0 <= document["forecast"]["value"] <= 1.0
    assert document["gain"]["low"] <= document["gain"]["value"] <= document["gain"]["high"]


def test_simple_answers_are_scored_before_the_first_run_and_shown_against_it(project: Tiny) -> None:
    document = project.train(**{**QUICK, "epochs": 1.0})

    found = {one["key"]: one["metrics"]["validation"]["f1"] for one in document["baselines"]}
    assert set(found) in ({"word_windows"}, {"no_answer", "best_sentence"})
    assert all(0.0 <= value <= 1.0 for value in found.values())


def test_random_weights_are_trained_on_request(project: Tiny) -> None:
    document = project.job("baselines", settings=overrides(**QUICK, max_steps=3), random_weights=True)

    assert [one["key"] for one in document["baselines"]][-1] == "random_weights"


def test_marks_cannot_be_doubted_before_a_cross_validation(project: Tiny) -> None:
    with pytest.raises(InputError, match="cross-validation") as refused:
        project.job("find_label_errors", settings=overrides(**QUICK))

    assert "cross-validate" in str(refused.value.hint)


def test_the_rows_whose_marks_the_folds_doubt_come_first(project: Tiny) -> None:
    project.job("cross_validate", folds=3, refit=False, settings=overrides(**QUICK))

    document = project.job("find_label_errors", settings=overrides(**QUICK))

    ranked = document["ranked"]
    assert document["rows"] == len(ranked) == len(folds.pool(Dataset.open(project.layout.data)))
    probable = [row["probable"] for row in ranked]
    assert probable == sorted(probable, reverse=True)
    assert sum(probable) == document["probable"]
    sure = [row["given"] for row in ranked if not row["probable"]]
    assert sure == sorted(sure)
    assert {"label", "suggested", "row"} <= set(ranked[0])


def _texts(rows: list[tuple[str, list[list[Any]]]]) -> pa.Table:
    return pa.table({"text": [text for text, _ in rows], "label": [json.dumps(spans) for _, spans in rows]})


def test_word_windows_mark_what_stood_between_the_same_words_and_leave_unknown_words_alone() -> None:
    learned = _texts(
        [
            ("I saw May in Paris", [[6, 9, "person"], [13, 18, "city"]]),
            ("we saw May there", [[7, 10, "person"]]),
            ("it was May again", []),
            ("it is May again", []),
            ("in May again", []),
        ]
    )
    words = simple_places.WordWindows(learned, TAGS)

    asked = _texts([("they saw May in Paris", []), ("May", []), ("nobody knows Quito", [])])
    found = [[TAGS[at] for at in row.argmax(axis=1)] for row in words.answers(asked)]

    assert found == [["O", "O", "B-person", "O", "B-city"], ["O"], ["O", "O", "O"]]
    truth = simple_places.tagged_truth(learned, TAGS)
    assert tagging.score(words.answers(learned), truth, TAGS)["f1"] == 1.0


def test_the_sentence_with_most_words_of_the_question_answers_it() -> None:
    passage = "The tenant pays the rent. The landlord keeps the roof whole."
    table = pa.table(
        {
            "text": ["Who keeps the roof?", "Why?"],
            "text_pair": [passage, passage],
            "label": ['[[26, "The landlord"]]', "[]"],
        }
    )

    said = extracting.decode(simple_places.best_sentences(table), [passage, passage], ["answer"])

    assert [one.label for one in said] == ["The landlord keeps the roof whole.", ""]
    never = extracting.score(simple_places.no_answers(table), simple_places.asked_truth(table))
    assert (never["f1"], never["right_without_answer"]) == (0.5, 1.0)


def test_rare_kinds_do_not_keep_rows_from_being_divided_and_are_learned(tagged_project: Tiny) -> None:
    dataset = Dataset.open(tagged_project.layout.data)
    rare = dataset.view.keep(np.arange(len(dataset.view)) < 30)
    assert min(np.bincount(rare.label_numbers, minlength=2)) < folds.FEWEST_OF_A_KIND

    assert len(set(folds._classes(rare))) == 1
    pool = folds.pool(dataset)
    assert pool.learned == dataset.labels
    assert set(np.unique(folds.divide(pool, 5, 1))) == set(range(5))
