"""`ftstudio report` end to end: a page and a PDF, in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import ftstudio
from tests.gui.conftest import recorded_run
from tests.support.faults import left_behind
from tests.support.reports import Page


@pytest.fixture
def project(tiny_text_project: Path) -> Path:
    recorded_run(tiny_text_project)
    return tiny_text_project


def test_a_page_is_written(project: Path, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "report.html"
    document = ftstudio("report", project, "--to", target, "--json").document

    assert document["path"] == str(target) and document["samples"] == 0
    assert document["bytes"] == target.stat().st_size
    page = Page(target.read_text(encoding="utf-8"))
    assert "87.0 %" in page.text or "right answers" in page.text
    assert page.links == []


def test_a_pdf_is_written_without_a_screen(project: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.pdf"
    ftstudio("report", project, "--to", target, env={"QT_QPA_PLATFORM": "no-such", "DISPLAY": ""})

    data = target.read_bytes()
    assert data.startswith(b"%PDF-") and len(data) > 20_000
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".pdf"] == ["report.pdf"]


def test_what_a_killed_process_left_there_goes(project: Path, tmp_path: Path) -> None:
    (tmp_path / left_behind()).write_text("half", encoding="utf-8")
    ftstudio("report", project, "--to", tmp_path / "report.html")

    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--to", "r.txt"], "cannot be written"),
        (["--to", "there.html"], "exists already"),
        (["--to", "r.html", "--samples", "-1"], "cannot be shown"),
        (["--to", "r.html", "--run", "none"], "no run"),
    ],
)
def test_wrong_use_changes_nothing(project: Path, tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "there.html").write_text("mine", encoding="utf-8")
    given = [str(tmp_path / word) if word.endswith((".txt", ".html")) else word for word in words]
    error = ftstudio("report", project, *given, "--json", code=2).error

    assert says in error["message"]
    assert (tmp_path / "there.html").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "r.html").exists()
