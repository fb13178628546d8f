"""Data for models that write: columns are recognised, faulty rows are left out and shown, text files become rows."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.specs import ColumnRole, TaskSpec
from ftstudio.datasets import prompt_columns
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.options import ReadOptions
from ftstudio.datasets.readers import plain_text
from ftstudio.datasets.store import Dataset
from tests.datasets import making

TEXT, PAIR, LABEL = ColumnRole.TEXT, ColumnRole.TEXT_PAIR, ColumnRole.LABEL


def task() -> TaskSpec:
    found: TaskSpec = catalog.tasks().spec("text-generation")
    return found


def imported(source: Path, folder: Path) -> Dataset:
    import_data(folder, task(), ImportPlan(sources=(source,)))
    return Dataset.open(folder)


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        ("text", {TEXT: "text"}),
        ("prompt completion", {TEXT: "prompt", LABEL: "completion"}),
        ("instruction input output", {TEXT: "instruction", PAIR: "input", LABEL: "output"}),
        ("input output", {TEXT: "input", LABEL: "output"}),
        ("text messages", {TEXT: "messages"}),
        ("question context answer text", {TEXT: "question", PAIR: "context", LABEL: "answer"}),
        ("prompt", {}),
    ],
)
def test_columns_are_recognised_by_their_names(names: str, roles: dict[ColumnRole, str]) -> None:
    assert prompt_columns.find({name: name for name in names.split()}) == roles


def test_a_table_of_texts_alone_needs_no_label(tmp_path: Path) -> None:
    rows = [{"text": f"Once upon a time {number}"} for number in range(30)]
    dataset = imported(making.write_jsonl(tmp_path / "rows.jsonl", rows), tmp_path / "data")

    assert dataset.roles == {TEXT: "text"}
    assert dataset.labels == []
    assert sum(dataset.counts().values()) == 30
    assert making.found(dataset, task()).keys() <= {"few_test_rows", "small_test"}


def test_different_answers_are_no_classes(tmp_path: Path) -> None:
    rows = [{"prompt": f"Say {number}", "answer": f"{number}!"} for number in range(30)]
    dataset = imported(making.write_jsonl(tmp_path / "rows.jsonl", rows), tmp_path / "data")

    assert dataset.roles == {TEXT: "prompt", LABEL: "answer"}
    assert dataset.labels == []
    assert dataset.view.counts_by_label() == {}


def chat(*turns: tuple[str, str]) -> str:
    return json.dumps([{"role": role, "content": words} for role, words in turns])


def test_faulty_conversations_are_left_out_and_shown(tmp_path: Path) -> None:
    good = [{"messages": chat(("user", f"Say {number}"), ("assistant", f"{number}!"))} for number in range(20)]
    bad = [
        {"messages": chat(("user", "a"), ("tool", "b"))},
        {"messages": chat(("user", "a"), ("user", "b"), ("assistant", "c"))},
        {"messages": chat(("user", "a"), ("assistant", ""))},
        {"messages": chat(("user", "a"))},
    ]
    dataset = imported(making.write_jsonl(tmp_path / "rows.jsonl", [*good, *bad]), tmp_path / "data")
    problems = making.found(dataset, task())

    assert sum(dataset.counts().values()) == 20
    found = {code: problems[code].rows for code in ("unknown_role", "turns_in_a_row", "empty_answer", "no_answer")}
    assert found == {"unknown_role": (21,), "turns_in_a_row": (22,), "empty_answer": (23,), "no_answer": (24,)}
    assert "tool" in str(problems["unknown_role"].message)


def test_prompts_without_an_answer_are_left_out_and_shown(tmp_path: Path) -> None:
    rows = [{"prompt": f"Say {number}", "answer": f"{number}!" if number else " "} for number in range(20)]
    dataset = imported(making.write_jsonl(tmp_path / "rows.jsonl", rows), tmp_path / "data")

    assert sum(dataset.counts().values()) == 19
    assert making.found(dataset, task())["empty_answer"].rows == (1,)


def pieces(words: str, folder: Path) -> list[str]:
    path = folder / "book.txt"
    path.write_bytes(words.encode("utf-8"))
    chunks = plain_text.read(path, plain_text.look(path, ReadOptions()).options)
    return [piece for chunk in chunks for piece in chunk.batch["text"].to_pylist()]


def test_a_text_file_is_cut_where_paragraphs_end(tmp_path: Path) -> None:
    paragraphs = [f"{number} " + "word " * 60 + "end." for number in range(50)]
    found = pieces("\r\n\r\n".join(paragraphs), tmp_path)

    assert "".join(found) == "\n\n".join(paragraphs), "nothing is lost between pieces"
    assert all(plain_text.LONGEST / 2 < len(piece) <= plain_text.LONGEST for piece in found[:-1])
    assert all(piece.rstrip().endswith("end.") for piece in found)


def test_a_text_without_any_end_is_cut_all_the_same_and_nothing_is_lost(tmp_path: Path) -> None:
    words = "é" * 10_000
    found = pieces(words, tmp_path)

    assert "".join(found) == words
    assert max(map(len, found)) == plain_text.LONGEST


def test_letters_on_the_edge_of_a_block_stay_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ftstudio.datasets import encoding

    whole = encoding.utf8_blocks
    monkeypatch.setattr(encoding, "utf8_blocks", lambda path, name: whole(path, name, 7))

    assert pieces("añejo año señal\n" * 4, tmp_path) == [("añejo año señal\n" * 4).strip("\n")]


def test_answers_that_are_never_read_are_counted(tmp_path: Path, tiny_text_model: Path) -> None:
    rows = [{"prompt": f"the film {number}", "answer": "good"} for number in range(20)]
    rows[4]["prompt"], rows[9]["answer"] = "the film " * 40, "good " * 40
    dataset = imported(making.write_jsonl(tmp_path / "rows.jsonl", rows), tmp_path / "data")
    model = SimpleNamespace(path=tiny_text_model)
    problems = {one.code: one for one in run_checks(dataset, task(), model, max_length=32)}

    assert problems["answers_cut_off"].rows == (5,)
    assert problems["long_texts"].rows == (5, 10)


def test_conversations_that_are_all_faulty_are_told_so_and_not_called_empty(tmp_path: Path) -> None:
    rows = [{"messages": chat(("user", f"{number}"), ("user", "again"))} for number in range(9)]
    with pytest.raises(InputError, match="learn to write") as caught:
        imported(making.write_jsonl(tmp_path / "rows.jsonl", rows), tmp_path / "data")
    assert "take turns" in str(caught.value.hint)
