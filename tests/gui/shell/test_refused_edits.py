"""An edit that the disk refuses is taken back: the screen, the undo stack and the disk stay one."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ftstudio.core.problems import Fix
from ftstudio.core.settings import Overrides
from ftstudio.core.text import text
from ftstudio.gui import notifications
from ftstudio.gui.main_window import MainWindow

Disk = Callable[[bool], None]


@pytest.fixture
def disk() -> Iterator[Disk]:
    """Return a function that fills the disk, or frees it."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    patch = pytest.MonkeyPatch()

    def fill(is_full: bool) -> None:
        patch.undo()
        if is_full:
            patch.setattr("ftstudio.project.atomic.write_text", full)
            patch.setattr("ftstudio.datasets.writing.write_json", full)

    yield fill
    patch.undo()


def stored(project: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((project / "project.ftstudio").read_text(encoding="utf-8"))
    return found


def said() -> str:
    last = notifications.centre().record[-1]
    return f"{last.message} {last.hint}"


def test_a_refused_edit_is_no_step_to_undo(opened: MainWindow, tiny_text_project: Path, disk: Disk) -> None:
    session = opened.session
    before = stored(tiny_text_project)
    heard: list[str] = []
    session.settings_changed.connect(lambda: heard.append(str(session.file and session.file.settings.preset)))

    disk(True)
    session.set_overrides(Overrides(preset="thorough"))

    assert session.undo_stack.count() == 0
    assert session.file is not None and heard == [session.file.settings.preset] != ["thorough"], (
        "the pages are told to show what is on disk"
    )
    assert session.resolved is not None and stored(tiny_text_project) == before
    assert "no room left" in said() and "The change was taken back" in said()


def test_a_refused_undo_leaves_the_edit_in_force(opened: MainWindow, tiny_text_project: Path, disk: Disk) -> None:
    session = opened.session
    session.set_name("Another")

    disk(True)
    opened.actions_by_key["undo"].trigger()
    assert session.file is not None and session.file.name == "Another" == stored(tiny_text_project)["name"]
    assert session.undo_stack.canUndo() and not session.undo_stack.canRedo()

    disk(False)
    opened.actions_by_key["undo"].trigger()
    assert session.file.name == stored(tiny_text_project)["name"] != "Another"
    disk(True)
    opened.actions_by_key["redo"].trigger()
    assert session.undo_stack.canRedo() and not session.undo_stack.canUndo()


def test_a_refused_change_of_the_data_is_taken_back(opened: MainWindow, disk: Disk) -> None:
    session = opened.session
    assert session.dataset is not None
    name = next(iter(session.dataset.label_counts(None)))
    fix = Fix(key="drop_labels", label=text("Leave out"), params={"labels": [name]})
    session.undo_stack.clear()

    disk(True)
    with pytest.raises(Exception, match="no room left"):
        session.apply_fix(fix)

    assert session.undo_stack.count() == 0 and session.dataset.edits == ()
