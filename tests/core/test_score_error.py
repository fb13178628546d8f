"""How much scores scatter on few rows, against a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ftstudio.core.score_error import standard_error


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_it_is_what_drawing_rows_again_and_again_gives(share: float) -> None:
    drawn = np.random.default_rng(0).binomial(200, share, 20_000) / 200

    assert standard_error(share, 200, macro=False) == pytest.approx(drawn.std(), rel=0.1)


def test_a_perfect_score_on_few_rows_is_not_certain_and_a_rare_class_makes_a_macro_average_unsure() -> None:
    assert 0.05 < standard_error(1.0, 10, macro=False) < 0.15
    assert standard_error(0.9, 100, [95, 5]) > 2 * standard_error(0.9, 100, [95, 5], macro=False)
    assert standard_error(0.9, 100, [50, 50]) == pytest.approx(standard_error(0.9, 100, macro=False), rel=0.1)


@pytest.mark.parametrize(("score", "rows"), [(math.nan, 10), (-0.1, 10), (1.5, 10), (0.5, 0)])
def test_what_is_no_share_has_none(score: float, rows: int) -> None:
    assert math.isnan(standard_error(score, rows))
