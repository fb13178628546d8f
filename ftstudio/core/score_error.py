"""How much a score scatters because the rows that it was measured on are few."""

from __future__ import annotations

import math
from collections.abc import Sequence


def standard_error(score: float, rows: int, per_class: Sequence[int] = (), *, macro: bool = True) -> float:
    """Return the standard error of a share-like score (0 to 1) over `rows` rows; NaN if it is no such score.

    Binomial with two right and two wrong rows added (Agresti and Coull 1998), so that a perfect score on ten rows does
    not look certain. A `macro` average over classes with `per_class` rows has the error of a mean of their own scores.
    """
    if not 0.0 <= score <= 1.0 or not rows:
        return math.nan
    share = (score * rows + 2) / (rows + 4)
    counts = [count for count in per_class if count]
    if not macro or not counts:
        return math.sqrt(share * (1 - share) / (rows + 4))
    effective = sum(1 / count for count in counts) / len(counts) ** 2
    return math.sqrt(share * (1 - share) * min(effective, 0.25))
