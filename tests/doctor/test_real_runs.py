"""Two runs on the real starter model and real reviews, trained here and now: one that must be called ill, one not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import doctor
from tests.doctor import recordings

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("key", ["overfitting-movies-40-s1", "healthy-topics-300-quick-s1"])
def test_a_run_trained_now_gets_the_verdict_it_deserves(key: str, tmp_path: Path) -> None:
    scenario = doctor.ALL[key]
    doctor.record(scenario, tmp_path / "run.jsonl.gz")

    told = recordings.heard(recordings.read(tmp_path / "run.jsonl.gz"))

    assert told[-1].advice[0].code == scenario.expected
