"""The Advice page: every study of the catalogue is offered, its stored result is drawn, its remedies act and can be
undone, and advice from other data says so.
"""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ftstudio.core import catalog
from ftstudio.core.advice import Advice, Chart, Mark, Remedy, Series, Table
from ftstudio.core.errors import ErrorDocument, Where
from ftstudio.core.messages import Request
from ftstudio.core.options import Options, fields
from ftstudio.core.text import text
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.pages.advice import AdvicePage
from ftstudio.gui.panels.study_report import StudyResult
from ftstudio.gui.widgets.feedback import Banner
from ftstudio.project.studies import StudyReport, store

STUDY = "find_lr"


@pytest.fixture
def page(opened: MainWindow) -> AdvicePage:
    """Return the page of a window with a project."""
    opened.go_to("advice")
    found = opened.findChild(AdvicePage)
    assert isinstance(found, AdvicePage)
    return found


def _remedies() -> tuple[Remedy, ...]:
    return (
        Remedy(label=text("Use {rate}", rate="2e-5"), action="settings", values={"learning_rate": 2e-5}),
        Remedy(label=text("Ask more"), action="study", values={"study": "cross_validate"}),
    )


def _report(window: MainWindow, **changes: Any) -> StudyReport:
    session = window.session
    assert session.dataset is not None and session.model is not None
    lines = (
        Series(name=text("raw"), x=[1e-5, 1e-4, 1e-3], y=[2.0, 1.0, float(3)], style="points"),
        Series(name=text("smooth"), x=[1e-5, 1e-4, 1e-3], y=[2.0, 1.1, 2.5], low=[1.9, 1.0, 2.0], high=[2.1, 1.2, 3]),
    )
    mark = Mark(x=1e-4, label=text("here"), kind="suggested")
    chart = Chart(
        key="c", title=text("Loss"), x_title=text("rate"), y_title=text("loss"), log_x=True, series=lines,
        marks=(mark,), band=(2e-5, 2e-4), message=text("it falls until {rate}", rate=1e-4),
    )  # fmt: skip
    values: dict[str, Any] = {
        "study": STUDY,
        "data_fingerprint": session.dataset.fingerprint,
        "model_fingerprint": session.model.fingerprint,
        "advice": (Advice(code="a", mood="good", sentence=text("Use this rate."), remedies=_remedies()),),
        "charts": (chart,),
        "tables": (Table(title=text("T"), columns=(text("a"), text("b")), rows=(("x", 0.5), ("y", None))),),
    }
    return StudyReport(**{**values, **changes})


def _show(page: AdvicePage, window: MainWindow, **changes: Any) -> StudyResult:
    assert window.session.project is not None
    store(window.session.project.layout, _report(window, **changes))
    page.refresh()
    page.show_study(STUDY)
    found = page.findChildren(StudyResult)[-1]
    assert isinstance(found, StudyResult)
    return found


def test_every_study_of_the_catalogue_is_offered_with_its_options(page: AdvicePage) -> None:
    specs = catalog.studies_in_order()
    assert STUDY in [spec.key for spec in specs]
    assert list(page.studies.cards) == [spec.key for spec in specs]
    for spec in specs:
        page.show_study(spec.key)
        wanted = [field.key for field in fields(spec.options or Options)]  # type: ignore[arg-type]
        assert list(page._options.editors) == wanted
        assert spec.question and spec.summary, spec.key


def test_a_remedy_changes_the_settings_in_one_step_that_can_be_undone(
    page: AdvicePage, opened: MainWindow, qtbot: QtBot
) -> None:
    shown = _show(page, opened)
    assert opened.session.file is not None
    steps, before = opened.session.undo_stack.count(), opened.session.file.settings

    qtbot.mouseClick(shown.cards[0].buttons[0], Qt.MouseButton.LeftButton)

    assert opened.session.file.settings.values["learning_rate"] == 2e-5
    assert opened.session.undo_stack.count() == steps + 1
    opened.session.undo_stack.undo()
    assert opened.session.file.settings == before


def test_a_remedy_that_is_a_study_starts_it(page: AdvicePage, opened: MainWindow, monkeypatch: Any) -> None:
    started: list[str] = []
    monkeypatch.setattr(AdvicePage, "start", lambda self: started.append(self.study))
    shown = _show(page, opened)
    shown.cards[0].buttons[1].click()
    assert started == ["cross_validate"]


def test_charts_say_their_message_and_give_their_points(page: AdvicePage, opened: MainWindow) -> None:
    chart = _show(page, opened).charts[0]
    assert "falls until" in chart.accessibleDescription()
    assert len(chart.rows()) == 1 + 6
    assert chart.rows()[1][:3] == ("raw", 1e-5, 2.0)


def test_advice_from_other_data_or_another_model_says_so(page: AdvicePage, opened: MainWindow) -> None:
    assert not _show(page, opened).findChildren(Banner)
    assert _show(page, opened, data_fingerprint="other").findChildren(Banner)
    assert _show(page, opened, model_fingerprint="other").findChildren(Banner)


def test_a_refused_option_is_explained_beside_it_in_full(page: AdvicePage, qtbot: QtBot) -> None:
    page.show_study("cross_validate")
    words, hint = text("There are more folds than rows in a class."), text("Take 3.")
    error = ErrorDocument(message=words, hint=hint, where=Where(field="folds"), exit_code=2)
    page._fail("cross_validate", error)
    message = page._options.rows["folds"]._message
    assert "Take 3." in message.text()
    qtbot.waitUntil(lambda: message.height() >= message.heightForWidth(message.width()))


def test_what_was_measured_is_shown_as_soon_as_it_is_there(
    page: AdvicePage, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Operation("", page)

    def run_job(_: object, request: Request, *, on_success: Any, **__: object) -> Operation:
        work.succeeded.connect(on_success)
        return work

    monkeypatch.setattr(Operations, "run_job", run_job)
    page.show_study(STUDY)
    page.start()
    assert opened.session.project is not None
    store(opened.session.project.layout, _report(opened))
    assert not page.findChildren(StudyResult)

    work._end({}, None)

    assert len(page.findChildren(StudyResult)) == 1
    assert page.start_button.isVisible()


def test_options_that_were_typed_stay(page: AdvicePage) -> None:
    page.show_study("cross_validate")
    page._options.editors["folds"].show_value(3)
    page.show_study(STUDY)
    page.refresh()
    page.show_study("cross_validate")
    assert page._options.values()["folds"] == 3


def test_without_data_there_is_a_way_on(window: MainWindow) -> None:
    window.go_to("advice")
    page = window.findChild(AdvicePage)
    assert isinstance(page, AdvicePage)
    assert page.stack.currentIndex() == 0
