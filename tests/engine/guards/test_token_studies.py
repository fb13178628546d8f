"""The studies that need no single label a row, asked about marked places; all others refuse before any work."""

from __future__ import annotations

from typing import Any

import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.settings import Overrides
from ftstudio.core.specs import Answer, StudySpec
from tests.engine.projects import FAST, Tiny

STUDIES = [spec for spec in catalog.jobs() if isinstance(spec, StudySpec)]


def asked(project: Tiny, job: str, **options: Any) -> dict[str, Any]:
    settings = Overrides(values={**FAST, "monitor": "f1", "tuning_method": "full", "dropout": 0.0}).model_dump()
    return project.job(job, settings=settings, **options)


def test_a_learning_rate_is_found_at_which_words_are_learned(tagged_project: Tiny) -> None:
    found = asked(tagged_project, "find_lr", lowest_rate=1e-5, steps=30)

    assert 1e-4 < found["suggested"] < 1.0
    document = tagged_project.train(
        monitor="f1", epochs=20.0, tuning_method="full", dropout=0.0, learning_rate=found["suggested"]
    )
    assert document["metrics"]["validation"]["f1"] > 0.5


def test_a_rehearsal_tells_what_a_run_needs(tagged_project: Tiny) -> None:
    found = asked(tagged_project, "rehearse")

    assert found["fits"] is True
    assert found["peak_memory_bytes"] > 50_000_000


def test_texts_that_come_again_in_another_part_are_found(tagged_project: Tiny) -> None:
    found = asked(tagged_project, "audit_leaks", alike=0.7)

    assert found["compared"] == {}
    assert {one["kind"] for one in found["found"]} <= {"exact", "near", "group"}
    assert found["scores"] == []


@pytest.mark.parametrize("key", [spec.key for spec in STUDIES if Answer.SPANS not in spec.answers])
def test_studies_that_need_one_label_a_row_are_refused_in_words(tagged_project: Tiny, key: str) -> None:
    with pytest.raises(InputError, match="is not there yet for the task"):
        asked(tagged_project, key)
