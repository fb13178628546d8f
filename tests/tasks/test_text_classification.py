"""What the presets choose for texts: how much of each is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftstudio.core.presets import Facts
from ftstudio.tasks.text_classification import recommend

MAILS = Facts(rows=160, classes=2, smallest_class=50, long_length=1_075, parameters=22_000_000, model_max_length=512)


@pytest.mark.parametrize(
    ("facts", "length"),
    [
        (MAILS, 512),
        (replace(MAILS, rows=16_000), 256),
        (replace(MAILS, rows=16_000, device="cuda"), 256),
        (replace(MAILS, rows=5_000, device="cuda"), 512),
        (replace(MAILS, long_length=120), 256),
        (replace(MAILS, model_max_length=128), 128),
        (replace(MAILS, model_max_length=8_192), 512),
    ],
)
def test_long_texts_are_read_whole_where_there_are_few(facts: Facts, length: int) -> None:
    assert recommend("balanced", facts).values["max_length"] == length


def test_the_quick_preset_never_reads_more_than_it_has_time_for() -> None:
    assert recommend("quick", MAILS).values["max_length"] == 192
    assert "max_length" in recommend("balanced", MAILS).reasons
    assert recommend("balanced", MAILS).reasons["max_length"] != recommend("quick", MAILS).reasons["max_length"]
