"""Texts in a language that the model's vocabulary was not learned from are told; texts in its own are not."""

from __future__ import annotations

from pathlib import Path

from ftstudio.core import catalog
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.store import Dataset
from ftstudio.models.library import resolve

ENGLISH = "please move my appointment to next week because the pain in my knee has become much worse since yesterday"
GERMAN = "bitte verschieben Sie meinen Untersuchungstermin auf nächste Woche weil die Schmerzen schlimmer geworden sind"


def codes(tmp_path: Path, sentence: str) -> set[str]:
    source = tmp_path / "letters.csv"
    rows = [f"{sentence} {' '.join(sentence.split()[at % 9 :])},{'ab'[at % 2]}" for at in range(40)]
    source.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    task = catalog.tasks().spec("text-classification")
    import_data(tmp_path / "data", task, ImportPlan(sources=(source,)), lambda _: None, lambda: False)
    found = run_checks(Dataset.open(tmp_path / "data"), task, resolve("starter:minilm"), 256)
    return {problem.code for problem in found}


def test_another_language_is_told(tmp_path: Path) -> None:
    assert "unfamiliar_words" in codes(tmp_path, GERMAN)


def test_the_own_language_is_not(tmp_path: Path) -> None:
    assert "unfamiliar_words" not in codes(tmp_path, ENGLISH)
