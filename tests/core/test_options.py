"""Options of studies: what cannot be is refused in the program's own words, with what may be given."""

from __future__ import annotations

from typing import Any

import pytest

from ftstudio.core.errors import InputError
from ftstudio.core.options import Options, option, read


class Asked(Options):
    rows: int = option(50, "Rows", "How many.", ge=20, le=2_000)
    rate: float = option(0.1, "Rate", "How fast.", ge=1e-12, le=1.0)
    whole: bool = option(True, "Whole", "All of it.")


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        ({"rows": 3}, "Give a whole number from 20 to 2,000."),
        ({"rows": 2.5}, "Give a whole number from 20 to 2,000."),
        ({"rate": float("nan")}, "Give a number from 1e-12 to 1."),
        ({"rate": -1.0}, "Give a number from 1e-12 to 1."),
        ({"whole": "perhaps"}, "Give true or false."),
        ({"colour": "red"}, "There is no option of this name. Known options: rows, rate, whole."),
    ],
)
def test_the_hint_says_what_may_be_given(values: dict[str, Any], hint: str) -> None:
    with pytest.raises(InputError) as raised:
        read(Asked, values)

    assert str(raised.value.hint) == hint
    assert raised.value.where.field == next(iter(values))
