"""The label doctor on real data: of 5 % flipped labels, four in five are in the first tenth of its list."""

from __future__ import annotations

import pytest

from tests.benchmarks.label_errors import measure

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("name", "rows"), [("mails", 500), ("topics", 647), ("textures", 192)])
def test_flipped_labels_of_real_data_are_found(name: str, rows: int, seed: int) -> None:
    found = measure(name, rows, seed)

    assert found.first >= 0.8
    assert found.called < 0.15
