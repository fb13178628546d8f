"""Bad files of the language tasks, as a script meets them: counted, shown with the row, a next step offered."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import ftstudio
from tests.support import tiny_writers

ROWS = 24
LEFT_OUT = {"answers_not_found", "turns_in_a_row", "unknown_role", "empty_answer", "no_answer"}
Make = Callable[[int], Any]


def _spans(at: int) -> dict[str, Any]:
    person = {2: [0, 2, "person"], 5: [5, 3, "person"]}.get(at, [0, 3, "person"])
    city = {3: [2, 14, "city"], 4: [8, 140, "city"]}.get(at, [8, 14, "city"])
    return {"text": f"Ana saw Lisbon {at}", "spans": [person, city]}


def _talk(at: int) -> dict[str, Any]:
    question, answer = f"Printer {at} is jammed.", " " if at == 4 else f"Open tray {at}."
    talk = [
        {"role": "wizard" if at == 3 else "user", "content": question},
        {"role": "assistant", "content": answer},
    ]
    before = [{"role": "user", "content": "Hello."}] if at == 2 else []
    return {"messages": before + (talk[:1] if at == 5 else talk)}


def _lines(make: Make) -> str:
    return "\n".join(json.dumps(make(at)) for at in range(ROWS))


def _squad() -> str:
    def paragraph(at: int) -> dict[str, Any]:
        context = f"The tenant {at} pays the rent to the owner."
        start = context.index("the rent") + 5 * (at == 2)
        answer = {"text": "the moon" if at == 3 else "the rent", "answer_start": start}
        return {"context": context, "qas": [{"id": str(at), "question": f"Who pays {at}?", "answers": [answer]}]}

    return json.dumps({"version": "1.1", "data": [{"title": "x", "paragraphs": [paragraph(at) for at in range(ROWS)]}]})


def _tagged(at: int) -> str:
    return f"Ana {'I' if at == 2 else 'B'}-person\nsaw O\nLisbon B-city\nx{at} O"


FILES: dict[str, tuple[str, str, Callable[[], str], dict[str, int]]] = {
    "tags": (
        "token-classification", "rows.conll", lambda: "\n\n".join(map(_tagged, range(ROWS))),
        {"tags_without_beginning": 1},
    ),
    "spans": (
        "token-classification", "rows.jsonl", lambda: _lines(_spans),
        {"places_outside": 2, "places_on_each_other": 1, "places_cut_words": 1},
    ),
    "squad": ("question-answering", "rows.json", _squad, {"answers_not_found": 1, "answers_elsewhere": 1}),
    "talks": (
        "text-generation", "rows.jsonl", lambda: _lines(_talk),
        {"turns_in_a_row": 1, "unknown_role": 1, "empty_answer": 1, "no_answer": 1},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_writers.writer(tmp_path_factory.mktemp("writers") / "model", "smollm")


@pytest.mark.parametrize("name", FILES)
def test_each_fault_is_counted_with_its_row_and_a_next_step(
    name: str, tiny_text_model: Path, writer: Path, tmp_path: Path
) -> None:
    task, file, content, wanted = FILES[name]
    source = tmp_path / file
    source.write_text(content(), encoding="utf-8")
    model = writer if task == "text-generation" else tiny_text_model

    made = ftstudio("new", tmp_path / "project", "--task", task, "--model", model, "--data", source, "--json").document

    found = {one["code"]: one for one in made["problems"]}
    assert {code: found[code]["count"] for code in wanted if code in found} == wanted
    assert all(found[code]["hint"] for code in wanted)
    assert all(found[code]["examples"] for code in wanted)
    learned = sum(made["rows"].values())
    assert learned == ROWS - sum(count for code, count in wanted.items() if code in LEFT_OUT)


def test_a_ragged_line_is_refused_with_its_number_and_nothing_is_made(tiny_text_model: Path, tmp_path: Path) -> None:
    source = tmp_path / "rows.conll"
    source.write_text("\n\n".join(map(_tagged, range(ROWS))).replace("x3 O", "x3"), encoding="utf-8")

    ended = ftstudio("new", tmp_path / "project", "--task", "token-classification", "--model", tiny_text_model,
                     "--data", source, "--json", code=2)  # fmt: skip

    assert ended.error["where"]["row"] == 19
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"no model at all", "no GGUF file"), (b"GGUF\x03\0\0\0" + b"\xff" * 9, "damaged, or cut off")],
)
def test_a_damaged_gguf_file_is_refused_and_nothing_is_made(content: bytes, words: str, tmp_path: Path) -> None:
    model, source = tmp_path / "model.gguf", tmp_path / "rows.jsonl"
    model.write_bytes(content)
    source.write_text(_lines(_talk), encoding="utf-8")

    ended = ftstudio("new", tmp_path / "project", "--task", "text-generation", "--model", model, "--data", source,
                     "--json", code=2)  # fmt: skip

    assert words in ended.error["message"]
    assert ended.error["hint"]
    assert not (tmp_path / "project").exists()


def test_a_template_that_does_not_end_is_refused_before_training(writer: Path, tmp_path: Path) -> None:
    model, source = tmp_path / "model", tmp_path / "rows.jsonl"
    shutil.copytree(writer, model)
    loops = "".join(f"{{% for {name} in range(99999) %}}" for name in "abc") + "{% endfor %}" * 3
    (model / "chat_template.jinja").write_text(loops, encoding="utf-8")
    source.write_text(_lines(_talk), encoding="utf-8")
    project = tmp_path / "project"
    ftstudio("new", project, "--task", "text-generation", "--model", model, "--data", source, "--json")

    ended = ftstudio("train", project, "--json", code=2)

    assert "does not come to an end" in ended.error["message"]
    assert ended.error["hint"]
