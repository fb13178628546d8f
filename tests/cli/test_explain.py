"""`ftstudio explain`: one document, readable words, and bad input that is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftstudio.cli.main import main
from ftstudio.core.samples import Explanation


@pytest.fixture
def reviews(tiny_text_project: Path) -> Path:
    assert main(["train", str(tiny_text_project), "--set", "epochs=1", "--json"]) == 0
    return tiny_text_project


@pytest.fixture
def patterns(tiny_image_project: Path) -> Path:
    assert main(["train", str(tiny_image_project), "--set", "epochs=1", "--json"]) == 0
    return tiny_image_project


def said(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> Any:
    capsys.readouterr()
    assert main(["explain", *map(str, words), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_texts_are_explained_in_words(reviews: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = said(capsys, reviews, "--text", "a superb, lovely film")
    assert document["kind"] == "words" and document["method"] == "integrated_gradients"
    assert "".join(piece["text"] for piece in document["pieces"]) == document["input"] == "a superb, lovely film"
    assert document["label"] in ("negative", "positive")
    assert {"before", "without_top", "without_random", "holds", "sentence"} <= set(document["faithfulness"])
    predicted = main(["predict", str(reviews), "--text", "a superb, lovely film", "--json"])
    [answer] = json.loads(capsys.readouterr().out)["predictions"]
    assert predicted == 0 and answer["label"] == document["label"]
    assert answer["probabilities"][document["label"]] == pytest.approx(document["probability"], abs=1e-3)

    assert main(["explain", str(reviews), "--text", "a superb, lovely film", "--label", "negative"]) == 0
    written = capsys.readouterr().out
    assert written.startswith("negative, ") and "superb," in written and "speaks" in written

    other = said(capsys, reviews, "--text", "a dull film", "--label", "positive", "--method", "occlusion")
    assert (other["label"], other["method"], other["gap"]) == ("positive", "occlusion", None)


def test_bad_input_is_named_and_nothing_is_explained(reviews: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, message in (
        (["--text", " "], "The text is empty"),
        (["--text", "a", "--label", "great"], "knows no label"),
        (["--text", "a", "--method", "grad_cam"], "cannot explain this model"),
        (["--text", "a", "--run", "none"], "There is no run"),
        (["--file", "missing.txt"], "There is no file"),
        (["--text", "a", "--file", "b"], "not allowed with"),
        ([], "required"),
    ):
        error = said(capsys, reviews, *words, code=2)["error"]
        assert message in error["message"] and error["hint"], words


def test_pictures_are_explained_as_a_map(patterns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = next((patterns / "data" / "images").rglob("*.png"))
    document = said(capsys, patterns, "--file", picture)
    found = Explanation.model_validate(
        {key: document[key] for key in ("kind", "label", "method", "probability", "heat", "box", "gap")}
    )
    assert found.kind == "picture" and found.method == "grad_cam" and document["pieces"] == []
    assert all(0 <= value <= 1 for row in found.heat for value in row)
    assert found.box == pytest.approx((0, 0, 1, 1), abs=0.05)

    assert main(["explain", str(patterns), "--file", str(picture)]) == 0
    assert (written := capsys.readouterr().out).startswith(document["label"]) and "█" in written
    (tmp_path / "bad.png").write_bytes(b"none")
    assert "bad.png" in said(capsys, patterns, "--file", tmp_path / "bad.png", code=2)["error"]["message"]
    assert "pictures, not texts" in said(capsys, patterns, "--text", "a", code=2)["error"]["message"]
