"""A fold's title gives way where there is no room, and is whole in its tip."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ftstudio.gui.forms.fold import Fold
from ftstudio.gui.operations import Operations
from tests.gui.pages.conftest import operations

__all__ = ["operations"]
TITLE = "A group of settings with a title that is longer than a narrow window has room for"


def test_a_long_title_is_cut_and_whole_in_the_tip(qtbot: QtBot, operations: Operations) -> None:
    fold = Fold(TITLE)
    qtbot.addWidget(fold)
    fold.resize(200, 80)
    fold.show()

    assert fold.minimumSizeHint().width() <= 200
    assert fold.heading.shown_title().endswith("…") and fold.heading.toolTip() == TITLE
    assert fold.heading.accessibleName() == TITLE


def test_a_title_with_room_is_written_whole(qtbot: QtBot, operations: Operations) -> None:
    fold = Fold(TITLE)
    qtbot.addWidget(fold)
    fold.resize(1000, 80)
    fold.show()

    assert fold.heading.shown_title() == TITLE and fold.heading.toolTip() == ""
