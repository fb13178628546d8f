"""What belongs to a project is told from what a user may write beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.project.layout import ProjectLayout
from ftstudio.project.own_files import is_own


@pytest.mark.parametrize(
    "name",
    ["", "project.ftstudio", "test_looks.jsonl", ".lock", "runs", "runs/a/metrics.jsonl", "runs/.trash/x.csv",
     "data/table.arrow", "studies/a/out.csv", "exports/../runs/x.csv", ".cache/x"],
)  # fmt: skip
def test_files_of_the_project_are_its_own(tmp_path: Path, name: str) -> None:
    assert is_own(ProjectLayout(tmp_path), tmp_path / name)


@pytest.mark.parametrize("name", ["exports/model", "table.csv", "runs.csv", "database/x.csv", "../other/runs/x.csv"])
def test_what_a_user_writes_beside_them_is_not(tmp_path: Path, name: str) -> None:
    (tmp_path / "project").mkdir()
    assert not is_own(ProjectLayout(tmp_path / "project"), tmp_path / "project" / name)


def test_a_link_to_a_file_of_the_project_is_its_own(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path / "project")
    project.runs.mkdir(parents=True)
    (tmp_path / "runs").symlink_to(project.runs)
    (tmp_path / "looks.jsonl").symlink_to(project.looks)

    assert is_own(project, tmp_path / "runs" / "x.csv")
    assert is_own(project, tmp_path / "looks.jsonl")


def test_a_link_that_leads_nowhere_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")

    assert not is_own(ProjectLayout(tmp_path), tmp_path / "loop.csv")
    assert not is_own(ProjectLayout(tmp_path), tmp_path / "loop.csv" / "below.csv")
