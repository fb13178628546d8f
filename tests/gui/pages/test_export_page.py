"""Export: cards that say what is possible, a seal that says whether the export is what it should be."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ftstudio.core import catalog
from ftstudio.gui.main_window import MainWindow
from ftstudio.gui.pages.export import ExportPage
from ftstudio.gui.panels.certificate import CertificateCard
from ftstudio.gui.widgets.feedback import Banner
from tests.gui.conftest import Replay, recorded_run

FIGURES = {
    "rows": 250,
    "split": "validation",
    "bounds": {"tolerance": 0.001},
    "agreeing": 249,
    "agreement": 0.996,
    "largest_difference": 0.0004,
    "largest_probability_difference": 0.0001,
    "metric": "macro_f1",
    "metrics": {"before": {"macro_f1": 0.84}, "after": {"macro_f1": 0.836}},
    "milliseconds_a_row": {"before": 12.5, "after": 4.2},
    "bytes": {"before": 90_000_000, "after": 23_000_000},
}
REASON = {"template": "its answers differ by up to {difference} from those of the trained model", "plural": "",
          "params": {"difference": 0.7}}  # fmt: skip


@pytest.fixture
def page(opened: MainWindow, tiny_text_project: Path) -> ExportPage:
    recorded_run(tiny_text_project)
    opened.session.refresh_runs()
    opened.go_to("export")
    found = opened.pages["export"]
    assert isinstance(found, ExportPage)
    return found


def _words(widget: Any) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def test_there_is_a_card_for_every_format_and_each_says_what_it_needs(page: ExportPage) -> None:
    assert set(page.cards) == set(catalog.exporters().keys())
    assert all("Needs" in _words(card) for card in page.cards.values())


@pytest.mark.parametrize(
    ("key", "reason", "hint"),
    [
        ("adapter", "is only for runs tuned with LoRA", "Choose one of: standalone, hf-folder"),
        ("tflite", "not on this computer", "pip install litert-torch"),
    ],
)
def test_what_is_not_possible_says_why_and_what_to_do(
    page: ExportPage, key: str, reason: str, hint: str, qtbot: QtBot
) -> None:
    assert reason in page.notes[key].text()

    qtbot.mouseClick(page.cards[key], Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: hint in _words(page), timeout=5_000)
    assert not page.export_button.isEnabled()

    qtbot.mouseClick(page.cards["onnx"], Qt.MouseButton.LeftButton)

    assert hint not in _words(page)
    assert page.export_button.isEnabled()


def test_a_form_that_such_a_model_can_never_have_is_not_in_the_way(page: ExportPage, qtbot: QtBot) -> None:
    hidden = {key for key, card in page.cards.items() if not card.isVisibleTo(page)}

    assert hidden == {"torchvision", *(key for key in page.cards if key.startswith("gguf"))}
    page.choose("torchvision")  # by the menu, which holds all
    qtbot.waitUntil(lambda: "not made for Hugging Face models" in _words(page), timeout=5_000)
    assert not page.export_button.isEnabled()


def test_what_is_possible_stands_before_what_is_not(page: ExportPage) -> None:
    possible = [key for key in page.cards if not page.notes[key].text()]
    shown = [next(key for key in page.cards if page.cards[key] is card) for card in page.grid.cards()]

    assert 0 < len(possible) < len(shown)
    assert shown[: len(possible)] == possible
    after = page.cards[shown[0]].nextInFocusChain()
    while after not in page.cards.values():
        after = after.nextInFocusChain()
    assert after is page.cards[shown[1]]


def test_cards_are_chosen_by_keyboard(page: ExportPage, qtbot: QtBot) -> None:
    card = page.cards["onnx"]
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Space)

    assert page.format == "onnx"
    assert "onnx" in page.target.text()


def test_a_failed_check_shows_a_red_seal_and_is_not_called_done(
    page: ExportPage, replay: Replay, tmp_path: Path, qtbot: QtBot
) -> None:
    document = {
        "run": "r", "format": "onnx", "path": "/x/model.failed-check", "files": ["model.onnx"],
        "certificate": {**FIGURES, "passed": False, "reason": REASON},
        "error": {"message": "The export was made but failed its check: …", "hint": "It is kept aside.", "where": {}},
    }  # fmt: skip
    transcript = tmp_path / "export.jsonl"
    transcript.write_text(json.dumps({"kind": "finished", "document": document}) + "\n", encoding="utf-8")
    replay(transcript)
    page.choose("onnx")
    qtbot.mouseClick(page.export_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "not to be used" in _words(page.done_slot), timeout=20_000)

    shown = _words(page.done_slot)
    assert page.done_slot.findChildren(CertificateCard)
    assert page.done_slot.findChildren(Banner)[0].property("state") == "danger"
    assert "Exported." not in shown
    assert "differ by up to 0.7" in shown


def test_a_cancelled_export_is_told(page: ExportPage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    sleeper = [sys.executable, "-c", "import sys; sys.stdin.readline(); sys.stdin.readline()"]
    monkeypatch.setattr("ftstudio.supervisor.launch.worker_command", lambda *_, **__: sleeper)
    page.choose("onnx")
    qtbot.mouseClick(page.export_button, Qt.MouseButton.LeftButton)
    assert page.work.isVisible() and page.work.phase.text() and not page.export_button.isEnabled()

    qtbot.mouseClick(page.work.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Cancelled" in _words(page.done_slot), timeout=20_000)

    assert page.export_button.isEnabled()
    assert not page.work.isVisible()


def test_replacing_is_asked_anew_for_every_export(page: ExportPage) -> None:
    page.overwrite.setChecked(True)

    page._succeed({"run": "r", "format": "onnx", "path": "/x/model", "files": [], "certificate": None})

    assert not page.overwrite.isChecked()


def test_the_seal_reads_its_figures_out(page: ExportPage) -> None:
    card = CertificateCard({**FIGURES, "passed": True, "reason": None}, ["model.onnx"], "text-classification")

    assert "249 of 250" in card.accessibleDescription()
    assert "Macro" in card.accessibleDescription()
    assert "0.836" in _words(card)
    assert "23 MB" in _words(card)
    assert "trained model: 90 MB" in _words(card)


def test_an_export_that_could_not_be_asked_shows_why_and_no_figures(page: ExportPage) -> None:
    certificate = {"passed": False, "rows": 5, "split": "test", "bounds": {}, "reason": REASON}
    card = CertificateCard(certificate, [])

    assert "Why:" in _words(card)
    assert card.accessibleDescription() == ""


def test_without_rows_the_seal_is_grey(page: ExportPage) -> None:
    assert "Nothing to compare" in _words(CertificateCard(None, []))


def test_the_page_says_which_run_goes_out_and_another_can_be_chosen(
    page: ExportPage, opened: MainWindow, tiny_text_project: Path
) -> None:
    first = opened.session.runs[0].id
    recorded_run(tiny_text_project)
    opened.session.refresh_runs()
    opened.session.show_run(first)
    assert page.runs.currentData() == first
    assert "Run 1" in page.runs.currentText()

    page.runs.activated.emit(0)
    chosen = opened.session.run()
    assert chosen is not None
    assert chosen.id == page.runs.currentData() != first
    assert chosen.id[:15] in page.target.text()
