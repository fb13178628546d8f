"""What a model writes while it learns stands beside what it wrote before, and is there again after reopening."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Wrote
from ftstudio.gui.charts.curves import RunCurves
from ftstudio.gui.panels.written_samples import MOST_HEIGHT, WrittenSamples
from ftstudio.project.journal import Journal


def words(panel: WrittenSamples) -> list[str]:
    shown = [panel._grid.itemAt(at).widget() for at in range(panel._grid.count())]
    return [one.text() for one in shown if isinstance(one, QLabel)]


def test_the_last_texts_stand_beside_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    with Journal(tmp_path / "metrics.jsonl") as journal:
        for step, said in ((0, "the the"), (5, "a bir"), (10, "a bird.")):
            journal.append(Wrote(step=step, lines=(f"7 b? → {said}",)))
    panel = WrittenSamples()
    qtbot.addWidget(panel)
    panel.show_texts(RunCurves.read(tmp_path / "metrics.jsonl").written)

    assert words(panel) == ["Prompt", "Before training", "At step 10", "7 b?", "the the", "a bird."]
    panel.show_texts({})
    assert panel.isHidden()


def test_before_the_first_step_there_is_nothing_to_compare(qtbot: QtBot) -> None:
    panel = WrittenSamples()
    qtbot.addWidget(panel)
    panel.show_texts({0: Wrote(step=0, lines=("7 b? → the",))})

    assert words(panel) == ["Prompt", "Before training", "7 b?", "the"]


def test_few_short_lines_take_little_room_and_many_long_ones_scroll(qtbot: QtBot) -> None:
    panel = WrittenSamples()
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    panel.show_texts({0: Wrote(step=0, lines=("a? → b",))})
    panel.show()
    little = panel._area.height()
    panel.show_texts({0: Wrote(step=0, lines=tuple(f"{at}? → " + "many words " * 40 for at in range(5)))})

    assert little < MOST_HEIGHT / 2
    assert panel._area.height() == MOST_HEIGHT
