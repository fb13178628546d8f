"""Cross-validation, baselines and the learning curve on real film reviews with the real starter model."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from ftstudio.core.messages import Request
from ftstudio.core.settings import Overrides
from ftstudio.engine.run import execute
from tests.benchmarks.folds import make_project
from tests.support import real_data

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = list(real_data.movie_reviews())
    random.Random(4).shuffle(rows)
    return make_project(tmp_path_factory.mktemp("reviews"), rows[:400])


def study(project: Path, key: str, **options: Any) -> dict[str, Any]:
    options["settings"] = Overrides(preset="quick", values={"device": "cpu"}).model_dump()
    return execute(Request(job=key, project=project, options=options), lambda event: None)


def test_cross_validation_says_what_the_test_rows_confirm(reviews: Path) -> None:
    document = study(reviews, "cross_validate", folds=4)

    accuracy = document["metrics"]["accuracy"]
    assert 0.62 < accuracy["mean"] < 0.9
    assert accuracy["rows_low"] < accuracy["mean"] < accuracy["rows_high"]
    assert accuracy["rows_high"] - accuracy["rows_low"] < 0.12
    assert [one["code"] for one in document["advice"]][:2] == ["cross_validated", "final_model"]


def test_features_of_the_unchanged_model_beat_a_bag_of_words_on_little_data(reviews: Path) -> None:
    document = study(reviews, "baselines")

    found = {one["key"]: one["metrics"]["validation"]["accuracy"] for one in document["baselines"]}
    assert found["frozen_features"] > found["bag_of_words"] > 0.4


def test_more_reviews_would_make_it_better(reviews: Path) -> None:
    document = study(reviews, "learning_curve", repeats=3)

    values = [point["value"] for point in document["points"]]
    assert values[-1] > values[0]
    assert document["forecast"]["value"] > document["forecast"]["fitted_now"]
    assert document["advice"][0]["code"] in ("more_data_helps", "more_data_unsure")
