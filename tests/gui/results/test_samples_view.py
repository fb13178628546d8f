"""Samples: the most telling rows come first, the keyboard reaches all, and “Why?” is answered beside the sample."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Finished, Started
from ftstudio.core.problems import Fix
from ftstudio.core.samples import Explanation, Faithfulness
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.results.samples import SamplesView
from ftstudio.gui.samples.sample_view import PictureContent, TextContent
from ftstudio.planning.answers import read_answers
from ftstudio.project import seal
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import find_run
from tests.gui.conftest import Replay
from tests.gui.pages.conftest import unnamed
from tests.support.stored_answers import answered_run


def view_of(window: MainWindow, project: Path) -> SamplesView:
    window.session.refresh_runs()
    window.go_to("results")
    page = window.pages["results"]
    assert isinstance(page, ResultsPage)
    page.show_view("samples")
    found = page.view("samples")
    assert isinstance(found, SamplesView)
    return found


@pytest.fixture
def view(opened: MainWindow, tiny_text_project: Path) -> SamplesView:
    answered_run(tiny_text_project)
    return view_of(opened, tiny_text_project)


def rows(view: SamplesView) -> list[dict[str, Any]]:
    model = view.list.answers
    return [model.index(at).data(Qt.ItemDataRole.UserRole) for at in range(model.rowCount())]


def choose(view: SamplesView, name: str, value: object) -> None:
    combo = getattr(view.filters, name)
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())


def test_the_worst_row_is_shown_large_with_its_truth(view: SamplesView, tiny_text_project: Path) -> None:
    dataset = Dataset.open(ProjectLayout(tiny_text_project).data)
    answers = read_answers(find_run(ProjectLayout(tiny_text_project), None).layout, dataset)
    mine = np.flatnonzero(answers.of(Split.VALIDATION))
    worst = mine[answers.loss[mine].argmax()]
    [row] = dataset.preview(0, 1, answers.place[worst : worst + 1])
    assert isinstance(view.sample.content, TextContent)
    assert view.sample.content.toPlainText() == row["review"]
    assert view.sample._truth.text() == row["label"] == answers.labels[answers.label[worst]]
    assert view.sample._prediction.accessibleName() == f"Wrong, it is “{row['label']}”"
    assert len(rows(view)) == len(mine)


def test_how_many_are_wrong_is_said(view: SamplesView) -> None:
    wrong = sum(not row["right"] for row in rows(view))
    assert 0 < wrong < len(rows(view))
    assert view.filters.counted.text() == f"{wrong} of {len(rows(view))} wrong"
    choose(view, "right", False)
    assert view.filters.counted.text() == f"{wrong} of {wrong} wrong; 24 samples in all"


def test_restrictions_are_met_by_every_row_and_can_be_taken_back(view: SamplesView) -> None:
    choose(view, "truth", "negative")
    choose(view, "predicted", "positive")
    assert {(row["truth"], row["prediction"]) for row in rows(view)} == {("negative", "positive")}
    view.filters.reset.click()
    assert len(rows(view)) == 24 and view.filters.reset.isHidden()


def test_words_are_searched_in_the_texts(view: SamplesView, qtbot: QtBot) -> None:
    view.filters.search.setText("actor")
    qtbot.waitUntil(lambda: 0 < len(rows(view)) < 24)
    assert all("actor" in row["text"] for row in rows(view))
    view.filters.search.setText("nothing like this")
    qtbot.waitUntil(lambda: not rows(view))
    assert view._below.currentWidget() is view.none_fit


def test_short_and_long_texts_can_be_told_apart(view: SamplesView) -> None:
    choose(view, "length", "short")
    short = [len(row["text"]) for row in rows(view)]
    choose(view, "length", "long")
    assert max(short) < min(len(row["text"]) for row in rows(view))


def test_a_cell_of_the_matrix_leads_to_its_samples(opened: MainWindow, view: SamplesView) -> None:
    choose(view, "right", True)
    opened.session.samples_requested.emit("validation", "positive", "negative")
    assert {(row["truth"], row["prediction"]) for row in rows(view)} == {("positive", "negative")}
    assert view.filters.truth.currentText() == "positive"


def test_test_rows_come_only_after_their_seal_was_opened(opened: MainWindow, view: SamplesView) -> None:
    opened.session.samples_requested.emit("test", "", "")
    assert view._split is Split.VALIDATION, "sealed rows stay sealed, whoever asks"
    assert opened.session.project is not None
    seal.record(opened.session.project.layout, opened.session.runs, "window", "results")
    opened.session.samples_requested.emit("test", "", "")
    assert view._split is Split.TEST


def test_the_keyboard_goes_through_the_samples(view: SamplesView) -> None:
    for key, row in (
        (Qt.Key.Key_J, 1),
        (Qt.Key.Key_Down, 2),
        (Qt.Key.Key_K, 1),
        (Qt.Key.Key_End, 23),
        (Qt.Key.Key_J, 23),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_K, 0),
    ):
        QTest.keyClick(view.list, key)
        assert view.list.currentIndex().row() == row
    assert isinstance(view.sample.content, TextContent)
    assert view.sample.content.toPlainText() == rows(view)[0]["text"]


def test_every_control_has_a_name(view: SamplesView) -> None:
    assert unnamed(view) == []


def test_a_run_without_answers_says_what_to_do(opened: MainWindow, tiny_text_project: Path) -> None:
    run = answered_run(tiny_text_project)
    (run.predictions / "predictions.arrow").unlink()
    view = view_of(opened, tiny_text_project)
    assert view._pages.currentWidget() is view.failed
    assert "no stored answers" in view.failed.accessibleName()
    assert "train again" in view.failed.accessibleName()


def test_rows_of_data_that_was_changed_since_are_shown_with_a_word_about_it(
    opened: MainWindow, tiny_text_project: Path
) -> None:
    answered_run(tiny_text_project)
    dataset = opened.session.dataset
    assert dataset is not None
    dataset.apply(Fix(key="merge_labels", label=text("x"), params={"names": {"negative": "bad"}}))
    view = view_of(opened, tiny_text_project)
    assert "changed once since this run" in view.changed_data.text()
    assert {row["truth"] for row in rows(view)} == {"negative", "positive"}


EXPLAINED = Explanation(
    kind="words",
    label="negative",
    method="integrated_gradients",
    probability=0.9,
    pieces=[("dull", 2.0), (" ", 0.0), ("film", -1.0)],
    faithfulness=Faithfulness(
        before=0.9, without_top=0.2, without_random=0.8, removed=1, parts=2, sentence=text("It matters.")
    ),
)


@pytest.fixture
def answer_with(replay: Replay, tmp_path: Path) -> Callable[[Explanation], None]:
    """Make the worker answer every request with one explanation."""

    def use(found: Explanation) -> None:
        events = (
            Started(job="explain", pid=1),
            Finished(document={"run": "r", "input": "x", "explanation": found.model_dump(mode="json")}),
        )
        path = tmp_path / "explained.jsonl"
        path.write_text("\n".join(event.model_dump_json() for event in events) + "\n", encoding="utf-8")
        json.loads(path.read_text(encoding="utf-8").splitlines()[0])
        replay(path)

    return use


def test_why_is_answered_beside_the_sample_and_kept(
    view: SamplesView, answer_with: Callable[[Explanation], None], qtbot: QtBot
) -> None:
    answer_with(EXPLAINED)
    view.list.setCurrentIndex(view.list.answers.index(0))
    label = rows(view)[0]["prediction"]
    view.why.why.click()
    assert not view.why.why.isEnabled() and view.why.state.text()
    qtbot.waitUntil(lambda: view.why.sentence.text() == "It matters.")
    assert view.why.verdict.accessibleName().startswith("Checked: what is marked matters")
    assert view.why.words.isVisible() and not view.why.heat.isVisible()
    assert len(view.sample.content.extraSelections()) == 2  # type: ignore[union-attr]

    view.list.step(1)
    assert view.sample.content.extraSelections() == []  # type: ignore[union-attr]
    view.list.step(-1)
    assert view.explaining.known(view._key(0, label)) == EXPLAINED
    assert view.why.sentence.text() == "It matters.", "shown at once, without asking again"


def test_an_answer_that_comes_late_is_not_drawn_on_another_sample(
    view: SamplesView, answer_with: Callable[[Explanation], None], qtbot: QtBot
) -> None:
    answer_with(EXPLAINED)
    key = view._key(0, rows(view)[0]["prediction"])
    view.why.why.click()
    view.list.step(1)
    qtbot.waitUntil(lambda: view.explaining.known(key) is not None)
    assert view.sample.content.extraSelections() == []  # type: ignore[union-attr]
    assert view.why.why.isEnabled()


def test_why_that_fails_says_why(view: SamplesView, replay: Replay, tmp_path: Path, qtbot: QtBot) -> None:
    answer = tmp_path / "failed.jsonl"
    error = {"message": text("The picture is gone.").model_dump(), "hint": text("Import it again.").model_dump()}
    answer.write_text(json.dumps({"kind": "failed", "error": error}) + "\n", encoding="utf-8")
    replay(answer)
    view.why.why.click()
    qtbot.waitUntil(lambda: view.why.verdict.accessibleName() == "The picture is gone.")
    assert view.why.sentence.text() == "Import it again." and view.why.why.isEnabled()


def test_pictures_are_shown_as_pictures(window: MainWindow, tiny_image_project: Path, qtbot: QtBot) -> None:
    answered_run(tiny_image_project)
    window.open_project(tiny_image_project)
    qtbot.waitUntil(lambda: window.session.facts is not None, timeout=20_000)
    view = view_of(window, tiny_image_project)
    content = view.sample.content
    assert isinstance(content, PictureContent) and not content._picture.isNull()
    assert view.filters.length.isHidden() and view.filters.search.isHidden()
    assert rows(view)[0]["picture"].startswith("images/")
