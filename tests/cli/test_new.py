"""`ftstudio new`: a project is made whole, or nothing is made and the message says why."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftstudio.cli.main import main
from tests.cli.running import tree
from tests.datasets.test_recordings import frames

GOOD = ["lovely", "superb", "brilliant", "moving", "great", "fine"]
BAD = ["awful", "dull", "boring", "weak", "poor", "terrible"]
PLAIN = ["the", "film", "plot", "actor", "scene", "music", "story", "was", "and"]


def reviews(rows: int = 60, delimiter: str = ",", header: str = "comment,kind") -> str:
    """Return a table of made-up reviews, as many good as bad."""
    chance = random.Random(1)
    lines = [header.replace(",", delimiter)]
    for number in range(rows):
        kind, words = (("good", GOOD), ("bad", BAD))[number % 2]
        lines.append(f"{' '.join(chance.choices(PLAIN, k=5) + chance.choices(words, k=3))}{delimiter}{kind}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of reviews."""
    path = tmp_path / "reviews.csv"
    path.write_text(reviews(), encoding="utf-8")
    return path


@pytest.fixture
def new(
    tmp_path: Path, table: Path, tiny_text_model: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, Any]]:
    """Run `new` on a folder `project`, with anything of it replaced, and return exit code and document."""

    def run(**changed: Any) -> tuple[int, Any]:
        more = changed.pop("more", [])
        options = {"task": "text-classification", "model": tiny_text_model, "data": table} | changed
        root = options.pop("root", tmp_path / "project")
        words = [str(word) for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value)]
        code = main(["new", str(root), *words, *map(str, more), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_a_project_is_made(new: Callable[..., tuple[int, Any]], tmp_path: Path, table: Path) -> None:
    before = table.read_bytes()

    code, document = new(more=["--set", "epochs=2", "--set", "preset=quick"])

    assert code == 0
    assert document["project"] == str(tmp_path / "project")
    assert document["task"] == "text-classification"
    assert sum(document["rows"].values()) == 60
    assert all(document["rows"][split] > 0 for split in ("train", "validation", "test"))
    assert isinstance(document["problems"], list)
    file = json.loads((tmp_path / "project" / "project.ftstudio").read_text(encoding="utf-8"))
    assert file["settings"] == {"preset": "quick", "values": {"epochs": 2.0}}
    assert file["model"]["source"] == "folder"
    assert file["data"]["name"] == "reviews.csv"
    assert str(tmp_path) not in json.dumps(file)
    assert table.read_bytes() == before


def test_columns_and_own_test_rows_are_taken(new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    data, test = tmp_path / "data.csv", tmp_path / "test.csv"
    data.write_text(reviews(40, header="label,text"), encoding="utf-8")
    test.write_text(reviews(10, header="label,text"), encoding="utf-8")

    code, document = new(
        data=data, test_data=test, more=["--column", "text=label", "--column", "label=text"], root=tmp_path / "own"
    )

    assert code == 0, document
    assert document["rows"]["test"] == 10
    manifest = json.loads((tmp_path / "own" / "data" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["roles"]["text"] == "label"


def test_an_empty_folder_may_become_the_project(new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()

    assert new()[0] == 0
    assert (tmp_path / "project" / "project.ftstudio").is_file()


def test_the_readable_answer_names_the_next_step(
    table: Path, tiny_text_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "a b"

    assert main(
        ["new", str(root), "--task", "text-classification", "--model", str(tiny_text_model), "--data", str(table)]
    ) == 0  # fmt: skip

    written = capsys.readouterr().out
    assert f"ftstudio train '{root}'" in written
    assert "train " in written


BAD_TABLES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "bad.csv"),
    "header only": (b"comment,kind\n", "bad.csv"),
    "one row": (b"comment,kind\na good film,good\n", "bad.csv"),
    "one class": (b"comment,kind\n" + b"".join(b"a good film %d,good\n" % n for n in range(40)), "good"),
    "ragged": (reviews().encode().replace(b",bad", b",bad,worse", 1), "bad.csv"),
    "unclosed quote": (reviews().encode().replace(b"\n", b'\n"', 3), "bad.csv"),
    "duplicate columns": (reviews(header="kind,kind").encode(), "kind"),
    "empty column name": (reviews(header=",label").encode(), "bad.csv"),
    "broken encoding": (reviews().encode("utf-16")[: 2 + 2 * 400 + 1], "bad.csv"),
    "one column": ("\n".join(["comment", *("a film",) * 30]).encode(), "bad.csv"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_a_bad_table_is_refused(case: str, new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    content, named = BAD_TABLES[case]
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)

    refused(new, tmp_path, named, data=bad)


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("bad.jsonl", b'{"text": "a", "label": "x"}\n{"text": "b", "label": \n' * 5, "2"),
        ("bad.json", b'[{"text": "a", "label": "x"},', "bad.json"),
        ("bad.parquet", b"PAR1" + b"\0" * 50, "bad.parquet"),
        ("bad.xlsx", b"PK\3\4 not a workbook", "bad.xlsx"),
        ("bad.docx", b"anything", ".docx"),
    ],
)
def test_a_bad_file_is_refused(
    name: str, content: bytes, named: str, new: Callable[..., tuple[int, Any]], tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)

    refused(new, tmp_path, named, data=tmp_path / name)


def test_a_missing_file_is_refused(new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    refused(new, tmp_path, "nowhere.csv", data=tmp_path / "nowhere.csv")


def test_a_label_only_in_the_test_rows_is_refused(new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    test = tmp_path / "test.csv"
    test.write_text("comment,kind\na strange film,strange\na good film,good\n", encoding="utf-8")

    code, document = new(test_data=test)

    told = json.dumps(document, ensure_ascii=False)
    assert "strange" in told
    assert code == 2 or any(problem["severity"] != "note" for problem in document["problems"])


@pytest.mark.parametrize("column", ["text=nothing", "text=comment=x", "kind=comment"])
def test_a_column_that_is_not_there_is_refused(
    column: str, new: Callable[..., tuple[int, Any]], tmp_path: Path
) -> None:
    refused(new, tmp_path, column.partition("=")[2] if column.startswith("text") else "kind", more=["--column", column])


@pytest.mark.parametrize("setting", ["epochs=0", "learning_rate=fast", "no_such=1", "epochs"])
def test_a_setting_that_cannot_be_is_refused(setting: str, new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    error = refused(new, tmp_path, "", more=["--set", setting])

    assert error["where"]["field"] == setting.partition("=")[0]


def test_an_unknown_task_names_the_others(new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    error = refused(new, tmp_path, "cooking", task="cooking")

    assert "text-classification" in error["hint"]


def test_a_model_of_another_kind_is_refused(
    new: Callable[..., tuple[int, Any]], tmp_path: Path, tiny_image_model: Path
) -> None:
    refused(new, tmp_path, "pictures", model=tiny_image_model)


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _truncated(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def _pickle_only(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _own_code(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "code.Model"}}))


def _no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


@pytest.mark.parametrize("spoil", [_without_weights, _truncated, _pickle_only, _own_code, _no_config, shutil.rmtree])
def test_a_bad_model_is_refused(
    spoil: Callable[[Path], None], new: Callable[..., tuple[int, Any]], tmp_path: Path, tiny_text_model: Path
) -> None:
    bad = tmp_path / "bad-model"
    shutil.copytree(tiny_text_model, bad)
    spoil(bad)

    refused(new, tmp_path, "", model=bad)


def test_a_starter_that_does_not_exist_names_the_others(new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    assert "minilm" in refused(new, tmp_path, "nothing", model="starter:nothing")["hint"]


def test_a_folder_with_files_is_left_alone(new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "mine.txt").write_text("mine")

    refused(new, tmp_path, "project")


def test_an_empty_folder_stays_when_the_import_fails(new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    (tmp_path / "deep" / "project").mkdir(parents=True)

    refused(new, tmp_path, "nowhere", data=tmp_path / "nowhere.csv", root=tmp_path / "deep" / "project")


def test_folders_made_on_the_way_vanish_when_the_import_fails(
    new: Callable[..., tuple[int, Any]], tmp_path: Path
) -> None:
    refused(new, tmp_path, "nowhere", data=tmp_path / "nowhere.csv", root=tmp_path / "not" / "yet" / "project")


def refused(new: Callable[..., tuple[int, Any]], folder: Path, named: str, **changed: Any) -> dict[str, Any]:
    """Run `new`, which must refuse, naming `named`, and leave `folder` as it was; return the error."""
    before = tree(folder)

    code, document = new(**changed)

    assert code == 2, document
    assert set(document) == {"error"}
    error: dict[str, Any] = document["error"]
    assert named in json.dumps(error, ensure_ascii=False)
    assert error["message"]
    assert error["hint"]
    assert "Traceback" not in json.dumps(error)
    assert tree(folder) == before
    return error


def test_how_a_table_is_read_can_be_stated(new: Callable[..., tuple[int, Any]], tmp_path: Path) -> None:
    table = tmp_path / "cells.csv"
    table.write_bytes(reviews(delimiter="|").replace("lovely", "schön").encode("cp1252"))

    refused, error = new(data=table, more=["--encoding", "utf-8"])
    code, document = new(data=table, more=["--delimiter", "|", "--encoding", "cp1252", "--header"])

    assert refused == 2 and error["error"]["where"]["file"]
    assert code == 0 and sum(document["rows"].values()) == 60


@pytest.mark.parametrize(("more", "grouped"), [([], True), (["--recordings", "alone"], False)])
def test_frames_of_one_recording_stay_together(
    new: Callable[..., tuple[int, Any]], tmp_path: Path, tiny_image_model: Path, more: list[str], grouped: bool
) -> None:
    source = frames(tmp_path / "frames")
    code, document = new(task="image-classification", model=tiny_image_model, data=source, more=more)

    assert code == 0
    codes = [problem["code"] for problem in document["problems"]]
    assert ("recordings" in codes) is grouped
    manifest = json.loads((tmp_path / "project" / "data" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["roles"].get("group") == ("recording" if grouped else None)
