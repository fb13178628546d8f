"""What the token lens shows is what training does: the same tokens are read, learned and cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.settings import build
from ftstudio.core.token_lens import CUT, LEARNED, READ, Lens
from tests.engine.projects import Tiny

TASK: Any = catalog.tasks().module("text-generation")


def seen(folder: Path, table: pa.Table, **values: Any) -> tuple[Lens, Any, Any]:
    settings = build({"max_length": 160, "monitor": "loss", **values})
    bundle = TASK.load(folder, [], settings, trained=False)
    table = table.append_column("row", pa.array([7]))
    return TASK.lens(folder, table, settings), TASK.encode(bundle, table, Path()), bundle.processor


def letters(lens: Lens, state: str) -> str:
    return "".join(one.text for one in lens.tokens if one.state == state)


@pytest.mark.parametrize("model", ["tiny_writer", "tiny_chatter"])
@pytest.mark.parametrize("long_text", ["head", "tail", "both"])
@pytest.mark.parametrize("length", [16, 160])
def test_it_shows_what_is_learned(request: pytest.FixtureRequest, model: str, long_text: str, length: int) -> None:
    table = pa.table({"text": ["What is it?"], "label": ["It is a stone."]})
    lens, examples, tokenizer = seen(request.getfixturevalue(model), table, max_length=length, long_text=long_text)

    assert (lens.read, lens.learned) == (examples.lengths[0], examples.items[0])
    assert letters(lens, LEARNED) == tokenizer.decode(examples.truth[0])
    assert lens.row == 7
    assert lens.cut == sum(one.state == CUT for one in lens.tokens)


def test_all_tokens_together_are_the_row(tiny_writer: Path) -> None:
    lens, _, _ = seen(tiny_writer, pa.table({"text": ["A stone lies here."]}), max_length=8, long_text="drop")

    assert "".join(one.text for one in lens.tokens) == "A stone lies here.<eos>"
    assert (letters(lens, READ), letters(lens, LEARNED), letters(lens, CUT)) == ("A", " stone ", "lies here.<eos>")
    assert [one.params.get("count") for one in lens.sentences()] == [8, 11]


def test_a_long_text_is_shown_as_it_is_read_on_in_blocks(tiny_writer: Path) -> None:
    lens, examples, tokenizer = seen(tiny_writer, pa.table({"text": ["A stone lies here."]}), max_length=8)

    assert (lens.cut, lens.read, lens.learned) == (0, 19, examples.items[0])
    assert len(letters(lens, READ)) == 3, "the first token of each block is given"
    assert letters(lens, LEARNED) == tokenizer.decode(examples.truth[0])
    assert "3 blocks" in " ".join(map(str, lens.sentences()))


def test_an_answer_that_is_cut_off_is_told(tiny_writer: Path) -> None:
    table = pa.table({"text": ["a very long question indeed"], "label": ["b"]})
    lens, _, _ = seen(tiny_writer, table, max_length=8)

    assert lens.learned == 0
    assert "Nothing of this row is learned" in str(lens.sentences()[-1])


def test_of_an_endless_row_the_first_tokens_are_shown(tiny_writer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftstudio.engine.language.token_lens.MOST_SHOWN", 5)
    lens, _, _ = seen(tiny_writer, pa.table({"text": ["A stone lies here."]}))

    assert len(lens.tokens) == 5
    assert lens.total == 19


def test_a_row_of_the_project_is_shown_by_its_number(asked_project: Tiny) -> None:
    found = Lens.model_validate(asked_project.job("show_tokens", row=3)["lens"])

    assert letters(found, LEARNED).strip() == "an apple.<eos>"
    assert np.isin([one.state for one in found.tokens], [LEARNED, READ]).all()
    assert asked_project.job("check", row=3)["lens"] == found.model_dump(mode="json")
    with pytest.raises(InputError, match="no row 999"):
        asked_project.job("show_tokens", row=999)


def test_a_task_without_tokens_says_so(text_project: Tiny) -> None:
    with pytest.raises(InputError, match="does not show tokens"):
        text_project.job("show_tokens", row=1)
