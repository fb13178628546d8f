"""Growing shares of the data, the law fitted through their scores, and what is said about more data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.messages import Event, Progress, Stop
from ftstudio.core.problems import Fix
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.core.text import Text
from ftstudio.datasets import folds
from ftstudio.datasets.store import Dataset
from ftstudio.engine.control import Control
from ftstudio.engine.guards import learning_curves, power_law
from ftstudio.engine.guards.learning_curves import SHARES, Forecast
from ftstudio.project.studies import latest, list_studies
from tests.engine.guards.test_cross_validation import HEAD, overrides
from tests.engine.projects import Tiny

ROWS = np.array([100.0, 200.0, 300.0, 400.0])


@pytest.mark.parametrize(("scale", "exponent", "floor"), [(0.2, 0.5, 0.0), (0.3, 0.3, 0.05), (0.1, 1.2, 0.2)])
def test_a_law_without_noise_is_continued_as_it_is(scale: float, exponent: float, floor: float) -> None:
    errors = scale * (ROWS / 400) ** -exponent + floor
    law = power_law.fit(ROWS, errors[None], noise=0.0)
    assert law.error(800)[0] == pytest.approx(scale * 2**-exponent + floor, abs=0.005)


def test_more_rows_never_make_it_worse() -> None:
    law = power_law.fit(ROWS, np.array([[0.1, 0.2, 0.3, 0.4], [0.2, 0.2, 0.2, 0.2]]), noise=0.02)
    assert law.error(800) == pytest.approx([0.25, 0.2])


def test_noisy_points_lean_on_the_usual_exponent() -> None:
    errors = np.array([[0.4, 0.21, 0.2, 0.2]])
    sure, unsure = (power_law.fit(ROWS, errors, noise) for noise in (0.001, 0.5))
    assert abs(np.log(unsure.exponent[0] / power_law.USUAL)) < 0.1
    assert sure.exponent[0] > 1.5


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), min_size=8, max_size=120),
    st.integers(0, 50),
)
def test_shares_grow_into_each_other_and_keep_every_class_and_whole_units(
    rows: list[tuple[int, int]], seed: int
) -> None:
    units = np.array([unit for _, unit in rows])
    labels = np.array([label for label, _ in rows])
    parts = [set(part.tolist()) for part in folds.growing(labels, units, SHARES, seed)]
    assert parts[-1] == set(range(len(rows)))
    heads = {int(np.flatnonzero(units == unit)[0]) for unit in units}
    for smaller, larger in zip(parts, [*parts[1:], parts[-1]], strict=True):
        assert smaller <= larger
        assert {labels[row] for row in smaller & heads} == {labels[row] for row in heads}
        assert all(set(np.flatnonzero(units == units[row])) <= smaller for row in smaller)


def test_shares_of_free_rows_are_stratified() -> None:
    labels = np.array([0] * 80 + [1] * 20)
    parts = folds.growing(labels, np.arange(100), SHARES, seed=3)
    assert [np.bincount(labels[part]).tolist() for part in parts] == [[20, 5], [40, 10], [60, 15], [80, 20]]


def test_steps_fall_slower_than_the_rows() -> None:
    settings = learning_curves.scaled(TrainingSettings(epochs=10.0, max_steps=100), 0.25)
    assert (settings.epochs, settings.max_steps) == (20.0, 50)
    assert learning_curves.scaled(TrainingSettings(epochs=10.0), 1.0) == TrainingSettings(epochs=10.0)


def test_the_study_scores_every_share_and_forecasts_twice_the_rows(text_project: Tiny) -> None:
    document = text_project.job("learning_curve", repeats=2, settings=overrides(**HEAD))

    dataset = Dataset.open(text_project.layout.data)
    rows = dataset.count(Split.TRAIN)
    assert [point["rows"] for point in document["points"]] == pytest.approx([rows * share for share in SHARES], abs=2)
    assert document["forecast"]["rows"] == 2 * rows
    assert set(document["by_class"]) == {"bad", "fine", "good"}
    gain = document["gain"]
    assert 0 <= gain["low"] <= gain["value"] <= gain["high"]
    assert document["validation_rows"] == dataset.count(Split.VALIDATION)
    report = latest(text_project.layout, "learning_curve").report
    assert report.charts[0].series[1].style == "dashed"
    assert report.data_fingerprint == dataset.fingerprint
    phases = list(dict.fromkeys(one.phase.params.get("percent") for one in text_project.of(Progress)))
    assert [one for one in phases if one] == [25, 50, 75, 100]


def test_the_last_point_is_what_a_run_scores(text_project: Tiny) -> None:
    run = text_project.train()
    document = text_project.job("learning_curve", settings=overrides())
    assert document["points"][-1]["value"] == pytest.approx(run["metrics"]["validation"]["macro_f1"], abs=1e-5)


def test_a_stop_leaves_nothing(text_project: Tiny) -> None:
    control = Control()

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.phase.params.get("percent") == 50:
            control.obey(Stop())

    with pytest.raises(CancelledError):
        text_project.job("learning_curve", control, listen, settings=overrides(**HEAD))
    assert list_studies(text_project.layout) == []
    assert list(text_project.layout.cache.iterdir()) == []


def test_too_few_rows_of_a_class_or_for_validation_are_refused(text_project: Tiny) -> None:
    dataset = Dataset.open(text_project.layout.data)
    view = dataset.view
    bad = np.flatnonzero((view.label_numbers == view.label_values.index("bad")) & view.in_split(Split.TRAIN))
    fix = Fix(key="drop_rows", label=Text(template="x"), params={"places": view.index[bad[2:]].tolist()})
    dataset.apply(fix)
    with pytest.raises(InputError, match="too few to take a part"):
        text_project.job("learning_curve", settings=overrides())
    dataset.apply(fix.model_copy(update={"params": {"places": view.index[bad[1:]].tolist()}}))
    with pytest.raises(InputError, match="has only 1 training row, too few"):
        text_project.job("learning_curve", settings=overrides())
    checked = dataset.view.index[dataset.view.in_split(Split.VALIDATION)].tolist()
    dataset.apply(fix.model_copy(update={"params": {"places": checked[3:]}}))
    with pytest.raises(InputError, match="too few to see a trend"):
        text_project.job("learning_curve", settings=overrides())


def _forecast(errors: list[float], noise: float, sign: float = 1.0) -> Forecast:
    chance = np.random.default_rng(1)
    measured = 1.0 - np.array(errors) if sign > 0 else np.array(errors)
    drawn = measured + noise * chance.normal(size=(200, 1)) + noise / 10 * chance.normal(size=(200, 4))
    return learning_curves._fitted(ROWS, measured, drawn, sign)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_easy_or_hard_validation_rows_do_not_blur_the_gain(sign: float) -> None:
    """Noise that all shares have in common moves the scores, and hardly the difference between now and then."""
    found = _forecast([0.4, 0.32, 0.28, 0.26], noise=0.03, sign=sign)
    middle, low, high = found.gain(found.then)
    assert 0.03 < low < middle < high < 0.12
    assert sign * (found.at(found.then) - found.at(found.now)) == pytest.approx(middle)


def words(document: dict[str, Any]) -> str:
    return " ".join(one["sentence"] for one in document["advice"])


def test_advice_says_how_sure_it_is(text_project: Tiny) -> None:
    said = words(text_project.job("learning_curve", settings=overrides(**HEAD)))
    assert any(part in said for part in ("More data would help", "would hardly help", "not sure that more data"))
