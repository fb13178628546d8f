"""Runs compared in the window: curves over each other, settings side by side, one verdict on the same rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.runs import RunsPage
from ftstudio.gui.widgets.feedback import Banner
from ftstudio.project.run_notes import RunNotes, write_notes
from tests.gui.pages.conftest import unnamed
from tests.support.made_runs import fill


@pytest.fixture
def page(opened: MainWindow, tiny_text_project: Path, qtbot: QtBot) -> Iterator[RunsPage]:
    """The page of a project with eight runs; the fifth of every five has failed."""
    for at, run in enumerate(fill(tiny_text_project, 8)):
        write_notes(run, RunNotes(name=f"run {at}"))
    opened.session.refresh_runs()
    opened.go_to("runs")
    made = opened.pages["runs"]
    assert isinstance(made, RunsPage)
    yield made
    qtbot.waitUntil(lambda: not opened.operations.running, timeout=10_000)


def choose(page: RunsPage, qtbot: QtBot, *names: str, view: str = "") -> None:
    page.table.choose([run.id for run in page.table.runs.shown if run.name in names])
    qtbot.waitUntil(lambda: {run.name for run in page.details.runs} == set(names))
    if view:
        page.details.show_view(view)


def test_curves_of_chosen_runs_lie_over_each_other(page: RunsPage, qtbot: QtBot) -> None:
    curves = page.details.curves
    choose(page, qtbot, "run 0", "run 2", "run 5")
    qtbot.waitUntil(lambda: [line.name for line in curves.score.lines] == ["run 0", "run 2", "run 5"])

    assert not curves.score.is_empty
    assert len({line.colour.name() for line in curves.score.lines}) == 3
    assert len({line.dash for line in curves.score.lines}) == 3, "colour never speaks alone"
    for line in curves.score.lines:
        best = curves.score.best_point(line)
        assert best is not None
        assert best[1] == max(line.curves.series("validation", "macro_f1").values)
    assert all(name in curves.score.accessibleDescription() for name in ("run 0", "run 2", "run 5"))
    assert {row[0] for row in curves.loss.rows()[1:]} == {"run 0", "run 2", "run 5"}


def test_the_bottom_can_be_steps_epochs_or_time(page: RunsPage, qtbot: QtBot) -> None:
    curves = page.details.curves
    choose(page, qtbot, "run 0", "run 1")
    qtbot.waitUntil(lambda: len(curves.score.lines) == 2)
    ends = []

    for at in range(3):
        curves.axis.setCurrentIndex(at)
        curves.axis.activated.emit(at)
        ends.append(round(curves.score.plot.getPlotItem().getViewBox().viewRange()[0][1]))

    assert ends[0] > ends[2] > ends[1]


def test_many_chosen_runs_are_cut_to_those_that_can_be_told_apart(page: RunsPage, qtbot: QtBot) -> None:
    choose(page, qtbot, *(f"run {at}" for at in range(8)))
    qtbot.waitUntil(lambda: len(page.details.curves.score.lines) == 6)

    assert "6 of the 8" in page.details.title.toolTip()


def test_only_settings_that_differ_are_listed(page: RunsPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "run 0", "run 1", view="settings")
    table = page.details.settings.table
    few = table.rowCount()

    assert [table.horizontalHeaderItem(at).text() for at in range(3)] == ["Setting", "run 0", "run 1"]
    assert [table.item(0, at).text() for at in range(3)] == ["Tuning method", "Full", "LoRA"]
    page.details.settings.everything.setChecked(True)
    assert table.rowCount() > few


def test_the_verdict_is_a_sentence_about_the_same_rows(page: RunsPage, qtbot: QtBot, opened: MainWindow) -> None:
    choose(page, qtbot, "run 0", "run 1", view="answers")
    verdict = page.details.verdict
    qtbot.waitUntil(lambda: bool(verdict.sentences), timeout=10_000)

    (sentence,) = verdict.sentences
    assert "“run 0”" in sentence and "“run 1”" in sentence
    choose(page, qtbot, "run 0", "run 1", "run 2")
    qtbot.waitUntil(lambda: len(verdict.sentences) == 2, timeout=10_000)
    assert unnamed(page) == []


def test_runs_that_answer_all_rows_alike_are_not_told_apart_by_chance(
    page: RunsPage, qtbot: QtBot, opened: MainWindow
) -> None:
    first, second = (run for run in opened.session.runs if run.name in ("run 0", "run 1"))
    shutil.copytree(first.layout.predictions, second.layout.predictions, dirs_exist_ok=True)

    choose(page, qtbot, "run 0", "run 1", view="answers")
    verdict = page.details.verdict
    qtbot.waitUntil(lambda: bool(verdict.sentences), timeout=10_000)

    assert "alike" in verdict.sentences[0]
    assert "McNemar" not in " ".join(banner.hint_label.text() for banner in verdict.findChildren(Banner))


def test_runs_that_cannot_be_compared_say_why(page: RunsPage, qtbot: QtBot) -> None:
    choose(page, qtbot, "run 0", "run 4", view="answers")  # the fifth has failed
    verdict = page.details.verdict
    qtbot.waitUntil(lambda: bool(verdict.sentences), timeout=10_000)

    assert "“run 4” has no stored answers" in verdict.sentences[0]
    choose(page, qtbot, "run 0")
    qtbot.waitUntil(lambda: not verdict.sentences)
    assert "two to" in verdict.hint.text()
