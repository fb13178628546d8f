"""Tables and grids stay small in memory whatever their size, and show what is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from ftstudio.core.specs import ColumnRole
from ftstudio.gui.tables.grid import PictureGrid
from ftstudio.gui.tables.paging import PAGE, PAGES_KEPT, Paged, TableRows
from ftstudio.gui.tables.rows_model import Column
from ftstudio.gui.tables.rows_view import RowsView
from ftstudio.gui.tables.thumbnails import WISHES, Thumbnails, read_picture


class CountingRows:
    def __init__(self, count: int) -> None:
        self.count, self.fetched = count, 0

    def __len__(self) -> int:
        return self.count

    def fetch(self, start: int, count: int) -> list[dict[str, Any]]:
        self.fetched += 1
        return [
            {"text": f"row {row}", "#image": f"{row}.png", "#label": "a"}
            for row in range(start, min(start + count, self.count))
        ]


COLUMNS = [Column("text", "text", ColumnRole.TEXT), Column("label", "label", ColumnRole.LABEL)]


@pytest.fixture
def view(qtbot: QtBot) -> RowsView:
    made = RowsView("Rows")
    qtbot.addWidget(made)
    made.resize(600, 400)
    return made


def test_a_million_rows_are_read_only_where_they_are_seen(view: RowsView, qtbot: QtBot) -> None:
    rows = CountingRows(1_000_000)
    view.rows.show_rows(rows, [COLUMNS[0]])
    view.show()
    qtbot.waitExposed(view)
    view.scrollTo(view.rows.index(999_999, 0))
    view.grab()
    assert view.rows.index(999_999, 0).data() == "row 999999"
    assert rows.fetched < 10


def test_pages_are_forgotten_when_many_are_read() -> None:
    rows = CountingRows(PAGE * (PAGES_KEPT + 10))
    paged = Paged(rows)
    for page in range(PAGES_KEPT + 10):
        assert paged[page * PAGE]["text"] == f"row {page * PAGE}"
    assert len(paged._pages) == PAGES_KEPT
    before = rows.fetched
    assert paged[0]["text"] == "row 0"
    assert rows.fetched == before + 1


def test_the_model_keeps_qts_rules(view: RowsView) -> None:
    table = pa.table({"text": ["a\nb", None, "x" * 5000], "label": ["p", "q", "p"]})
    tester = QAbstractItemModelTester(view.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    view.rows.show_rows(TableRows(table), COLUMNS)
    assert tester is not None
    assert view.rows.index(0, 0).data() == "a b"
    assert view.rows.index(1, 0).data() == ""
    assert len(view.rows.index(2, 0).data()) < 500
    assert view.rows.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "a\nb"


def test_the_header_offers_roles_and_tells_the_choice(view: RowsView, qtbot: QtBot) -> None:
    view.rows.show_rows(TableRows(pa.table({"text": ["a"], "label": ["p"]})), COLUMNS)
    view.header.offer([ColumnRole.TEXT, ColumnRole.LABEL, ColumnRole.GROUP])
    menu = view.header.menu(1)
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["Label"]
    with qtbot.waitSignal(view.role_chosen) as chosen:
        next(action for action in menu.actions() if action.text() == "Group").trigger()
    assert chosen.args == [1, ColumnRole.GROUP]


def test_rows_are_copied_as_a_table(view: RowsView, qtbot: QtBot) -> None:
    view.rows.show_rows(TableRows(pa.table({"text": ["a", "b"], "label": ["p", None]})), COLUMNS)
    view.selectAll()
    assert view.selected_text() == "text\tlabel\na\tp\nb\t"


def _picture(path: Path, size: tuple[int, int] = (300, 200)) -> Path:
    Image.new("RGB", size, "red").save(path)
    return path


def test_pictures_come_in_small_and_broken_ones_are_named(tmp_path: Path, qtbot: QtBot) -> None:
    good, bad = _picture(tmp_path / "good.png"), tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    thumbnails = Thumbnails(64)
    for path in (good, bad, tmp_path / "missing.png"):
        with qtbot.waitSignal(thumbnails.ready):
            assert thumbnails.get(path) is None
    small = thumbnails.get(good)
    assert small is not None and (small.width(), small.height()) == (64, 43)
    broken = thumbnails.get(bad)
    assert broken is not None and broken.isNull()
    thumbnails.close()


def test_old_wishes_are_dropped(tmp_path: Path) -> None:
    thumbnails = Thumbnails(64)
    thumbnails._working = 2
    for number in range(10_000):
        thumbnails.get(tmp_path / f"{number}.png")
    assert len(thumbnails._wishes) == WISHES
    assert thumbnails.take_wish() == str(tmp_path / "9999.png")
    thumbnails.forget_wishes()
    assert not thumbnails._wishes


def test_what_is_wanted_now_replaces_all_older_wishes(tmp_path: Path) -> None:
    thumbnails = Thumbnails(64)
    thumbnails.want([f"{number}.png" for number in range(50)])
    thumbnails.want(["8.png", "9.png"])
    thumbnails._working = 2
    assert [thumbnails.take_wish() for _ in range(3)] == ["8.png", "9.png", None]
    thumbnails.close()


def test_a_photo_is_turned_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (80, 40), "blue")
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif)
    assert (read_picture(tmp_path / "turned.jpg", 64).width(), read_picture(tmp_path / "turned.jpg", 64).height()) == (
        32,
        64,
    )


def test_a_hundred_thousand_pictures_decode_only_what_is_seen(tmp_path: Path, qtbot: QtBot) -> None:
    grid = PictureGrid()
    qtbot.addWidget(grid)
    grid.resize(500, 400)
    rows = CountingRows(100_000)
    QAbstractItemModelTester(grid.pictures, QAbstractItemModelTester.FailureReportingMode.Fatal)
    grid.pictures.show_rows(rows, tmp_path)
    grid.show()
    qtbot.waitExposed(grid)
    grid.scrollToBottom()
    grid.grab()
    qtbot.waitUntil(lambda: not grid.pictures.thumbnails._wishes)
    assert len(grid.pictures.thumbnails._kept) < 200
    grid.pictures.thumbnails.close()


class PictureRows:
    """Rows that are all one picture each, `count` of them, lying in one folder."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def fetch(self, start: int, count: int) -> list[dict[str, Any]]:
        rows = range(start, min(start + count, self.count))
        return [{"#image": f"{row}.png", "#label": f"kind {row}"} for row in rows]


def test_the_grid_asks_for_what_is_on_the_screen_and_for_nothing_it_was_scrolled_past(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = PictureGrid()
    qtbot.addWidget(grid)
    asked: list[list[str]] = []
    monkeypatch.setattr(grid.pictures.thumbnails, "want", lambda keys: asked.append([Path(one).stem for one in keys]))
    grid.resize(500, 400)
    grid.pictures.show_rows(PictureRows(1000), tmp_path)
    grid.show()
    qtbot.waitExposed(grid)
    qtbot.waitUntil(lambda: bool(asked))
    columns = sum(grid.visualRect(grid.pictures.index(row)).top() == 0 for row in range(10))
    first = asked[-1]
    assert first == [str(row) for row in range(len(first))]
    assert len(first) == 3 * columns

    asked.clear()
    grid.scrollToBottom()
    qtbot.waitUntil(lambda: bool(asked) and asked[-1][-1] == "999")
    assert set(asked[-1]).isdisjoint(first)


def test_a_picture_that_has_come_is_painted_in_its_cell_with_its_label(tmp_path: Path, qtbot: QtBot) -> None:
    for row in range(12):
        Image.new("RGB", (60, 60), "red" if row == 1 else "blue").save(tmp_path / f"{row}.png")
    grid = PictureGrid()
    qtbot.addWidget(grid)
    grid.resize(500, 400)
    grid.pictures.show_rows(PictureRows(12), tmp_path)
    grid.show()
    qtbot.waitExposed(grid)

    def colour(row: int) -> str:
        centre = grid.visualRect(grid.pictures.index(row)).center()
        return grid.viewport().grab().toImage().pixelColor(centre.x(), centre.y() - 10).name()

    qtbot.waitUntil(lambda: (colour(0), colour(1), colour(2)) == ("#0000ff", "#ff0000", "#0000ff"))
    grid.setCurrentIndex(grid.pictures.index(1))
    corner = grid.visualRect(grid.pictures.index(1)).topLeft()
    chosen, other = (
        grid.viewport().grab().toImage().pixelColor(at.x() + 5, at.y() + 5)
        for at in (corner, grid.visualRect(grid.pictures.index(2)).topLeft())
    )
    assert chosen != other
    grid.pictures.thumbnails.close()
