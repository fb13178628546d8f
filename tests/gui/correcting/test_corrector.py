"""Boxes are corrected by mouse and keyboard; every correction is on disk at once and can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ftstudio.core import boxes
from ftstudio.core.boxes import Box
from ftstudio.core.specs import ColumnRole
from ftstudio.datasets.store import Dataset
from ftstudio.gui.correcting.corrector import BoxCorrector
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.data import DataPage
from tests.gui.pages.conftest import unnamed
from tests.support.box_projects import box_project

NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def corrector(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> BoxCorrector:
    window.open_project(box_project(tmp_path / "project"))
    window.commands.perform("correct_boxes")
    panel = page(window).boxes
    qtbot.waitUntil(lambda: panel.canvas.size_of_picture[0] > 1, timeout=5000)
    qtbot.waitUntil(lambda: not window.operations.running, timeout=20_000)
    return panel


def page(window: MainWindow) -> DataPage:
    found = window.pages["data"]
    assert isinstance(found, DataPage)
    return found


def on_disk(window: MainWindow, place: int) -> tuple[Box, ...]:
    assert window.session.project is not None
    dataset = Dataset.open(window.session.project.layout.data)
    at = dataset.view.index.tolist().index(place)
    return boxes.read(dataset.view.column(ColumnRole.LABEL)[at].as_py())


def drag(panel: BoxCorrector, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag from one point of the picture to another."""
    canvas = panel.canvas
    points = [canvas.view.to_screen(*point).toPoint() for point in (start, end)]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, NO_KEYS, points[0])
    for share in (0.5, 1.0):
        step = QPoint(
            *(round(a + share * (b - a)) for a, b in zip(points[0].toTuple(), points[1].toTuple(), strict=True))
        )
        QTest.mouseMove(canvas, step)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, NO_KEYS, points[1])


def centre(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def test_a_box_is_moved_with_the_mouse_stored_and_undone(corrector: BoxCorrector, window: MainWindow) -> None:
    place, before = corrector.places[0], corrector.canvas.boxes
    x, y = centre(before[0])

    drag(corrector, (x, y), (x + 10, y + 8))

    after = on_disk(window, place)
    assert after[0].x == pytest.approx(before[0].x + 10, abs=1)
    assert after[0].y == pytest.approx(before[0].y + 8, abs=1)
    assert (after[0].width, after[0].label, after[1:]) == (before[0].width, before[0].label, before[1:])
    assert window.session.undo_stack.undoText() == "move a box"
    window.session.undo()
    assert on_disk(window, place) == corrector.canvas.boxes == before
    window.session.redo()
    assert on_disk(window, place) == corrector.canvas.boxes == after


def test_a_corner_resizes_and_empty_ground_draws(corrector: BoxCorrector, window: MainWindow) -> None:
    place, before = corrector.places[0], corrector.canvas.boxes
    corrector.canvas.choose(0)
    corner = (before[0].x + before[0].width, before[0].y + before[0].height)

    drag(corrector, corner, (corner[0] - 6, corner[1] - 4))
    after = on_disk(window, place)[0]
    assert (after.width, after.height) == pytest.approx((before[0].width - 6, before[0].height - 4), abs=1)

    corrector.side.kind_chosen.emit("cross")
    corrector.canvas.choose(-1)
    corrector.side.kind_chosen.emit("star")
    drag(corrector, *empty_ground(corrector))
    assert on_disk(window, place)[-1].label == "star"
    assert window.session.dataset is not None
    assert "star" in window.session.dataset.label_counts(None)


def empty_ground(panel: BoxCorrector) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return two corners of a place without boxes."""
    for x in range(0, 80, 4):
        for y in range(0, 80, 4):
            spot = Box(label="", x=x, y=y, width=12, height=12)
            if not boxes.overlaps(boxes.corners([spot]), boxes.corners(panel.canvas.boxes)).any():
                return (x + 4, y + 4), (x + 11, y + 11)
    raise AssertionError("no room left")


def test_the_keyboard_does_all_of_it(corrector: BoxCorrector, window: MainWindow, qtbot: QtBot) -> None:
    place, before, canvas = corrector.places[0], corrector.canvas.boxes, corrector.canvas
    canvas.setFocus()

    QTest.keyClick(canvas, Qt.Key.Key_Tab)
    assert canvas.selected == 0
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Right if before[0].x < 40 else Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: on_disk(window, place)[0] != before[0], timeout=2000)
    assert abs(on_disk(window, place)[0].x - before[0].x) == 3
    assert window.session.undo_stack.count() == 1  # three presses are one edit

    other = next(kind for kind in ("1", "2") if corrector.side.kind_of_digit(int(kind)) != before[0].label)
    QTest.keyClick(canvas, Qt.Key[f"Key_{other}"])
    assert on_disk(window, place)[0].label == corrector.side.kind_of_digit(int(other))
    QTest.keyClick(canvas, Qt.Key.Key_N)
    assert len(on_disk(window, place)) == len(before) + 1
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert len(on_disk(window, place)) == len(before)
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert corrector.position == 1


def test_what_the_arrows_did_is_stored_before_the_page_turns_and_before_an_undo(
    corrector: BoxCorrector, window: MainWindow
) -> None:
    place, before, canvas = corrector.places[0], corrector.canvas.boxes, corrector.canvas
    canvas.choose(0)
    QTest.keyClick(canvas, Qt.Key.Key_Down if before[0].y < 40 else Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)

    assert abs(on_disk(window, place)[0].y - before[0].y) == 10
    assert corrector.position == 1
    window.session.undo()
    assert corrector.position == 0, "an undo goes to the picture that it is about"
    assert corrector.canvas.boxes == before


def test_a_project_that_is_only_looked_at_is_not_changed(
    corrector: BoxCorrector, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(window.session), "can_write", property(lambda _: False))
    corrector.refresh()
    before = corrector.canvas.boxes
    corrector.canvas.choose(0)

    corrector.canvas.delete()
    corrector.canvas.add_one()
    drag(corrector, centre(before[0]), (50, 50))

    assert corrector.canvas.boxes == before
    assert not corrector.side.delete_button.isEnabled()
    assert on_disk(window, corrector.places[0]) == before


def test_a_refused_correction_is_told_and_taken_back(
    corrector: BoxCorrector, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = corrector.canvas.boxes
    corrector.canvas.choose(0)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ftstudio.datasets.writing.write_json", full)
    corrector.canvas.delete()

    assert corrector.canvas.boxes == before
    assert window.session.undo_stack.count() == 0


def test_the_data_page_shows_what_was_corrected_when_it_is_left(corrector: BoxCorrector, window: MainWindow) -> None:
    data = page(window)
    assert unnamed(corrector) == []
    place = corrector.places[1]
    corrector.go(1)
    corrector.canvas.choose(0)
    corrector.canvas.rename("star")

    data.leave_labels()

    assert data.faces.currentWidget() is data.view
    assert "star" in str(data.view.browser.grid.pictures.row_values(place)["#label"])
    data.view.browser.grid.setCurrentIndex(data.view.browser.grid.pictures.index(1))
    data.view.browser.grid.opened.emit(1)
    assert corrector.places[corrector.position] == place
