"""What the pages say fits what a project's model answers: no heads where none is new, no setting that means nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ftstudio.core import catalog
from ftstudio.core.presets import Facts
from ftstudio.core.settings import TrainingSettings, fields
from ftstudio.core.specs import Answer, Modality
from ftstudio.gui.charts.run_charts import RunCharts
from ftstudio.gui.operations import Operations
from ftstudio.gui.pages.model import ModelPage
from ftstudio.gui.panels.plan_words import sentences
from ftstudio.gui.run_document import RunDocument
from ftstudio.gui.session import Session

OpenProject = Callable[[str], Session]
FACTS = Facts(rows=120, parameters=22_700_000)


def test_a_task_that_no_model_fits_says_so_and_what_to_do(
    new_project: OpenProject, operations: Operations, qtbot: QtBot
) -> None:
    page = ModelPage(new_project("text-generation"), operations)
    qtbot.addWidget(page)
    page.resize(816, 620)  # as much as it has in the smallest window
    page.show()
    qtbot.waitUntil(lambda: page._found is not None and not operations.running)
    assert page.nothing.isVisible() and not page.models.isVisible()
    assert "Writing texts" in page.nothing.accessibleName() and "GGUF" in page.nothing.accessibleName()

    for words in page.nothing.findChildren(QLabel):
        assert words.width() <= page.nothing.width()

    page.filters.fitting.setChecked(False)
    assert page.models.isVisible() and not page.nothing.isVisible()
    page.filters.search.setText("no model has this name")
    assert page.nothing.isVisible()


def test_one_hidden_model_is_one(new_project: OpenProject, operations: Operations, qtbot: QtBot) -> None:
    page = ModelPage(new_project("image-classification"), operations)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page._found is not None and not operations.running)
    assert page.counted.text() == "1 model; 1 more is hidden by the filters"


@pytest.mark.parametrize(
    ("answer", "said", "never"),
    [
        (Answer.EXTRACT, "pieces that overlap", "the beginning is read"),
        (Answer.EXTRACT, "120 training questions", "training texts"),
        (Answer.TEXT, "22.7 M parameters.", "new head"),
        (Answer.REWRITE, "22.7 M parameters.", "new head"),
        (Answer.LABEL, "new head", "pieces that overlap"),
    ],
)
def test_the_plan_says_what_will_happen_with_this_kind_of_answer(answer: Answer, said: str, never: str) -> None:
    told = " ".join(sentences(TrainingSettings(), FACTS, Modality.TEXT, answer))
    assert said in told and never not in told


def test_adapters_of_a_model_that_writes_come_without_a_head() -> None:
    settings = TrainingSettings(tuning_method="lora", lora_rank=16)
    told = sentences(settings, FACTS, Modality.TEXT, Answer.TEXT)
    assert told[0] == "Adapters of rank 16 learn; the pretrained layers stay as they are."


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        ("extract", {"class_weights", "balanced_sampling", "label_smoothing", "long_text"}),
        ("text", {"class_weights", "balanced_sampling", "label_smoothing", "r_drop"}),
        ("rewrite", {"class_weights", "balanced_sampling", "r_drop"}),
        ("label", set()),
        ("labels", {"r_drop"}),
        ("spans", set()),
    ],
)
def test_settings_that_mean_nothing_for_an_answer_are_not_offered(answer: str, missing: set[str]) -> None:
    asked = {"class_weights", "balanced_sampling", "label_smoothing", "long_text", "r_drop"}
    assert {one.key for one in fields() if one.key in asked and not one.concerns("text", answer)} == missing


def test_the_metric_of_a_headline_is_named_without_the_rows_it_is_of() -> None:
    document = RunDocument({"metrics": {"validation": {"f1": 0.9}}, "rows": {"validation": 62}})
    scored = document.headline(catalog.tasks().spec("token-classification"), "validation")
    assert scored.metric == "F1:" and "62" not in scored.metric


def test_the_loss_is_drawn_once_where_it_is_the_score(qtbot: QtBot) -> None:
    charts = RunCharts()
    qtbot.addWidget(charts)
    charts.show()
    for task, drawn in (("text-generation", [False, True]), ("token-classification", [True, True])):
        spec = catalog.tasks().spec(task)
        charts.show_metric(next(one for one in spec.metrics if one.key == spec.monitor))
        assert [charts.loss.isVisible(), charts.score.isVisible()] == drawn
