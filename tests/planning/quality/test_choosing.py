"""A decision is chosen by validation rows alone, and what cannot be granted is said."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ftstudio.core.deciding import AS_TRAINED, Decision
from ftstudio.core.errors import InputError
from ftstudio.core.states import Split
from ftstudio.planning.quality.choosing import AUTO, Wish, choose, ranked
from ftstudio.planning.quality.measuring import figures
from tests.planning.quality.made import answers


def test_the_fitted_temperature_makes_the_model_as_right_as_it_says_on_rows_it_was_not_fitted_to() -> None:
    made = answers(4000)

    chosen = choose(made, AS_TRAINED, Wish(temperature=AUTO))

    assert chosen.temperature == pytest.approx(3.0, rel=0.15)
    before, after = (figures(made, Split.TEST, one) for one in (AS_TRAINED, chosen))
    assert before is not None
    assert after is not None
    assert after.calibration_error < before.calibration_error / 3
    assert after.loss < before.loss
    assert after.accuracy == before.accuracy


def test_test_rows_have_no_part_in_a_choice() -> None:
    made = answers(400)
    wish = Wish(temperature=AUTO, positive="spam", threshold=AUTO, accuracy=0.9)
    other = made.label.copy()
    other[made.of(Split.TEST)] = 1 - other[made.of(Split.TEST)]

    assert choose(made, AS_TRAINED, wish) == choose(dataclasses.replace(made, label=other), AS_TRAINED, wish)


def test_a_wanted_coverage_or_accuracy_becomes_a_limit() -> None:
    made = answers(400)

    for_coverage = choose(made, AS_TRAINED, Wish(coverage=0.8))
    for_accuracy = choose(made, AS_TRAINED, Wish(accuracy=0.9))

    validation = figures(made, Split.VALIDATION, for_coverage)
    assert validation is not None
    assert validation.answered == pytest.approx(0.8, abs=0.005)
    validation = figures(made, Split.VALIDATION, for_accuracy)
    assert validation is not None
    assert validation.right_when_answered is not None
    assert validation.right_when_answered >= 0.9
    assert ranked(made, for_accuracy, Split.VALIDATION).at(for_accuracy.dont_know_below).answered == pytest.approx(
        validation.answered
    )


def test_parts_that_are_not_wished_for_stay() -> None:
    before = Decision(temperature=2.0, positive="ham", threshold=0.3, dont_know_below=0.6)

    assert choose(answers(), before, Wish()) == before
    assert choose(answers(), before, Wish(dont_know_below=0.0)) == before.model_copy(update={"dont_know_below": 0.0})
    assert choose(answers(), before, Wish(threshold=0.4)).positive == "ham"


def test_the_best_threshold_is_found_for_probabilities_at_the_new_temperature() -> None:
    made = answers(2000)

    chosen = choose(made, AS_TRAINED, Wish(temperature=AUTO, positive="spam", threshold=AUTO))

    reached = figures(made, Split.VALIDATION, chosen)
    plain = figures(made, Split.VALIDATION, Decision(temperature=chosen.temperature, positive="spam"))
    assert reached is not None
    assert plain is not None
    assert 2 / (1 / reached.precision + 1 / reached.recall) >= 2 / (1 / plain.precision + 1 / plain.recall)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(temperature=0.0), "temperature"),
        (Wish(dont_know_below=1.5), "dont_know_below"),
        (Wish(positive="egg", threshold=0.5), "positive"),
        (Wish(threshold=0.5), "positive"),
        (Wish(accuracy=1.1), "accuracy"),
        (Wish(coverage=1.5), "coverage"),
        (Wish(coverage=0.0), "coverage"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(wish: Wish, field: str) -> None:
    with pytest.raises(InputError) as told:
        choose(answers(), AS_TRAINED, wish)
    assert told.value.where.field == field


def test_a_threshold_is_for_one_of_two_labels() -> None:
    with pytest.raises(InputError, match="one of two"):
        choose(answers(labels=("a", "b", "c")), AS_TRAINED, Wish(positive="a", threshold=0.5))


def test_without_validation_rows_only_given_values_can_be_chosen() -> None:
    made = answers()
    without = dataclasses.replace(made, label=np.where(made.of(Split.VALIDATION), -1, made.label))

    assert choose(without, AS_TRAINED, Wish(temperature=2.0)).temperature == 2.0
    for wish in (Wish(temperature=AUTO), Wish(coverage=0.9), Wish(positive="ham", threshold=AUTO)):
        with pytest.raises(InputError, match="no validation rows"):
            choose(without, AS_TRAINED, wish)
    assert figures(without, Split.VALIDATION, AS_TRAINED) is None
