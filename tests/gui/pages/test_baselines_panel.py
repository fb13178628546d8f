"""The Results page shows a run's score beside those of simple answers on the same rows."""

from __future__ import annotations

from pathlib import Path

from ftstudio.core.advice import Advice
from ftstudio.core.text import text
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.panels.result_headline import ResultHeadline
from ftstudio.gui.results.overview import OverviewView
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.seal import open_test
from ftstudio.project.baselines import STUDY, Baseline
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.studies import StudyReport, store
from tests.gui.conftest import recorded_run


def _headline(page: ResultsPage) -> ResultHeadline:
    view = page.view("overview")
    assert isinstance(view, OverviewView)
    return view.headline


def _lines(page: ResultsPage) -> list[tuple[str, str]]:
    return [(line.name, line.value) for line in _headline(page).baselines.lines]


def test_simple_answers_stand_beside_the_score_for_the_rows_that_are_shown(
    opened: MainWindow, tiny_text_project: Path
) -> None:
    found = [
        Baseline(key="majority", rows=48, seconds=0.1, metrics={"test": {"accuracy": 0.344, "macro_f1": 0.171}}),
        Baseline(
            key="bag_of_words",
            rows=48,
            seconds=0.2,
            metrics={"test": {"accuracy": 0.75}, "validation": {"accuracy": 0.5}},
        ),
    ]
    numbers = {"baselines": [one.model_dump(mode="json") for one in found]}
    store(ProjectLayout(tiny_text_project), StudyReport(study=STUDY, numbers=numbers))
    recorded_run(tiny_text_project)
    opened.session.refresh_runs()
    opened.go_to("results")
    page = opened.pages["results"]
    assert isinstance(page, ResultsPage)

    open_test(opened.session, opened.session.runs[0])
    assert _lines(page) == [("Always the commonest label", "34.4 %"), ("Bag of words", "75.0 %")]
    assert "48 rows" in _headline(page).baselines.lines[1].tip
    assert _headline(page).baselines.isVisible()
    assert "Bag of words: 75.0 %" in _headline(page).baselines.accessibleName()

    page.splits._group.button(1).click()
    assert _lines(page) == [("Bag of words", "50.0 %")]


def test_a_simple_answer_that_does_as_well_is_told(opened: MainWindow, tiny_text_project: Path) -> None:
    for reached, is_told in ((0.01, False), (1.0, True)):
        found = Baseline(key="frozen_features", rows=48, seconds=0.1, metrics={"validation": {"accuracy": reached}})
        numbers = {"baselines": [found.model_dump(mode="json")]}
        store(ProjectLayout(tiny_text_project), StudyReport(study=STUDY, numbers=numbers))
        recorded_run(tiny_text_project)
        opened.session.refresh_runs()
        opened.go_to("results")
        page = opened.pages["results"]
        assert isinstance(page, ResultsPage)
        assert ("linear layer" in _headline(page).caution.text()) is is_told
        view = page.view("overview")
        assert isinstance(view, OverviewView)
        praise = Advice(code="healthy", mood="good", sentence=text("This looks healthy."))
        document = RunDocument({"diagnosis": {"step": 1, "advice": praise.model_dump(mode="json")}})
        assert (view._verdict(document) is None) is is_told, "no praise beside the word that training added nothing"
