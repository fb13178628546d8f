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


def test_a_head_alone_reads_more_because_it_reads_once() -> None:
    many = replace(MAILS, rows=4_000)

    assert recommend("balanced", many).values["max_length"] == 256
    assert recommend("balanced", replace(many, tuning_method="head")).values["max_length"] == 512


def test_the_quick_preset_never_reads_more_than_it_has_time_for() -> None:
    lengths = {
        (rows, method): recommend("quick", replace(MAILS, rows=rows, tuning_method=method)).values["max_length"]
        for rows in (160, 4_000)
        for method in ("", "full")
    }

    assert lengths == {(160, ""): 512, (160, "full"): 192, (4_000, ""): 192, (4_000, "full"): 192}


def test_why_texts_are_cut_or_read_whole_is_told() -> None:
    whole, cut = (recommend("balanced", facts).reasons["max_length"] for facts in (MAILS, replace(MAILS, rows=9_000)))

    assert whole != cut
