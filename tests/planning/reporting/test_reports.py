"""The report of a run: whole in itself, safe whatever the data holds, silent about rows unless asked."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from ftstudio.core import translation
from ftstudio.core.errors import InputError
from ftstudio.datasets.store import Dataset
from ftstudio.planning.reporting import document, target
from ftstudio.project import seal
from ftstudio.project.decisions import Decision, write_decision
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.run_notes import RunNotes, write_notes
from ftstudio.project.runs import RunSummary, find_run
from ftstudio.project.store import Project, open_project
from tests.engine import projects
from tests.engine.projects import Tiny
from tests.support.reports import Page

EVIL = "<script>alert(1)</script>"
SECRET = "confidential lovely"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, tiny_text_model: Path) -> Path:
    """A trained project whose labels, texts, notes and name try to break out."""
    root = tmp_path_factory.mktemp("reports") / "evil"
    table = root.with_suffix(".csv")
    labels = {f"good{EVIL}": "lovely superb", 'bad" onload="x': "awful boring"}
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label"))
        for row in range(80):
            label = sorted(labels)[row % 2]
            writer.writerow((f"{SECRET} {EVIL} {labels[label]} the film {row}", label))
    template = projects._import(root.with_name("template"), "text-classification", table)
    tiny = projects.copy(template, root, tiny_text_model)
    tiny.train(epochs=1.0)
    run = find_run(tiny.layout, None)
    write_notes(run.layout, RunNotes(name=f"run {EVIL}", notes=f"note {EVIL}\n\nsecond"))
    return root


@pytest.fixture
def project(trained: Path) -> Project:
    return open_project(trained, write=False)


def run_of(project: Project) -> RunSummary:
    return find_run(project.layout, None)


def test_it_is_whole_in_itself(project: Project) -> None:
    page = Page(document.page(project, None))

    assert page.open == []
    assert page.links == [] and page.handlers == []
    assert "script" not in page.tags and "link" not in page.tags
    assert page.tags.count("svg") >= 3


def test_it_says_what_a_report_says(project: Project) -> None:
    words = Page(document.page(project, None)).text
    run = run_of(project)

    for said in ("Result", "95 % interval", "By label", "precision", "Data", "Settings", "chosen by", "Macro-F1",
                 "The test rows have not been looked at yet.", run.id, "Fine-Tuning Studio", "torch", "second",
                 "expected calibration error", "average precision"):  # fmt: skip
        assert said in words, said
    assert "on 16 validation rows" in words or "validation rows it had never seen" in words


def test_markup_in_the_data_is_text(project: Project) -> None:
    page = document.page(project, None, 3)

    assert "<script" not in page and "onload=&quot;x" in page
    assert Page(page).handlers == []
    assert f"note {EVIL}" in Page(page).text
    paper = document.paper(project, None, 3)
    assert "<script" not in paper.page and "<svg" not in paper.page
    assert Page(paper.page).handlers == []
    assert paper.page.count("chart:") == len(paper.charts)


def test_rows_are_only_shown_when_asked_for(project: Project) -> None:
    assert SECRET not in document.page(project, None)
    shown = Page(document.page(project, None, 2)).text

    assert shown.count(SECRET) == 2
    assert "rows of your data" in shown


def test_test_rows_stay_sealed(project: Project, tmp_path: Path) -> None:
    assert "validation rows it had never seen" in Page(document.page(project, None)).text
    root = tmp_path / "opened"
    import shutil

    shutil.copytree(project.layout.root, root)
    opened = open_project(root, write=False)
    seal.record(opened.layout, [run_of(opened)], "verb", "evaluate")
    words = Page(document.page(opened, None)).text

    assert "test rows it had never seen" in words
    assert "The test rows were looked at once" in words


def test_the_decision_is_told(project: Project) -> None:
    run = run_of(project)
    write_decision(run.layout, Decision(temperature=1.5, dont_know_below=0.6))
    try:
        words = Page(document.page(project, None)).text
    finally:
        run.layout.decision.unlink()

    assert "temperature 1.5" in words
    assert "Below a probability of 60.0 % it says that it does not know." in words


def test_a_corrected_confidence_leaves_scores_and_their_intervals_together(project: Project) -> None:
    def losses() -> str:
        return re.findall(r"<td>Loss</td>.*?</tr>", document.page(project, None), re.S)[0]

    before = losses()
    write_decision(run_of(project).layout, Decision(temperature=20.0))
    try:
        assert losses() == before
    finally:
        run_of(project).layout.decision.unlink()


def test_what_is_missing_is_left_out(trained: Path, tmp_path: Path) -> None:
    import shutil

    root = tmp_path / "bare"
    shutil.copytree(trained, root)
    layout = ProjectLayout(root)
    run = find_run(layout, None)
    shutil.rmtree(layout.data)
    for path in (run.layout.metrics, run.layout.environment):
        path.unlink()
    words = Page(document.page(open_project(root, write=False), None)).text

    assert "right answers" in words and "By label" in words
    assert "Data" not in words.split("Settings")[0].split()


def test_a_run_without_a_result_has_no_report(trained: Path, tmp_path: Path) -> None:
    import shutil

    root = tmp_path / "none"
    shutil.copytree(trained, root)
    run = find_run(ProjectLayout(root), None)
    status = json.loads(run.layout.state.read_text(encoding="utf-8"))
    run.layout.state.write_text(json.dumps({**status, "state": "interrupted"}), encoding="utf-8")
    run.layout.report.unlink()
    with pytest.raises(InputError, match="no result"):
        document.page(open_project(root, write=False), run.id)


def test_it_speaks_the_readers_language(project: Project) -> None:
    translation.use("pt_BR")
    page = document.page(project, None)

    assert '<html lang="pt-BR">' in page


@pytest.mark.parametrize(
    ("name", "says"), [("r.txt", "cannot be written"), ("there.html", "exists already"), ("", "exists already")]
)
def test_a_place_it_must_not_go_is_refused(project: Project, tmp_path: Path, name: str, says: str) -> None:
    folder = tmp_path / "to.html"
    folder.mkdir()
    (folder / "there.html").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=says):
        target.check(folder / name, project, overwrite=not name)
    with pytest.raises(InputError, match="belongs to the project"):
        target.check(project.layout.data / "r.html", project, overwrite=False)

    assert (folder / "there.html").read_text(encoding="utf-8") == "mine"
    assert Dataset.open(project.layout.data).labels
    assert isinstance(Tiny(project.layout.root), Tiny)


@pytest.mark.parametrize(
    ("key", "value"),
    [("metrics", True), ("best", {"step": "x"}), ("seconds", "long"), ("diagnosis", {"a": 1}), ("tables", "none")],
)
def test_a_damaged_result_is_named_and_nothing_is_written(
    project: Project, tmp_path: Path, key: str, value: object
) -> None:
    run = run_of(project)
    report, head = run.layout.report, run.layout.head
    before = report.read_bytes()
    whole = json.loads(before)
    whole["document"][key] = value
    try:
        report.write_text(json.dumps(whole), encoding="utf-8")
        with pytest.raises(InputError, match=r"no result to report|is damaged"):
            target.write_page(project, run.id, tmp_path / "report.html", 0)
        assert not (tmp_path / "report.html").exists()
    finally:
        report.write_bytes(before)
        head.unlink(missing_ok=True)
