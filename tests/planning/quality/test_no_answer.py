"""When a question gets no answer: effects and curves by counting, and a choice that chance does not make."""

from __future__ import annotations

import numpy as np
import pytest

from ftstudio.planning.quality import no_answer
from ftstudio.planning.quality.no_answer import PLAIN, Margins, best_margin, cuts


def questions(rows: int, shift: float, seed: int = 0) -> Margins:
    """Half of them have an answer; no answer is better by 3 on average where there is none, and all by `shift`."""
    chance = np.random.default_rng(seed)
    there = np.arange(rows) % 2.0
    margin = np.where(there > 0, -3.0, 3.0) + chance.normal(0, 1.5, rows) + shift
    return Margins(margin, there * 0.9, 1.0 - there, there)


def test_an_effect_is_what_counting_says() -> None:
    rows = Margins(
        np.array([-2.0, 1.0, 5.0]), np.array([1.0, 0.5, 0.0]), np.array([0.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0])
    )

    plain = rows.effect(PLAIN)
    assert (plain.answered, plain.f1) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert (plain.f1_with_answer, plain.right_without_answer) == (0.5, 1.0)
    strict = rows.effect(2.0)
    assert (strict.f1, strict.f1_with_answer, strict.right_without_answer) == (pytest.approx(2.5 / 3), 0.75, 1.0)
    assert [one.answered for one in rows.curve()] == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3, 1])


@pytest.mark.parametrize("shift", [-4.0, 4.0])
def test_a_model_that_leans_to_one_side_is_set_right_on_other_rows_too(shift: float) -> None:
    chosen = best_margin(questions(400, shift))

    assert chosen == pytest.approx(shift, abs=1.5)
    others = questions(2000, shift, seed=1)
    assert others.effect(chosen).f1 > others.effect(PLAIN).f1 + 0.1


def test_what_is_likelier_stays_where_rows_do_not_show_that_another_choice_is_better() -> None:
    chosen = [best_margin(questions(60, 0.0, seed)) for seed in range(20)]
    others = questions(4000, 0.0, seed=99)
    kept = [one == PLAIN for one in chosen]
    lost = [others.effect(PLAIN).f1 - others.effect(one).f1 for one in chosen]

    assert np.mean(kept) > 0.5
    assert np.mean(lost) < 0.005


def test_the_share_asked_for_gets_an_answer() -> None:
    rows = questions(200, 1.0)

    for share in (0.0, 0.25, 0.5, 1.0):
        assert rows.effect(rows.margin_for_answers(share)).answered == pytest.approx(share, abs=0.011)


def test_rows_without_any_word_are_left_without_an_answer_and_none_at_all_choose_nothing() -> None:
    rows = Margins(np.array([np.inf, -1.0]), np.array([0.0, 1.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0]))

    assert np.isfinite(cuts(rows.margin)).all()
    assert rows.effect(PLAIN).f1 == 1.0
    assert best_margin(Margins(*np.zeros((4, 0)))) == PLAIN
    assert no_answer.cuts(np.zeros(0)).tolist() == [PLAIN]
