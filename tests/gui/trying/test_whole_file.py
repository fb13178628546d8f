"""A whole file answered in the window: chosen, its column found or asked for, counted, cancelled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ftstudio.core.errors import InputError
from ftstudio.core.messages import Progress, Request
from ftstudio.core.text import text
from ftstudio.gui.operations import Operation
from ftstudio.gui.pages.try_it import TryPage
from ftstudio.gui.trying.whole_file import WholeFile
from ftstudio.gui.widgets.feedback import Banner
from tests.gui.pages.conftest import drop, unnamed

DONE = {
    "run": "r", "path": "/x/letters answers.csv", "rows": 5, "answered": 3, "unknown": 1, "unreadable": 2,
    "labels": {"positive": 2, "negative": 1}, "reasons": {"the text is empty": 2},
    "seconds": 2.0, "rows_per_second": 2.5,
}  # fmt: skip


class Job:
    """Stands for the worker: keeps the request, ends when it is told how."""

    def __init__(self, page: TryPage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.request: Request | None = None
        self.operation: Operation | None = None
        self._operations = page.file._operations
        monkeypatch.setattr(self._operations, "run_job", self._run)

    def _run(self, request: Request, *, title: str, on_success: Any, on_failure: Any) -> Operation:
        self.request = request
        self.operation = Operation(title, self._operations)
        self.operation.succeeded.connect(on_success)
        self.operation.failed.connect(on_failure)
        return self.operation


@pytest.fixture
def job(page: TryPage, monkeypatch: pytest.MonkeyPatch) -> Job:
    page.ways.choose("file")
    page.show_way("file")
    return Job(page, monkeypatch)


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    path = tmp_path / "letters.csv"
    path.write_text("id,review\n1,good\n2,bad\n", encoding="utf-8")
    return path


def chosen(page: TryPage, path: Path, qtbot: QtBot) -> WholeFile:
    drop(page.file.drop, path)
    qtbot.waitUntil(page.file.what.isVisible, timeout=20_000)
    return page.file


def told(file: WholeFile, words: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: words in banner(file), timeout=20_000)


def banner(file: WholeFile) -> str:
    return " ".join(one.accessibleName() for one in file.findChildren(Banner) if not one.isHidden())


def test_the_column_of_the_training_is_found(page: TryPage, job: Job, letters: Path, qtbot: QtBot) -> None:
    file = chosen(page, letters, qtbot)
    assert file.target.path() == str(letters.parent / "letters answers.csv")
    file.shares.setChecked(True)
    qtbot.mouseClick(file.start_button, Qt.MouseButton.LeftButton)

    assert job.request is not None and job.operation is not None
    options = job.request.options
    assert (job.request.job, options["columns"], options["shares"]) == ("predict_table", {"text": "review"}, True)
    assert options["source"] == str(letters) and options["run"]
    assert not file.start_button.isEnabled() and not file.work.cancel_button.isHidden()
    job.operation._note_progress(Progress(phase=text("Predicting"), done=2, total=4))
    assert file.work.bar.value() == 2 and file.work.phase.text().startswith("Predicting")

    job.operation._end(DONE, None)
    told(file, "3 rows have an answer. For 1 of them it is “don't know”. 2 rows could not be read.", qtbot)
    assert file.counts.item(0, 0).text() == "positive"
    assert file.reasons.item(0, 0).text() == "the text is empty"
    assert file.start_button.isEnabled()
    assert unnamed(page) == []


def test_an_unknown_column_must_be_chosen(page: TryPage, job: Job, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    file = chosen(page, path, qtbot)
    assert not file.start_button.isEnabled()
    assert any("no column" in one.text() for one in file.columns.findChildren(QLabel) if not one.isHidden())

    chooser = next(iter(file.columns.choices.values()))
    chooser.setCurrentIndex(2)
    chooser.activated.emit(2)
    assert file.start_button.isEnabled()
    assert file.columns.columns() == {"text": "b"}
    assert not any("no column" in one.text() for one in file.columns.findChildren(QLabel) if not one.isHidden())


def test_the_next_answers_go_to_a_name_that_is_free(page: TryPage, job: Job, letters: Path, qtbot: QtBot) -> None:
    file = chosen(page, letters, qtbot)
    qtbot.mouseClick(file.start_button, Qt.MouseButton.LeftButton)
    Path(file.target.path()).write_text("answers", encoding="utf-8")

    assert job.operation is not None
    job.operation._end(DONE, None)

    qtbot.waitUntil(lambda: file.target.path() == str(letters.parent / "letters answers 2.csv"), timeout=20_000)


def test_an_icon_can_be_seen_on_its_button(page: TryPage, job: Job, letters: Path, qtbot: QtBot) -> None:
    file = chosen(page, letters, qtbot)

    icon = file.drop.file_button.icon().pixmap(16, 16).toImage()
    shades = {icon.pixelColor(x, y).lightness() for x in range(16) for y in range(16) if icon.pixelColor(x, y).alpha()}
    assert min(shades) < 100, "a white icon on a white button"


def test_cancelling_says_that_nothing_was_written(page: TryPage, job: Job, letters: Path, qtbot: QtBot) -> None:
    file = chosen(page, letters, qtbot)
    file.start()
    assert job.operation is not None
    qtbot.mouseClick(file.work.cancel_button, Qt.MouseButton.LeftButton)
    assert job.operation.cancelled()
    job.operation._end(DONE, None)

    told(file, "Cancelled. No file was written.", qtbot)
    assert file.labels.isHidden()


def test_what_keeps_it_from_being_answered_is_told(page: TryPage, job: Job, letters: Path, qtbot: QtBot) -> None:
    file = chosen(page, letters, qtbot)
    file.start()
    assert job.operation is not None
    job.operation._end(None, InputError(text("“{path}” exists already.", path="x"), text("Choose another name.")))

    told(file, "“x” exists already. Choose another name.", qtbot)


def test_a_file_that_cannot_be_read_is_told(page: TryPage, job: Job, tmp_path: Path, qtbot: QtBot) -> None:
    drop(page.file.drop, tmp_path / "gone.csv")
    qtbot.waitUntil(lambda: "There is no file" in banner(page.file), timeout=20_000)

    assert page.file.what.isHidden()
