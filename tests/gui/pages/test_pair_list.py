"""Rows side by side: differences are marked, pictures shown, more come on request, and the keyboard reaches all."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ftstudio.core.advice import Advice, Pair, Pairs, Remedy, Sample
from ftstudio.core.problems import Fix
from ftstudio.core.text import text
from ftstudio.gui.panels.pair_list import AT_ONCE, EDGE, PairList, marked
from ftstudio.gui.panels.study_report import StudyResult
from ftstudio.project.studies import StudyReport


def pair(left: Sample, right: Sample, similarity: float = 0.9) -> Pair:
    return Pair(left=left, right=right, relation=text("nearly the same"), similarity=similarity)


def texts(count: int) -> tuple[Pair, ...]:
    return tuple(
        pair(
            Sample(caption=text("train, row {row}", row=at), text=f"one film {at}"),
            Sample(caption=text("test, row {row}", row=at), text=f"one movie {at}"),
        )
        for at in range(count)
    )


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> PairList:
    made = PairList(Pairs(title=text("Nearly the same"), pairs=texts(AT_ONCE + 3), total=500), tmp_path)
    qtbot.addWidget(made)
    made.resize(800, 900)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_few_are_shown_first_and_more_on_request(shown: PairList) -> None:
    assert len(shown.rows) == AT_ONCE
    assert "10" in shown.counted.text() and "500" in shown.counted.text()
    shown.more.setFocus()
    QTest.keyClick(shown.more, Qt.Key.Key_Space)
    assert len(shown.rows) == AT_ONCE + 3
    assert not shown.more.isVisible()
    assert shown.rows[AT_ONCE].hasFocus()


def test_the_keyboard_goes_from_pair_to_pair_and_each_is_read_out(shown: PairList) -> None:
    shown.rows[0].setFocus()
    QTest.keyClick(shown.rows[0], Qt.Key.Key_Down)
    assert shown.rows[1].hasFocus()
    QTest.keyClick(shown.rows[1], Qt.Key.Key_Up)
    assert shown.rows[0].hasFocus()
    spoken = shown.rows[1].accessibleName()
    assert "one film 1" in spoken and "one movie 1" in spoken and "90" in spoken


def test_only_words_that_the_other_lacks_are_marked() -> None:
    assert marked("One film, TWO", "one movie two", "#000").count("<u>") == 1
    assert "<u>film,</u>" in marked("One film, TWO", "one movie two", "#000")
    assert "<u>" not in marked("Same Words!", "same words", "#000")
    assert marked("a <b> & c", "a x c", "#000").endswith("<u>&lt;b&gt; &amp;</u></b></span> c")
    assert marked("", "other", "#000") == ""


def test_pictures_stand_beside_each_other_and_a_missing_one_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    Image.new("RGB", (400, 200), "red").save(tmp_path / "a.png")
    good, missing = (Sample(caption=text("row"), picture=name) for name in ("a.png", "gone.png"))
    made = PairList(Pairs(title=text("Alike"), pairs=(pair(good, missing),), total=1), tmp_path)
    qtbot.addWidget(made)
    left, right = made.rows[0].sides
    qtbot.waitUntil(lambda: not left.content.pixmap().isNull() and bool(right.content.text()))
    assert left.content.pixmap().width() == EDGE
    assert not made.more.isVisibleTo(made)


def test_outdated_advice_does_not_change_data(qtbot: QtBot) -> None:
    fix = Fix(key="drop_rows", label=text("Remove 2 rows"), params={"places": [1, 2]})
    remedies = (
        Remedy(label=text("Remove 2 rows"), action="data", fix=fix),
        Remedy(label=text("Train longer"), action="settings", values={"epochs": 3.0}),
    )
    report = StudyReport(study="audit_leaks", advice=(Advice(code="leaks", sentence=text("So."), remedies=remedies),))
    for outdated, enabled in (("", [True, True]), ("The data has changed.", [False, True])):
        shown = StudyResult(report, outdated, may_act=True)
        qtbot.addWidget(shown)
        assert [one.isEnabled() for one in shown.cards[0].buttons] == enabled
