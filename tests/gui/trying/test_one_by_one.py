"""Trying a model in the window: the answer follows the typing, and whatever happens to the worker is told."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QTextOption
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import RunState
from ftstudio.datasets import pictures
from ftstudio.gui import notifications
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.try_it import TryPage
from ftstudio.gui.trying import questions
from ftstudio.gui.trying.questions import PictureQuestion, TextQuestion
from ftstudio.gui.trying.text_field import LONGEST_TEXT
from ftstudio.gui.trying.warm_worker import State
from ftstudio.gui.widgets.feedback import Banner
from tests.gui.pages.conftest import drop, unnamed
from tests.gui.trying.conftest import Desk

PATIENCE = 60_000


def field(page: TryPage) -> TextQuestion:
    assert isinstance(page.one.field, TextQuestion)
    return page.one.field


def banners(page: TryPage) -> str:
    return " ".join(one.accessibleName() for one in page.findChildren(Banner) if one.isVisibleTo(page))


def told(page: TryPage, words: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: words in banners(page), timeout=PATIENCE)


def ready(page: TryPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.one.worker.state is State.READY, timeout=PATIENCE)


def answered(page: TryPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(page.one.cards[0].took.text()), timeout=PATIENCE)


def test_the_answer_appears_while_typing(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    ready(page, qtbot)
    qtbot.keyClicks(field(page).first, "a lovely film")
    answered(page, qtbot)

    card = page.one.cards[0]
    assert card.answer.text() == "positive"
    assert card.sure.text() == "90.0 % sure"
    assert card.took.text().startswith("answered in ")
    assert "positive 90 %" in card.bars.accessibleDescription()
    assert [question["text"] for question in desk.questions] == ["a lovely film"]  # one question, not one a letter


def test_who_types_while_the_model_loads_sees_that_it_loads(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    page.one.worker.end()
    page.one.worker.warm_up(page.one.runs())
    field(page).first.setPlainText("a lovely film")
    page.one.ask()

    assert page.one.worker.state is State.WARMING
    assert page.one.cards[0].working.isVisible()
    assert "takes some seconds" in page.one.cards[0].sure.text()


def test_the_button_for_reasons_lies_right_below_the_answer(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    field(page).first.setPlainText("a lovely film")
    answered(page, qtbot)
    card, reasons = page.one.cards[0], page.one.reasons
    assert reasons is not None
    qtbot.waitUntil(reasons.panel.why.isVisible, timeout=PATIENCE)
    qtbot.wait(50)

    below = card.took.mapTo(card, card.took.rect().bottomLeft()).y()
    assert reasons.panel.why.mapTo(card, reasons.panel.why.rect().topLeft()).y() - below < 40


def test_waiting_for_an_older_question_is_not_the_time_of_an_answer(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    desk.behave("--slow", "1.0")
    page.one.worker.end()
    field(page).first.setPlainText("first")
    page.one.ask()
    qtbot.waitUntil(lambda: bool(desk.questions), timeout=PATIENCE)
    field(page).first.setPlainText("second")
    page.one.ask()
    took: list[float] = []
    page.one.worker.answered.connect(lambda _, seconds: took.append(seconds))
    qtbot.wait(800)  # nearly all of the first question's time
    assert not took
    answered(page, qtbot)

    assert took[0] < 1.6


def test_only_the_newest_question_counts(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    desk.behave("--slow", "0.4")
    page.one.worker.end()
    field(page).first.setPlainText("first?")
    page.one.ask()
    qtbot.waitUntil(lambda: bool(desk.questions), timeout=PATIENCE)
    field(page).first.setPlainText("second")
    page.one.ask()
    shown: list[str] = []
    page.one.worker.answered.connect(lambda document, _: shown.append(document["answers"][0]["known"]))
    answered(page, qtbot)

    assert shown == [True]  # the answer to “first?” was unsure and came too late
    assert page.one.cards[0].unsure.isHidden()


def test_dont_know_is_said(page: TryPage, qtbot: QtBot) -> None:
    field(page).first.setPlainText("what is this?")
    answered(page, qtbot)

    card = page.one.cards[0]
    assert not card.unsure.isHidden() and card.unsure.accessibleName() == "Don't know"
    assert card.answer.isHidden()
    assert "best guess is “positive”" in card.sure.text()


def test_an_emptied_field_has_no_answer(page: TryPage, qtbot: QtBot) -> None:
    field(page).first.setPlainText("a lovely film")
    answered(page, qtbot)
    qtbot.mouseClick(field(page).clear_button, Qt.MouseButton.LeftButton)

    assert page.one.cards[0].answer.isHidden()
    assert "as soon as there is something" in page.one.cards[0].sure.text()
    assert field(page).first.hasFocus() or not page.isActiveWindow()


def test_two_runs_answer_side_by_side(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    field(page).first.setPlainText("a lovely film")
    answered(page, qtbot)
    page.one.compare.setCurrentIndex(2)
    page.one.compare.activated.emit(2)
    qtbot.waitUntil(lambda: bool(page.one.cards[1].took.text()), timeout=PATIENCE)

    assert page.one.cards[1].answer.text() == "positive"
    assert len(set(desk.questions[-1]["runs"])) == 2  # type: ignore[call-overload]
    assert page.one.history.questions() == [{"text": "a lovely film"}]


def test_the_model_before_training_can_be_asked_too(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    field(page).first.setPlainText("a lovely film")
    page.one.compare.setCurrentIndex(1)
    page.one.compare.activated.emit(1)
    qtbot.waitUntil(lambda: bool(page.one.cards[1].took.text()), timeout=PATIENCE)

    first, second = page.one.runs()
    assert second == f"base:{first}"
    assert desk.questions[-1]["runs"] == [first, second]
    assert "simplest answer layer" in page.one.cards[1].about.text()


def test_the_reasons_are_shown_on_demand(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    field(page).first.setPlainText("a lovely film")
    answered(page, qtbot)
    reasons = page.one.reasons
    assert reasons is not None and reasons.view.content.isHidden()
    qtbot.waitUntil(reasons.panel.why.isVisible, timeout=PATIENCE)
    qtbot.mouseClick(reasons.panel.why, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not reasons.view.content.isHidden(), timeout=PATIENCE)

    assert desk.questions[-1]["explain"] == "positive"
    assert page.one.cards[0].answer.text() == "positive"
    field(page).first.setPlainText("a lovely film indeed")
    qtbot.waitUntil(reasons.view.content.isHidden, timeout=PATIENCE)


def test_what_was_asked_can_be_brought_back(page: TryPage, qtbot: QtBot) -> None:
    for text in ("a lovely", "a lovely film", "something else"):
        page.one.cards[0].took.setText("")
        field(page).first.setPlainText(text)
        answered(page, qtbot)
    history = page.one.history

    assert [question["text"] for question in history.questions()] == ["something else", "a lovely film"]
    history.itemActivated.emit(history.item(1))
    assert field(page).first.toPlainText() == "a lovely film"


def test_a_dead_worker_is_started_once_more(page: TryPage, desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    page.one.worker.end()
    desk.behave("--dies-on", "bad", "--once", str(tmp_path / "died"))
    field(page).first.setPlainText("a bad one")
    answered(page, qtbot)

    assert page.one.cards[0].answer.text() == "positive"
    assert len(desk.questions) == 2


def test_a_worker_that_dies_again_becomes_a_sentence(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    page.one.worker.end()
    desk.behave("--dies-on", "bad")
    field(page).first.setPlainText("a bad one")
    qtbot.waitUntil(lambda: page.one.worker.state is State.FAILED, timeout=PATIENCE)

    assert len(desk.questions) == 2
    told(page, "ended", qtbot)
    desk.behave()
    field(page).first.setPlainText("a good one")
    answered(page, qtbot)
    assert page.one.cards[0].answer.text() == "positive"
    assert not banners(page)


def test_a_model_that_cannot_be_loaded_says_why(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    page.one.worker.end()
    desk.behave("--fails")
    field(page).first.setPlainText("anything")
    qtbot.waitUntil(lambda: page.one.worker.state is State.FAILED, timeout=PATIENCE)

    told(page, "The weights are damaged.", qtbot)


def test_it_makes_room_for_a_training(page: TryPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(page, qtbot)
    trainer = page._session.trainer
    with monkeypatch.context() as patch:
        patch.setattr(type(trainer), "is_active", property(lambda _: True))
        trainer.state_changed.emit()

    assert page.one.worker.state is State.ASLEEP
    told(page, "to leave memory and processors to the training", qtbot)


def test_it_sleeps_when_nobody_asks_and_wakes_when_asked(page: TryPage, desk: Desk, qtbot: QtBot) -> None:
    page.one.worker.end()
    desk.behave("--idle")
    page.one.worker.warm_up(page.one.runs())
    qtbot.waitUntil(lambda: page.one.worker.why is not None, timeout=PATIENCE)
    told(page, "nobody asked for a while", qtbot)

    desk.behave()
    field(page).first.setPlainText("a lovely film")
    answered(page, qtbot)
    assert page.one.cards[0].answer.text() == "positive"


def test_a_dropped_text_file_is_read(page: TryPage, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Where is my parcel?", encoding="utf-8")
    drop(field(page).first.viewport(), file)

    assert field(page).first.toPlainText() == "Where is my parcel?"


def test_pairs_have_two_fields(page: TryPage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert field(page).second.isHidden()
    field(page).show_pairs(True)
    field(page).first.setPlainText("one")
    field(page).second.setPlainText("two")

    assert field(page).value() == {"text": "one", "text_pair": "two"}
    dataset = page._session.dataset
    roles = {ColumnRole.TEXT: "review", ColumnRole.TEXT_PAIR: "label"}
    monkeypatch.setattr(type(dataset), "roles", property(lambda _: roles))
    page.one._build_field()
    assert not field(page).second.isHidden()


def test_pictures_are_dropped_and_pasted(qtbot: QtBot, tmp_path: Path) -> None:
    question = PictureQuestion()
    qtbot.addWidget(question)
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(0xFF3300)
    image.save(str(tmp_path / "red.png"))
    drop(question, tmp_path / "red.png")
    assert question.value() == {"file": str(tmp_path / "red.png")}

    QGuiApplication.clipboard().setImage(image)
    question.paste()
    pasted = question.value()
    assert pasted is not None and Path(pasted["file"]).is_file()
    assert question.name.toolTip() == "pasted picture"
    question.clear()
    assert question.value() is None


def test_an_empty_field_for_pictures_fits_where_it_is_narrowest(qtbot: QtBot) -> None:
    question = PictureQuestion()
    qtbot.addWidget(question)

    assert question.empty.minimumSizeHint().width() <= 300  # what it has in a window of 1000 x 680


def test_what_is_transparent_in_a_pasted_picture_becomes_white(qtbot: QtBot) -> None:
    question = PictureQuestion()
    qtbot.addWidget(question)
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    image.fill(0)
    QGuiApplication.clipboard().setImage(image)
    question.paste()

    pasted = question.value()
    assert pasted is not None
    assert pictures.load(Path(pasted["file"])).getpixel((4, 4)) == (255, 255, 255)


def test_a_picture_beside_a_text_on_the_clipboard_is_the_picture(qtbot: QtBot) -> None:
    question = PictureQuestion()
    qtbot.addWidget(question)
    offered, image = QMimeData(), QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(0xFF3300)
    offered.setImageData(image)
    offered.setText("hello")
    offered.setHtml("<img src='https://example.org/a.png'>")
    offered.setUrls([QUrl("https://example.org/a.png")])
    QGuiApplication.clipboard().setMimeData(offered)
    question.paste()

    pasted = question.value()
    assert pasted is not None
    assert pictures.load(Path(pasted["file"])).size == (8, 8)


def test_a_huge_picture_is_not_pasted(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST_PIXELS", 63)
    question = PictureQuestion()
    qtbot.addWidget(question)
    question.take_image(QImage(8, 8, QImage.Format.Format_RGB32))

    assert question.value() is None
    assert "too large: 8 × 8 pixels" in str(notifications.centre().record[-1].message)


def test_a_picture_that_cannot_be_kept_is_said(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question = PictureQuestion()
    qtbot.addWidget(question)
    for broken in (
        lambda: monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone")),
        lambda: monkeypatch.setattr(QImage, "save", lambda *_: False),
    ):
        with monkeypatch.context():
            broken()
            question.take_image(QImage(8, 8, QImage.Format.Format_RGB32))
        assert question.value() is None
        assert "could not be kept" in str(notifications.centre().record[-1].message)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_book_is_not_pasted_and_the_field_stays_as_it_was(page: TryPage, qtbot: QtBot) -> None:
    first = field(page).first
    qtbot.keyClicks(first, "before ")
    QGuiApplication.clipboard().setText("a word and " * (LONGEST_TEXT // 11 + 1))
    qtbot.keyClick(first, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    assert first.toPlainText() == "before "
    assert "too long: 400," in str(notifications.centre().record[-1].message)


def test_a_word_without_an_end_does_not_stop_the_window(page: TryPage, qtbot: QtBot) -> None:
    first = field(page).first
    QGuiApplication.clipboard().setText("x" * 200_000)
    began = time.monotonic()
    qtbot.keyClick(first, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(first, Qt.Key.Key_A)

    assert len(first.toPlainText()) == 200_001
    assert time.monotonic() - began < 5.0  # it was a quarter of a minute
    first.setPlainText("a few words")
    assert first.wordWrapMode() is QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere


def test_without_a_run_the_page_says_what_to_do(window: MainWindow, tiny_text_project: Path) -> None:
    window.open_project(tiny_text_project)
    window.go_to("try")
    page = window.pages["try"]
    words = " ".join(one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page))

    assert "There is no model to try yet." in words
    assert RunState.FINISHED.has_result


def test_every_control_has_a_name(page: TryPage, qtbot: QtBot) -> None:
    field(page).first.setPlainText("a lovely film")
    answered(page, qtbot)

    assert unnamed(page) == []
