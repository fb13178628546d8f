"""The verbs of the label doctor: the list, and the corrected table with its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ftstudio.cli.main import main
from ftstudio.datasets import label_edits
from ftstudio.datasets.store import Dataset


def verb(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_doubted_labels_are_counted_by_label_and_listed(
    tiny_text_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = verb(capsys, "find-label-errors", tiny_text_project, "--repeats", 1)
    assert code == 0
    assert document["rows"] == 72
    assert [one["label"] for one in document["by_label"]] == ["negative", "positive"]
    assert set(document["ranked"][0]) >= {"row", "split", "label", "suggested", "given", "believed", "probable"}
    assert "place" not in document["ranked"][0]


def test_the_corrected_table_is_written_and_never_over_another_unasked(
    tiny_text_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Dataset.open(tiny_text_project / "data").set_edits([label_edits.relabel(0, "negative")])
    target = tmp_path / "out" / "corrected.csv"

    code, document = verb(capsys, "export-data", tiny_text_project, "--to", target)
    assert (code, document["rows"], document["labels_fixed"]) == (0, 96, 1)
    written = target.read_bytes()
    code, refused = verb(capsys, "export-data", tiny_text_project, "--to", target)
    assert code == 2 and "there already" in refused["error"]["message"] and "--overwrite" in refused["error"]["hint"]
    assert target.read_bytes() == written
    assert main(["export-data", str(tiny_text_project), "--to", str(target), "--overwrite"]) == 0
    assert "Labels fixed" in capsys.readouterr().out


def test_an_ending_nobody_knows_and_a_project_without_data_are_bad_input(
    tiny_text_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, refused = verb(capsys, "export-data", tiny_text_project, "--to", tmp_path / "table.doc")
    assert code == 2 and ".csv" in refused["error"]["hint"]
    (tiny_text_project / "data" / "manifest.json").unlink()
    code, refused = verb(capsys, "export-data", tiny_text_project, "--to", tmp_path / "table.csv")
    assert code == 2 and not (tmp_path / "table.csv").exists()
