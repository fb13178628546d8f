"""Thresholds of several labels: what a sweep counts, what validation chose, and what the figures are of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.planning.quality.label_thresholds import look, sweep
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import ProjectLayout
from tests.support.shaped_runs import LABELS, shaped_project, shaped_run


def test_a_sweep_counts_as_giving_the_label_by_hand_does() -> None:
    chance = np.random.default_rng(1)
    scores, positive = chance.random(80), chance.random(80) < 0.3
    swept = sweep(scores, positive)
    for at in (0, 37, 120, 200):
        given = scores >= swept.threshold[at]
        hits = (given & positive).sum()
        assert swept.recall[at] == hits / positive.sum()
        assert swept.f1[at] == pytest.approx(2 * hits / (given.sum() + positive.sum()))
        assert np.isnan(swept.precision[at]) if not given.any() else swept.precision[at] == hits / given.sum()


def test_a_label_that_no_row_has_gives_no_curve() -> None:
    assert len(sweep(np.array([0.2, 0.9]), np.array([False, False])).f1) == 0


def test_what_validation_chose_is_found_again_and_does_better_than_one_half(tmp_path: Path) -> None:
    run = shaped_run(shaped_project(tmp_path / "project", "labels"))
    dataset = Dataset.open(ProjectLayout(tmp_path / "project").data)
    looked, test = look(run, dataset, Split.VALIDATION), look(run, dataset, Split.TEST)

    assert looked.by_validation == test.by_validation == read_decision(run).thresholds
    assert set(looked.by_validation) <= set(LABELS) and looked.by_validation
    assert looked.rates(looked.by_validation)["macro_f1"] > looked.rates({})["macro_f1"] + 0.05
    assert (looked.may_choose, test.may_choose) == (True, False)
    name = LABELS[1]
    swept, at = looked.sweep(name), 60
    assert looked.effect(name, float(swept.threshold[at])).f1 == pytest.approx(swept.f1[at])
