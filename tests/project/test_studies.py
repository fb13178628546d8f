"""Studies are stored whole, read back newest first, and old ones make room."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core.advice import Advice, Chart, Series, Table
from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.project import studies
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.studies import StudyReport


def _report(made: str = "2026-01-02T03:04:05Z") -> StudyReport:
    series = Series(name=text("loss"), x=[1.0, 2.0], y=[3.0, 4.0], low=[2.0, 3.0], high=[4.0, 5.0])
    chart = Chart(key="c", title=text("t"), x_title=text("x"), y_title=text("y"), series=(series,), message=text("m"))
    table = Table(title=text("t"), columns=(text("a"), text("b")), rows=(("one", 2), (text("three"), 4.5)))
    advice = Advice(code="fine", sentence=text("All {what}.", what="well"))
    return StudyReport(study="find_lr", made=made, advice=(advice,), charts=(chart,), tables=(table,))


def test_a_stored_study_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = studies.store(ProjectLayout(tmp_path), _report(), lambda at: (at / "more.txt").write_text("x") and None)
    found = studies.latest(ProjectLayout(tmp_path), "find_lr")
    assert (folder / "more.txt").read_text() == "x"
    assert set(found.report.files) == {"more.txt"}
    assert found.report == _report().model_copy(update={"id": folder.name, "files": found.report.files})


def test_a_changed_byte_in_a_file_of_a_study_is_noticed(tmp_path: Path) -> None:
    folder = studies.store(ProjectLayout(tmp_path), _report(), lambda at: (at / "more.txt").write_text("x") and None)
    found = studies.latest(ProjectLayout(tmp_path), "find_lr")
    assert found.is_whole("more.txt")
    assert found.is_whole("unknown.txt"), "older studies noted nothing"

    (folder / "more.txt").write_text("y")
    assert not found.is_whole("more.txt")


def test_two_studies_of_one_second_have_two_folders_and_the_newest_comes_first(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path)
    first, second = studies.store(project, _report()), studies.store(project, _report())
    third = studies.store(project, _report("2026-01-03T00:00:00Z"))
    assert [one.folder for one in studies.list_studies(project)] == [third, second, first]


def test_only_the_latest_of_a_kind_are_kept(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path)
    for day in range(1, studies.MOST_KEPT + 4):
        studies.store(project, _report(f"2026-01-{day:02}T00:00:00Z"))
    found = studies.list_studies(project)
    assert len(found) == studies.MOST_KEPT
    assert found[-1].report.made == "2026-01-04T00:00:00Z"


def test_a_clock_that_was_turned_back_does_not_cost_the_study_just_made(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path)
    for day in range(1, studies.MOST_KEPT + 1):
        studies.store(project, _report(f"2099-01-{day:02}T00:00:00Z"))

    made = studies.store(project, _report())

    assert made.is_dir() and (made / studies.REPORT).is_file()


def test_a_project_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "studies").write_text("a file where the folder should be")

    with pytest.raises(InputError):
        studies.check_place(ProjectLayout(tmp_path))


def test_broken_folders_are_left_out_and_a_missing_study_is_refused(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path)
    (project.studies / "20260101-000000-find_lr").mkdir(parents=True)
    (project.studies / "20260101-000000-find_lr" / "report.json").write_text("{")
    assert studies.list_studies(project) == []
    with pytest.raises(InputError):
        studies.latest(project, "find_lr")
