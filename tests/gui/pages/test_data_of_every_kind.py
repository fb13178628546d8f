"""The data page speaks of questions, marked places and conversations where a project has those, and not of labels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.store import Dataset
from ftstudio.gui.operations import Operations
from ftstudio.gui.pages.data import DataPage
from ftstudio.gui.panels.data_charts import measure
from ftstudio.gui.panels.drop_area import DropArea
from ftstudio.gui.panels.import_options import ImportOptions
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.elided import ElidedLabel
from tests.datasets import making
from tests.gui.pages.test_data_page import bring, bring_in

OpenProject = Callable[[str], Session]
QUESTIONS = [
    {"question": "Who pays?", "context": f"Rent {number}: the tenant pays.", "answers": answer}
    for number in range(30)
    for answer in ("the tenant", "[]")
]
CHATS = [
    {"messages": [{"role": "user", "content": f"Is it {at}?"}, {"role": "assistant", "content": "Yes, indeed."}]}
    for at in range(40)
]


def opened(task: str, make: OpenProject, operations: Operations, qtbot: QtBot) -> DataPage:
    page = DataPage(make(task), operations)
    qtbot.addWidget(page)
    page.resize(1100, 720)
    page.show()
    return page


@pytest.mark.parametrize(
    ("task", "first", "example", "never"),
    [
        ("question-answering", "Questions and answers (SQuAD)", "question,context,answer", "CoNLL"),
        ("token-classification", "Lines of a token and its tag (CoNLL, BIO)", "spans", "SQuAD"),
        ("text-generation", "Plain text", "messages", "CoNLL"),
        ("text-classification", "Table as text (CSV, TSV)", "Great film", "SQuAD"),
    ],
)
def test_what_can_be_dropped_is_shown_for_the_task(
    qtbot: QtBot, task: str, first: str, example: str, never: str
) -> None:
    area = DropArea()
    qtbot.addWidget(area)
    area.accept_forms(catalog.readers(), catalog.tasks().spec(task))

    titles = [one.text() for one in area.findChildren(QLabel) if one.property("role") == "strong"]
    examples = " ".join(one.toolTip() for one in area.findChildren(ElidedLabel))
    assert titles[0] == first
    assert example in examples
    assert not any(never in title for title in titles)
    assert ("Great film" in examples) == (task == "text-classification")


def test_questions_are_called_questions_and_their_answers_are_shown_in_words(
    new_project: OpenProject, operations: Operations, qtbot: QtBot, tmp_path: Path
) -> None:
    page = opened("question-answering", new_project, operations, qtbot)
    source = making.write_jsonl(tmp_path / "questions.jsonl", QUESTIONS)
    bring(page, source, qtbot)
    names = [action.text() for action in page.review.preview.header.menu(0).actions()]
    assert {"Question", "Passage", "Answer"} <= set(names) and not {"Second text", "Label"} & set(names)
    bring_in(page, source, qtbot)

    rows = page.view.browser.table.rows
    shown = [rows.value(row, "answers") for row in range(2)]
    assert shown == ["the tenant", "no answer"]
    assert not page.view.browser.label.isVisible() and not page.view.charts.labels.isVisible()


def test_how_long_a_question_is_counts_its_passage(tmp_path: Path) -> None:
    import_data(
        tmp_path / "data",
        catalog.tasks().spec("question-answering"),
        ImportPlan(sources=(making.write_jsonl(tmp_path / "questions.jsonl", QUESTIONS),)),
    )
    assert set(measure(Dataset.open(tmp_path / "data"), None).values) == {7}  # Who pays? Rent 3: the tenant pays.


def test_of_conversations_what_is_said_is_shown_and_measured(
    new_project: OpenProject, operations: Operations, qtbot: QtBot, tmp_path: Path
) -> None:
    page = opened("text-generation", new_project, operations, qtbot)
    bring_in(page, making.write_jsonl(tmp_path / "chats.jsonl", CHATS), qtbot)

    assert page.view.browser.table.rows.value(0, "messages") == "user: Is it 0?\nassistant: Yes, indeed."
    dataset = page._session.dataset
    assert dataset is not None
    assert set(measure(dataset, None).values) == {7}
    assert json.dumps(CHATS[0]["messages"]) not in page.view.sample.content.accessibleDescription()


def test_only_what_can_be_chosen_has_a_title(qtbot: QtBot) -> None:
    options = ImportOptions()
    qtbot.addWidget(options)
    options.show()
    options.show_options(ReadOptions(encoding="utf-8"))
    assert [one.text() for one in options.findChildren(QLabel) if one.isVisible()] == ["Letters (encoding)"]
    options.show_options(ReadOptions(encoding="utf-8", delimiter=" "))
    assert options.delimiter.currentText() == "Blank"


def test_a_folder_of_plays_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "hamlet.txt").write_text("Who's there?", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        import_data(
            tmp_path / "data", catalog.tasks().spec("text-generation"), ImportPlan(sources=(tmp_path / "plays",))
        )
    assert "Choose the files in it" in str(refused.value.hint)
