"""Results of a run that finds answers: its own tabs, mistakes first, the right and the given answer in the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.core.samples import Shown
from ftstudio.core.specs import Answer
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.results.found_answers import FoundAnswersView
from ftstudio.gui.results.no_answers import NoAnswerView
from ftstudio.gui.results.overview import OverviewView
from ftstudio.gui.samples.marked_text import AnswerContent
from ftstudio.gui.seal import open_test
from ftstudio.gui.trying.answer_card import AnswerCard
from ftstudio.gui.trying.questions import TextQuestion
from ftstudio.project.decisions import read_decision
from tests.support.marked_runs import question_project, question_run


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> ResultsPage:
    run = question_run(question_project(tmp_path / "places"))
    window.open_project(run.root.parents[1])
    window.session.refresh_runs()
    window.go_to("results")
    found = window.pages["results"]
    assert isinstance(found, ResultsPage)
    open_test(window.session, window.session.runs[0])
    return found


def test_its_tabs_and_its_overview(page: ResultsPage) -> None:
    view = page.view("overview")

    assert [page.bar.tabText(at) for at in range(page.bar.count())] == ["Overview", "Quality", "Samples"]
    assert isinstance(view, OverviewView)
    assert view.headline.what.text().startswith("F1 on ")
    assert view.classes.isHidden()
    assert view.matrix.isHidden()


def test_questions_with_mistakes_come_first_and_show_both_answers(page: ResultsPage, qtbot: QtBot) -> None:
    page.show_view("samples")
    view = page.views["samples"]
    assert isinstance(view, FoundAnswersView)
    qtbot.waitUntil(lambda: view.list.count() > 0)

    wrong = [one for one in view.chosen if one.mistakes]
    assert wrong == view.chosen[: len(wrong)]
    assert 0 < len(wrong) < len(view.chosen)
    assert view.list.item(0).text().startswith("✗ 2  Where does ")
    said = view.content.words.accessibleDescription()
    assert ": wrong, " in said
    assert ": the right answer" in said
    words = view.content.words.toPlainText()
    for _, place in view.chosen[0].judged:
        assert words[place.start : place.end] == place.text
    view.list.setCurrentRow(view.list.count() - 1)
    assert "right" in view.content.words.accessibleDescription() or not view.chosen[-1].judged


def test_when_there_is_no_answer_is_chosen_on_a_curve_and_can_be_undone(page: ResultsPage, qtbot: QtBot) -> None:
    page.show_view("quality")
    view = page.views["quality"]
    assert isinstance(view, NoAnswerView)
    qtbot.waitUntil(lambda: view.stack.currentIndex() == 1)
    session = view.session
    run = session.runs[0]
    page.splits.changed.emit("validation")
    qtbot.waitUntil(view.panel.slider.isEnabled)
    assert "rightly left unanswered" in view.panel.sentence.text()

    view.panel.slider.setValue(0)
    assert view.panel.sentence.text().startswith("It answers 0.0 % of the questions")
    view.panel.save_margin.click()
    qtbot.waitUntil(lambda: view.panel.forget.isVisibleTo(view))
    assert read_decision(run.layout).no_answer_margin == view.panel.margin < 0
    page.show_view("samples")
    samples = page.views["samples"]
    assert isinstance(samples, FoundAnswersView)
    qtbot.waitUntil(lambda: samples.list.count() > 0)
    assert not any(one.marked for one in samples.chosen), "the samples are answered as was chosen"
    session.undo_stack.undo()
    assert read_decision(run.layout).no_answer_margin == 0.0


def test_a_row_of_the_data_shows_its_answers_in_the_text(qtbot: QtBot) -> None:
    content = AnswerContent()
    qtbot.addWidget(content)
    passage = "Ana lives in Faro."

    content.show_sample(Shown(row=1, text=f"Where?\n\n{passage}", passage=passage, truth='[[13, "Faro"]]'), Path())
    assert content.words.accessibleDescription() == "Faro"
    content.show_sample(Shown(row=1, text=passage, passage=passage, truth="[3]"), Path())
    assert content.words.accessibleDescription() == ""


def test_an_answer_is_said_large_and_one_that_is_not_there_is_told(qtbot: QtBot) -> None:
    card = AnswerCard()
    qtbot.addWidget(card)
    place = {"start": 13, "end": 17, "label": "answer", "text": "Faro", "probability": 0.9}

    card.show_answer({"label": "Faro", "spans": [place]}, 0.1, "Ana lives in Faro.", Answer.EXTRACT)
    assert card.answer.text() == "Faro"
    assert "90" in card.marked.words.accessibleDescription()
    card.show_answer({"label": "", "spans": []}, 0.1, "Ana lives in Faro.", Answer.EXTRACT)
    assert card.answer.text() == "No answer in this text"


def test_question_and_text_have_fields_of_their_own(qtbot: QtBot) -> None:
    field = TextQuestion()
    qtbot.addWidget(field)

    field.show_pairs(True, questions=True)

    assert field.first.accessibleName() == "Question"
    assert field.second.accessibleName() == "Text that has the answer"
