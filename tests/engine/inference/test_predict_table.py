"""A whole file answered: every row the same as alone, bad rows with a reason, and the table whole or not there."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.messages import Event, Progress, Stop
from ftstudio.core.specs import Modality
from ftstudio.datasets.store import Dataset
from ftstudio.engine.control import Control
from ftstudio.engine.inference import batch_prediction
from ftstudio.project.decisions import Decision, write_decision
from tests.engine.projects import Tiny
from tests.support.faults import left_behind


@pytest.fixture
def trained(text_project: Tiny) -> Tiny:
    text_project.train()
    return text_project


def write(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def letters(folder: Path, count: int = 40) -> Path:
    signs = ("lovely superb", "awful boring", "river stone")
    rows = [[f"{signs[at % 3]} the a was " * (1 + at % 5), f"=SUM({at})", str(at)] for at in range(count)]
    return write(folder / "letters.csv", [["text", "note", "label"], *rows])


def test_every_row_gets_the_answer_it_would_get_alone(
    trained: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_prediction, "TEXTS_AT_ONCE", 7)
    source = letters(tmp_path)
    document = trained.job("predict_table", source=str(source), to=str(tmp_path / "out.csv"), shares=True)
    alone = trained.job("predict", texts=[row["text"] for row in read(source)])["predictions"]

    rows = read(tmp_path / "out.csv")
    assert (document["rows"], document["answered"], document["unreadable"]) == (40, 40, 0)
    assert sum(document["labels"].values()) == 40
    assert document["columns"]["label"] == "predicted_label"  # the file has a column “label” of its own
    assert [row["label"] for row in rows] == [str(at) for at in range(40)]
    for row, expected in zip(rows, alone, strict=True):
        assert row["predicted_label"] == expected["label"]
        assert float(row["probability"]) == pytest.approx(expected["probabilities"][expected["label"]], abs=1e-4)
        for label, share in expected["probabilities"].items():
            assert float(row[f"probability: {label}"]) == pytest.approx(share, abs=1e-4)
        assert row["known"] == "true"


def test_no_cell_of_the_table_is_a_formula(trained: Tiny, tmp_path: Path) -> None:
    trained.job("predict_table", source=str(letters(tmp_path, 3)), to=str(tmp_path / "out.csv"))

    assert [row["note"] for row in read(tmp_path / "out.csv")] == ["'=SUM(0)", "'=SUM(1)", "'=SUM(2)"]


def test_empty_rows_have_a_reason_and_the_others_an_answer(trained: Tiny, tmp_path: Path) -> None:
    source = write(tmp_path / "a.csv", [["text", "n"], ["lovely", "1"], ["  ", "2"], ["", "3"], ["awful", "4"]])
    document = trained.job("predict_table", source=str(source), to=str(tmp_path / "out.jsonl"))

    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["n"] for row in rows] == ["1", "2", "3", "4"]
    assert [bool(row["label"]) for row in rows] == [True, False, False, True]
    assert rows[1] == {"text": "  ", "n": "2", "label": None, "probability": None, "known": None,
                       "reason": "the text is empty"}  # fmt: skip
    assert (document["answered"], document["unreadable"]) == (2, 2)
    assert document["reasons"] == {"the text is empty": 2}


def test_what_the_model_does_not_know_is_said(trained: Tiny, tmp_path: Path) -> None:
    run = next(trained.layout.runs.iterdir()).name
    write_decision(trained.run(run), Decision(dont_know_below=1.0))
    document = trained.job("predict_table", source=str(letters(tmp_path, 6)), to=str(tmp_path / "out.csv"))

    assert document["unknown"] == 6
    assert {row["known"] for row in read(tmp_path / "out.csv")} == {"false"}


def test_broken_pictures_do_not_stop_the_others(
    image_project: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_prediction, "PICTURES_AT_ONCE", 4)
    image_project.train()
    folder = tmp_path / "new"
    folder.mkdir()
    for at in range(6):
        Image.new("RGB", (20, 30), (40 * at, 9, 9)).save(folder / f"{at}.png")
    (folder / "2.png").write_bytes(b"no picture")
    rows = [["image"], *([f"new/{at}.png"] for at in range(6)), ["new/gone.png"], [""]]
    source = write(tmp_path / "pictures.csv", rows)
    document = image_project.job("predict_table", source=str(source), to=str(tmp_path / "out.csv"))
    whole = image_project.job("predict_table", source=str(folder), to=str(tmp_path / "folder.csv"))

    answers = read(tmp_path / "out.csv")
    assert [bool(row["label"]) for row in answers] == [True, True, False, True, True, True, False, False]
    assert "no picture" in answers[2]["reason"] and "not there" in answers[6]["reason"]
    assert "2.png" not in answers[2]["reason"], "reasons are counted, so they name no file"
    assert answers[7]["reason"] == "no picture is named"
    assert document["unreadable"] == 3
    assert (whole["rows"], whole["answered"]) == (6, 5)
    assert [row["label"] for row in read(tmp_path / "folder.csv")] == [row["label"] for row in answers[:6]]


def test_a_cancelled_file_leaves_nothing(trained: Tiny, tmp_path: Path) -> None:
    control, target = Control(), tmp_path / "deep" / "out.csv"

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.phase.template == "Predicting" and event.done:
            control.obey(Stop())

    with pytest.raises(CancelledError):
        trained.job("predict_table", control, stop, source=str(letters(tmp_path)), to=str(target))

    assert not target.parent.exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"to": "out.csv", "columns": {"text": "nothing"}}, "no column called"),
        ({"to": "out.csv", "columns": {"nothing": "text"}}, "cannot be chosen"),
        ({"to": "out.xlsx"}, "cannot be written"),
        ({"to": ""}, "no name"),
        ({"to": "there.csv"}, "exists already"),
        ({"to": "letters.csv", "overwrite": True}, "must stay as it is"),
        ({"to": "out.csv", "source": "gone.csv"}, "no file or folder"),
        ({"to": "out.csv", "run": "no-such"}, "no run"),
    ],
)
def test_bad_wishes_change_nothing(trained: Tiny, tmp_path: Path, options: dict[str, Any], says: str) -> None:
    letters(tmp_path)
    (tmp_path / "there.csv").write_text("mine", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    given = {"source": "letters.csv", **options}
    for key in ("source", "to"):
        given[key] = str(tmp_path / given[key]) if given[key] else ""

    with pytest.raises(InputError, match=says):
        trained.job("predict_table", **given)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_an_earlier_table_is_replaced_when_asked(trained: Tiny, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old", encoding="utf-8")
    trained.job("predict_table", source=str(letters(tmp_path, 3)), to=str(tmp_path / "out.csv"), overwrite=True)

    assert len(read(tmp_path / "out.csv")) == 3


def test_what_a_killed_process_left_there_goes(trained: Tiny, tmp_path: Path) -> None:
    (tmp_path / left_behind()).write_text("half", encoding="utf-8")
    trained.job("predict_table", source=str(letters(tmp_path, 3)), to=str(tmp_path / "out.csv"))

    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["letters.csv", "out.csv"]


def test_the_project_itself_is_no_place_for_it(trained: Tiny, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must stay as it is"):
        trained.job("predict_table", source=str(letters(tmp_path)), to=str(trained.layout.data / "out.csv"))
    assert Dataset.open(trained.layout.data).count is not None
    assert Modality.TEXT
