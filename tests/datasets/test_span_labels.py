"""Which kinds rows have, where a row can have many or none."""

from __future__ import annotations

import numpy as np

from ftstudio.core.specs import Answer
from ftstudio.datasets.span_labels import NOTHING, SpanLabels

CELLS = [
    '[["cat", 1, 2, 30, 40], ["dog", NaN, 2, 3, 4]]',
    "[]",
    '[["cat", 1, 2, 0, 0]]',
    '[["dog", NaN, 2, 3, 4]]',
    "boxes",
]


def test_a_picture_none_of_whose_boxes_can_be_learned_is_left_out_and_shows_not_nothing() -> None:
    labels = SpanLabels(np.arange(len(CELLS)), CELLS, Answer.BOXES)

    assert labels.values == ["cat", NOTHING]
    assert [labels.values[at] if at >= 0 else None for at in labels.rarest] == ["cat", NOTHING, None, None, None]
    assert labels.having(NOTHING).tolist() == [False, True, False, False, False]
