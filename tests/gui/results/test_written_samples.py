"""Results of a run that goes on with texts: prompts, what is right and what was written, the worst loss first."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.results import ResultsPage
from ftstudio.gui.results.written_samples import WrittenSamplesView
from tests.support.talked_runs import ANSWER, talked_project, talked_run


@pytest.fixture
def samples(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> WrittenSamplesView:
    run = talked_run(talked_project(tmp_path / "desk"))
    window.open_project(run.root.parents[1])
    window.session.refresh_runs()
    window.go_to("results")
    page = window.pages["results"]
    assert isinstance(page, ResultsPage)
    assert [page.bar.tabText(at) for at in range(page.bar.count())] == ["Overview", "Samples"]
    page.show_view("samples")
    view = page.views["samples"]
    assert isinstance(view, WrittenSamplesView)
    qtbot.waitUntil(lambda: view.list.count() > 0)
    return view


def test_the_worst_loss_comes_first_with_prompt_wanted_and_written(samples: WrittenSamplesView) -> None:
    losses = [one.loss for one in samples.chosen]  # type: ignore[attr-defined]
    first = samples.chosen[0]

    assert losses == sorted(losses, reverse=True)
    assert samples.list.item(0).text().startswith(f"{losses[0]:.3f}  Printer")
    assert samples.texts.asked.toPlainText() == first.text
    assert samples.texts.wanted.toPlainText().startswith(ANSWER)
    assert samples.texts.written.toPlainText() == "Turn it off."
    assert samples.place.text() == f"Row {first.row} · loss {losses[0]:.3f}"


def test_a_row_it_did_not_write_to_says_so(samples: WrittenSamplesView) -> None:
    samples.list.setCurrentRow(samples.list.count() - 1)

    assert samples.texts.written.toPlainText() == ""
    assert "Try page" in samples.texts.told.text()
    everything = samples.list.count()
    samples.which.setCurrentIndex(1)
    samples.which.activated.emit(1)
    assert 0 < samples.list.count() < everything


def test_texts_are_searched(samples: WrittenSamplesView) -> None:
    number = samples.chosen[1].text.split()[1]

    samples.search.setText(f"printer {number} ")

    assert [one.text for one in samples.chosen] == [f"Printer {number} is jammed."]
    samples.search.setText("nothing like it")
    assert samples.list.count() == 0
    assert samples.texts.asked.toPlainText() == ""
