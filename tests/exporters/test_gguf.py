"""GGUF exports as users make them: certified by what the file itself says, in every form."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from ftstudio.engine.export import gguf_vocabulary
from ftstudio.project.layout import ProjectLayout
from tests.exporters.projects import export


@pytest.mark.parametrize("key", ["gguf", "gguf-bf16", "gguf-q8", "gguf-q4"])
def test_every_form_is_written_and_certified(key: str, written_text: ProjectLayout, tmp_path: Path) -> None:
    document = export(written_text, key, tmp_path / "model")
    certificate = document["certificate"]

    assert certificate["passed"] is True, certificate["reason"]
    assert [name for name in document["files"] if name.endswith(".gguf")]
    assert certificate["beside"]["same_tokens"] == 1.0
    assert certificate["beside"]["same_next_token"] > (0.5 if key == "gguf-q4" else 0.9)
    assert certificate["runs_with"]["gguf"]
    assert certificate["metrics"]["after"]["loss"] - certificate["metrics"]["before"]["loss"] < 0.5
    words = (tmp_path / "model" / "CERTIFICATE.txt").read_text(encoding="utf-8")
    assert "Same likeliest next token" in words


def test_a_tokenizer_that_cuts_otherwise_turns_it_red(
    written_text: ProjectLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = gguf_vocabulary.vocabulary

    def forgetful(tokenizer: Any, size: int) -> gguf_vocabulary.Vocabulary:
        whole = made(tokenizer, size)
        return dataclasses.replace(whole, merges=whole.merges[:10])

    monkeypatch.setattr(gguf_vocabulary, "vocabulary", forgetful)

    document = export(written_text, "gguf", tmp_path / "model")

    assert document["certificate"]["passed"] is False
