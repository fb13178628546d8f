"""Baselines where little or nothing is held back: training goes on without them, and asked for they say why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.states import Split
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan
from ftstudio.datasets.store import Dataset
from ftstudio.project.baselines import STUDY
from ftstudio.project.store import create_project
from ftstudio.project.studies import list_studies
from tests.engine import projects
from tests.engine.projects import Tiny


@pytest.fixture
def two_rows(tmp_path: Path, tiny_text_model: Path) -> Tiny:
    """A project with one row of each of two classes: both are for training."""
    table, root = tmp_path / "two.csv", tmp_path / "two"
    table.write_text("text,label\nlovely film,good\nawful film,bad\n", encoding="utf-8")
    with create_project(root, "two", "text-classification") as project:
        data = project.layout.data
    data.rmdir()
    import_data(data, catalog.tasks().spec("text-classification"), ImportPlan(sources=(table,)))
    return projects.copy(root, tmp_path / "copy", tiny_text_model)


def test_training_on_rows_of_which_none_is_held_back_goes_on_without_baselines(two_rows: Tiny) -> None:
    assert not Dataset.open(two_rows.layout.data).count(Split.VALIDATION)

    assert two_rows.train(max_steps=2)["state"] == "finished"
    assert not list_studies(two_rows.layout, STUDY)


def test_asked_for_with_nothing_held_back_they_say_why_not(two_rows: Tiny) -> None:
    with pytest.raises(InputError, match="neither validation nor test rows"):
        two_rows.job("baselines")
    assert not two_rows.layout.studies.exists()
